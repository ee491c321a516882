import { luck } from "#compare";
import type { Cause, Proof, RunId } from "#record";
import { type Factor, holdOf, locateDraws } from "../factor.ts";
import { findHolds } from "../holds.ts";
import { eventsOf } from "../replay.ts";
import type { Trial, Trials } from "../trial.ts";

/**
 * A factor alone is drawn anew until its parting is no luck beside the replays that agree with it held (Fisher's exact
 * test), at most so often: what is a flip between two values shows every other time. Of runs that last, one that parts has
 * to do.
 */
const patienceFor = (seconds: number): { readonly luck: number; readonly most: number } =>
  seconds < 1 ? { luck: 0.02, most: 40 } : seconds < 4 ? { luck: 0.1, most: 12 } : { luck: 1, most: 4 };

/** So often the search begins anew where what was found turns out not to suffice. */
const MOST_SEARCHES = 3;
/** So often one is drawn anew alone where results parted with it and others drawn anew: alone it may be too little. */
const MOST_ALONE = 12;

/** Replays spent on the smallest set, beyond what is asked for as budget; of runs that take long, fewer. */
const MOST_TRIALS = 60;
const MOST_LONG_TRIALS = 30;
const LONG_SECONDS = 60;

const idsOf = (trials: readonly Trial[]): RunId[] =>
  trials.flatMap(({ replayed }) => (replayed.run === null ? [] : [replayed.run.id]));

const parts = (trial: Trial): boolean => trial.likeness === "parted";
const holdsAll = (trial: Trial, factors: readonly Factor[]): boolean =>
  factors.every((one) => trial.held.includes(one));

/** With all of the guilty held results parted after all: they are not all that it takes. */
class Insufficient extends Error {}

/** Replays with the guilty held and everything else drawn anew, since they were found: all of them agree. */
interface Held {
  readonly guilty: readonly Factor[];
  agreed: number;
}

interface Released {
  readonly apart: readonly Trial[];
  /** No luck, beside those that agree. */
  readonly isShown: boolean;
}

/** Replays in which everything is held but this one: do they part, as those with the guilty held do not? Throws Insufficient. */
async function released(v: Trials, all: readonly Factor[], held: Held, one: Factor): Promise<Released> {
  const { seconds } = v.options.baseline;
  const { luck: most, most: times } = patienceFor(seconds);
  const others = held.guilty.filter((factor) => factor !== one);
  const rest = all.filter((factor) => factor !== one);
  const seen = v.made.filter((trial) => parts(trial) && !trial.held.includes(one) && holdsAll(trial, others));
  const whole = seen.filter((trial) => holdsAll(trial, rest));
  if (whole.length > 0 && most === 1) return { apart: whole, isShown: true };
  const apart: Trial[] = [];
  for (let made = 1; made <= times; made++) {
    const trial = await v.try(all, rest, `only ${one.name} drawn anew: do results part?`);
    if (parts(trial)) apart.push(trial);
    if (apart.length > 0 && (most === 1 || luck(apart.length, made, held.agreed) <= most))
      return { apart, isShown: true };
    if (apart.length === 0 && seen.length > 0 && made >= MOST_ALONE) break;
    if (most === 1 || held.agreed > made) continue;
    const names = held.guilty.map(({ name }) => name).join(", ");
    const again = await v.try(all, held.guilty, `only ${names} held: do results agree?`);
    if (parts(again)) throw new Insufficient();
    if (again.likeness !== "same") break;
    held.agreed += 1;
  }
  if (apart.length > 0) return { apart, isShown: false };
  // It did not part alone. With others that are no causes it may: those alone are counted then.
  const along = v.made.filter(
    (trial) => !trial.held.includes(one) && holdsAll(trial, others) && !holdsAll(trial, rest),
  );
  const partedAlong = along.filter(parts);
  const isShown = partedAlong.length > 0 && luck(partedAlong.length, along.length, held.agreed) <= most;
  return { apart: partedAlong, isShown };
}

async function causeOf(v: Trials, all: readonly Factor[], held: Held, one: Factor): Promise<Cause> {
  const { words } = holdOf(one);
  const { guilty } = held;
  const { apart, isShown } = await released(v, all, held, one);
  const transplanted = v.made.filter(
    (trial) => trial.likeness === "same" && holdsAll(trial, guilty) && trial.held.length < all.length,
  );
  const both = transplanted.length > 0 && apart.length > 0 && isShown;
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

/** Each of the guilty shown both ways. Those of which nothing could be shown any more are told too. Throws Insufficient. */
async function proved(v: Trials, all: readonly Factor[], held: Held, tell: (cause: Cause) => void): Promise<void> {
  const causes: Cause[] = [];
  try {
    for (const one of held.guilty) causes.push(await causeOf(v, all, held, one));
  } catch (error) {
    // Cut short: what must be held is known, and which of them part results alone is not.
    if (!(error instanceof Insufficient))
      for (const cause of [...causes, ...held.guilty.slice(causes.length).map(unshown)]) tell(cause);
    throw error;
  }
  for (const cause of causes) tell(cause);
}

/**
 * Results are the same with every recorded factor held and part without: the smallest set that must be held, each of its
 * members shown both ways and told. `held` is the replay with everything held, which looked for first draws.
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
  for (let search = 1; ; search++) {
    const found = await findHolds(v, free, [], seconds < LONG_SECONDS ? MOST_TRIALS : MOST_LONG_TRIALS);
    const { holds: guilty, agreed } = found;
    if (!found.complete) return { guilty, complete: false, broken: found.broken };
    try {
      await proved(v, free, { guilty, agreed }, tell);
      return { guilty, complete: true, broken: null };
    } catch (error) {
      if (!(error instanceof Insufficient)) throw error;
      // The next search holds everything again first, and tells where that parts.
      if (search === MOST_SEARCHES) return { guilty, complete: false, broken: null };
    }
  }
}
