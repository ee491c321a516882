import type { CauseKind } from "#record";
import { type Factor, isSame } from "./factor.ts";
import { narrow } from "./narrow.ts";
import type { Trial, Trials } from "./trial.ts";

const isWithin = (some: readonly Factor[], held: readonly Factor[]): boolean =>
  some.every((one) => held.some((other) => isSame(one, other)));

/** How often a set of held factors must agree to count: two-valued flips agree by luck, and short runs cost little. */
const timesFor = (seconds: number): number => (seconds < 1 ? 4 : seconds < 4 ? 2 : 1);

/**
 * How often results must agree with everything held before a search for less begins, and how often with the little that was
 * found: where they part now and then whatever is held, any set may seem to suffice. Twelve agree by luck in 7 of 100
 * cases where one replay of five parts.
 */
function againFor(seconds: number): { readonly all: number; readonly found: number } {
  if (seconds < 1) return { all: 7, found: 12 };
  return seconds < 4 ? { all: 2, found: 4 } : { all: seconds < 60 ? 1 : 0, found: 2 };
}

export interface Holds {
  readonly holds: readonly Factor[];
  readonly complete: boolean;
  /** A replay in which all of them were held and which parted nevertheless: that they agreed before was luck. */
  readonly broken: Trial | null;
  /** So many replays agreed after the set was found, with it held and everything else drawn anew. */
  readonly agreed: number;
}

/**
 * The least that must be held. A two-valued flip (the order of a set of two) agrees by luck every other time, so a set
 * counts as sufficient only after `times` agreeing replays under fresh variation, and what was found is asked again at
 * the end; where it fails then, the search begins anew and asks more often.
 */
export async function findHolds(
  v: Trials,
  factors: readonly Factor[],
  fixed: readonly Factor[],
  budget: number,
): Promise<Holds> {
  let left = budget;
  const broken = (): Trial | null =>
    v.made.find((trial) => trial.likeness === "parted" && isWithin([...factors, ...fixed], trial.held)) ?? null;
  const suffices = async (held: readonly Factor[], times: number): Promise<boolean> => {
    // Results parted with these and more held: without the rest they part all the more.
    if (v.made.some((trial) => trial.likeness === "parted" && isWithin([...held, ...fixed], trial.held))) return false;
    const names = [...new Set(held.map((factor) => factor.kind))].join(", ") || "nothing";
    for (let made = 0; made < times; made++) {
      left -= 1;
      const trial = await v.try([...factors, ...fixed], [...held, ...fixed], `what must be held? trying ${names}`);
      if (trial.likeness !== "same") return false;
    }
    return true;
  };
  const again = againFor(v.options.baseline.seconds);
  // Not of the budget, which is for the search; where that is small, fewer.
  const whole = Math.min(again.all, Math.floor(budget / 4));
  for (let made = 0; made < whole; made++) {
    const every = [...factors, ...fixed];
    const trial = await v.try(every, every, "with everything held: do they agree each time?");
    if (trial.likeness === "parted") return { holds: factors, complete: false, broken: trial, agreed: 0 };
  }
  const kinds = [...new Set(factors.map((factor) => factor.kind))];
  const ofKinds = (some: readonly CauseKind[]): Factor[] => factors.filter((factor) => some.includes(factor.kind));
  for (let times = timesFor(v.options.baseline.seconds); ; times++) {
    // First which kinds, then which places: a run may read the clock in fifty places and have one cause.
    const rng: readonly CauseKind[] = ["unseeded-rng"];
    const alone = kinds.length > 1 && kinds.includes("unseeded-rng") && (await suffices(ofKinds(rng), times));
    const guilty = alone
      ? { held: rng, complete: true }
      : await narrow(kinds, (some) => suffices(ofKinds(some), times), left);
    const among = ofKinds(guilty.held);
    if (!guilty.complete || left <= 0) return { holds: among, complete: false, broken: broken(), agreed: 0 };
    const found = await narrow(among, (held) => suffices(held, times), left);
    if (!found.complete || left <= 0) return { holds: found.held, complete: false, broken: broken(), agreed: 0 };
    const agreed = Math.max(times + 1, again.found);
    if (await suffices(found.held, agreed)) return { holds: found.held, complete: true, broken: null, agreed };
    if (broken() !== null) return { holds: factors, complete: false, broken: broken(), agreed: 0 };
  }
}
