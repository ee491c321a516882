import type { Cause, Proof, RunId } from "#record";
import { type Factor, holdOf, locateDraws } from "../factor.ts";
import { findHolds } from "../holds.ts";
import { eventsOf } from "../replay.ts";
import type { Trial, Trials } from "../trial.ts";

/** How often a factor alone is drawn anew to see results part: a flip between two values shows every other time. */
const MOST_RELEASES = 4;

/** Replays spent on the smallest set, beyond what is asked for as budget; of runs that take long, fewer. */
const MOST_TRIALS = 60;
const MOST_LONG_TRIALS = 30;
const LONG_SECONDS = 60;

const idsOf = (trials: readonly Trial[]): RunId[] =>
  trials.flatMap(({ replayed }) => (replayed.run === null ? [] : [replayed.run.id]));

const parts = (trial: Trial): boolean => trial.likeness === "parted";
const holdsAll = (trial: Trial, factors: readonly Factor[]): boolean =>
  factors.every((one) => trial.held.includes(one));

/** A replay in which everything is held but this one parts: seen before, or sought now. */
async function released(v: Trials, all: readonly Factor[], guilty: readonly Factor[], one: Factor): Promise<Trial[]> {
  const others = guilty.filter((factor) => factor !== one);
  const seen = v.made.filter((trial) => parts(trial) && !trial.held.includes(one) && holdsAll(trial, others));
  const whole = seen.filter((trial) =>
    holdsAll(
      trial,
      all.filter((factor) => factor !== one),
    ),
  );
  if (whole.length > 0) return whole;
  for (let made = 0; made < MOST_RELEASES; made++) {
    const rest = all.filter((factor) => factor !== one);
    const trial = await v.try(all, rest, `only ${one.name} drawn anew: do results part?`);
    if (parts(trial)) return [trial];
  }
  return seen;
}

async function causeOf(v: Trials, all: readonly Factor[], guilty: readonly Factor[], one: Factor): Promise<Cause> {
  const { words } = holdOf(one);
  const transplanted = v.made.filter(
    (trial) => trial.likeness === "same" && holdsAll(trial, guilty) && trial.held.length < all.length,
  );
  const apart = await released(v, all, guilty, one);
  const both = transplanted.length > 0 && apart.length > 0;
  const these = guilty.length === 1 ? "this" : `this and the other ${guilty.length - 1}`;
  const alone = apart.some((trial) => trial.held.length === all.length - 1);
  const proof: Proof[] = [
    {
      action: "transplant",
      runs: idsOf(transplanted),
      outcome: `with ${these} as recorded and everything else drawn anew, every result is the same`,
    },
    {
      action: "transplant",
      runs: idsOf(apart),
      outcome: alone
        ? "with only this drawn anew and everything else as recorded, results part"
        : "with this drawn anew and the other causes as recorded, results part",
    },
  ];
  return {
    kind: one.kind,
    file: one.file,
    line: one.line,
    name: one.name,
    words,
    certainty: both ? "proved" : "consistent",
    proof: proof.filter((item) => item.runs.length > 0),
    fix: "",
  };
}

/** The search ended before this one was drawn anew alone. */
function unshown(one: Factor): Cause {
  const { kind, file, line, name } = one;
  return { kind, file, line, name, words: holdOf(one).words, certainty: "consistent", proof: [], fix: "" };
}

export interface Recorded {
  readonly guilty: readonly Factor[];
  readonly complete: boolean;
  /** A replay with everything held that parted after all: something parts that no record holds. */
  readonly broken: Trial | null;
}

/**
 * Results are the same with every recorded factor held and part without: the smallest set that must be held, each of its
 * members shown both ways and told as soon as it is. `held` is the replay with everything held, which looked for first draws.
 */
export async function recordedCauses(
  v: Trials,
  all: readonly Factor[],
  held: Trial,
  tell: (cause: Cause) => void,
): Promise<Recorded> {
  const run = held.replayed.run;
  const free = run === null ? all : locateDraws(all, eventsOf(run, v.options.store));
  const { seconds } = v.options.baseline;
  const found = await findHolds(v, free, [], seconds < LONG_SECONDS ? MOST_TRIALS : MOST_LONG_TRIALS);
  if (!found.complete) return { guilty: found.holds, complete: false, broken: found.broken };
  const rest = [...found.holds];
  try {
    for (let one = rest[0]; one !== undefined; one = rest[0]) {
      tell(await causeOf(v, free, found.holds, one));
      rest.shift();
    }
  } finally {
    // Cut short: what must be held is known, and which of them part results alone is not.
    for (const one of rest) tell(unshown(one));
  }
  return { guilty: found.holds, complete: true, broken: null };
}
