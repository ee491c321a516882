import type { Factor } from "../factor.ts";
import type { Trial, Trials } from "../trial.ts";

/** Replays that are made when nothing else is asked for: up to so many, while all of them take no longer than this. */
export const mostReplays = 8;
const CHEAP_SECONDS = 20;

/** A factor that has two states only (the order of a set of two) is the same again half of the time. */
const LEAST = [
  { replays: 3, seconds: 120 },
  { replays: 2, seconds: 300 },
] as const;

/** Whether one more replay is worth its time when nobody said how many. */
export const mayAgain = (made: number, spent: number, each: number): boolean =>
  spent + each <= CHEAP_SECONDS || LEAST.some(({ replays, seconds }) => made < replays && spent + each <= seconds);

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
    if (asked === undefined && !mayAgain(made, v.seconds, each)) break;
    trial = await v.try(all, fixed, `the same; replaying under other conditions (${made + 1} of up to ${most})`);
  }
  return trial;
}
