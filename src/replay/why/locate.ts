import { tmpdir } from "node:os";
import type { Cause, Divergence } from "#record";
import { type Factor, isSame } from "../factor.ts";
import { eventsOf } from "../replay.ts";
import type { Trials } from "../trial.ts";
import type { Known } from "./known.ts";
import { networkOf } from "./levers.ts";
import { firstDivergence, type Looks } from "./where.ts";

/** Two replays to be compared with each other: under which factors held. */
export interface Pair {
  readonly all: readonly Factor[];
  readonly a: readonly Factor[];
  readonly b: readonly Factor[];
}

function looksOf(v: Trials, pair: Pair): Looks {
  return {
    seconds: v.options.baseline.seconds,
    async look(of, words, how) {
      const { side } = await v.try(pair.all, pair[of], words, { ...how, complete: true });
      return side === null ? [] : eventsOf(side.run, v.options.store);
    },
  };
}

/** What flips does not show every time: in one pair of three, where one run of four comes out otherwise. */
const mostLooks = (seconds: number): number => (seconds < 2 ? 8 : seconds < 10 ? 4 : 3);

async function look(v: Trials, pair: Pair): Promise<Divergence | null> {
  for (let made = 0; made < mostLooks(v.options.baseline.seconds); made++) {
    const found = await firstDivergence(looksOf(v, pair), v.options.parent ?? tmpdir());
    if (found !== null) return found;
  }
  return null;
}

/** Where the causes come in: for those that no line brought in, the first line that differs when only that one is let go. */
export async function locate(
  v: Trials,
  known: Known,
  causes: readonly Cause[],
  pair: Pair,
  guilty: readonly Factor[],
): Promise<void> {
  // Lines are traced in Python only.
  if (!v.events.some((event) => event.e === "hello" && event.lang === "python")) return;
  const places = new Map<Cause, Divergence>();
  const whole = await look(v, pair);
  known.divergence ??= whole;
  for (const cause of causes.filter((one) => one.file === null)) {
    const factor = guilty.find((one) => one.kind === cause.kind && one.name === cause.name && one.line === cause.line);
    const alone = factor === undefined ? pair : { ...pair, b: pair.all.filter((one) => !isSame(one, factor)) };
    const place = causes.length === 1 ? whole : await look(v, alone);
    if (place?.file != null) places.set(cause, place);
  }
  known.causes = known.causes.map((cause) => {
    const place =
      places.get(cause) ?? (cause.kind === "network" && cause.file === null ? networkOf(v.events) : undefined);
    return place == null ? cause : { ...cause, file: place.file, line: place.line };
  });
}
