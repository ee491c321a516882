import type { Factor } from "./factor.ts";
import type { Trial, Trials } from "./trial.ts";

/** Replays that are made when nothing else is asked for: up to so many, while all of them take no longer than this. */
export const mostReplays = 8;
export const cheapSeconds = 20;

/** Replays under fresh variation as long as they agree: one at least, more while they are cheap. The last one made. */
export async function tryVaried(
  v: Trials,
  all: readonly Factor[],
  fixed: readonly Factor[],
  asked?: number,
): Promise<Trial> {
  const most = asked ?? mostReplays;
  let trial = await v.try(all, fixed, "replaying under varied conditions");
  for (let made = 1; made < most && trial.likeness === "same"; made++) {
    const each = v.seconds / made;
    if (asked === undefined && v.seconds + each > cheapSeconds) break;
    trial = await v.try(all, fixed, `the same; replaying under other conditions (${made + 1} of up to ${most})`);
  }
  return trial;
}
