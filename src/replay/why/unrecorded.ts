import { likenessOf, luck } from "#compare";
import type { Cause, RunId, Unresolved } from "#record";
import { wasStopped } from "#run";
import { gatherEvidence } from "../evidence.ts";
import type { Factor } from "../factor.ts";
import type { Lever } from "../lever.ts";
import { narrow } from "../narrow.ts";
import { eventsOf } from "../replay.ts";
import type { Trial, Trials } from "../trial.ts";

/** Below this the agreement under a lever is no luck. */
const LUCK = 0.05;
/** Runs from here on are repeated less often. */
const LONG_SECONDS = 120;
/** Runs below this are worth patience where they part rarely. */
const QUICK_SECONDS = 10;
const MOST_TRIALS = 16;
const MOST_PAIRS = 10;
const MOST_FREE_PAIRS = 8;
const MOST_PROOF_PAIRS = 16;
const MOST_ROUNDS = 3;

/** Names of the agent's faults that say an intervention did not work. */
const INTERVENTIONS: readonly string[] = ["network answers", "answers of the network", "serial threads"];

interface Pairs {
  readonly parted: number;
  readonly made: number;
  readonly runs: readonly RunId[];
  readonly last: Trial;
}

/**
 * Replays in a row under the same conditions, each compared with the one before it; `first` is one that was made before.
 * null where it cannot be told.
 */
async function pairsOf(
  v: Trials,
  all: readonly Factor[],
  how: {
    readonly levers: readonly Lever[];
    readonly count: number;
    /** So many until `count` of them part: what shows rarely needs patience. */
    readonly most?: number;
    readonly words: string;
    readonly first?: Trial;
  },
): Promise<Pairs | null> {
  const untilParted = how.levers.length > 0;
  const runs: RunId[] = [];
  let [parted, made] = [0, 0];
  // One that was ended where it parted from the run lacks what came after: beside a whole one that would part.
  let before: Trial | null = how.first?.side == null || wasStopped(how.first.side.run) ? null : how.first;
  if (before?.side != null) runs.push(before.side.run.id);
  while (made < how.count || (parted < how.count && made < (how.most ?? 0))) {
    const trial: Trial = await v.try(all, all, how.words, { levers: how.levers, complete: true });
    if (trial.side === null || trial.replayed.obstacle !== null) return null;
    if (how.levers.length > 0 && !isUndisturbed(v, trial)) return null;
    runs.push(trial.side.run.id);
    if (before?.side != null) {
      made += 1;
      const likeness = likenessOf(before.side.run, gatherEvidence(before.side, trial.side));
      if (likeness === "unseen") return null;
      if (likeness === "parted") parted += 1;
    }
    before = trial;
    if (parted > 0 && untilParted) break;
  }
  return before === null ? null : { parted, made, runs, last: before };
}

/** So many pairs agree by luck in less than one case of twenty where each parts at this rate. */
function pairsFor(rate: number): number {
  return rate >= 1 ? 2 : Math.min(MOST_PAIRS, Math.max(2, Math.ceil(Math.log(LUCK) / Math.log(1 - rate))));
}

/** So many that luck is excluded, or as many as are worth it. */
function proofPairs(parted: number, made: number): number {
  let pairs = 4;
  while (pairs < MOST_PROOF_PAIRS && luck(parted, made, pairs) >= LUCK) pairs++;
  return pairs;
}

/** Under what was to take a cause away the program has to end as it did, and the intervention to have worked. */
export function isUndisturbed(v: Trials, { side }: Trial): boolean {
  if (side === null) return false;
  const { exitCode, signal, status } = v.options.baseline;
  const { run } = side;
  if (run.exitCode !== exitCode || run.signal !== signal || run.status !== status) return false;
  return !eventsOf(run, v.options.store).some((event) => event.e === "fault" && INTERVENTIONS.includes(event.what));
}

const WORDS: Readonly<Record<string, string>> = {
  threads: "threads add up numbers in another order each time",
  "worker-order": "which worker gets which piece of the work, and which ends first, decides what comes out",
  network: "a server gives another answer each time",
  "address-order": "an order follows the addresses of objects, which are other ones in every process",
};

const UNDER: Readonly<Record<string, string>> = {
  threads: "with one thread",
  "worker-order": "with one worker",
  network: "with the answers of one replay given back in the others",
  "address-order": "with addresses that are not random",
};

/** What hands the work out itself and gives results back by itself: it is mended where it was asked for more than one. */
const OWN_WORKERS = /^(Parallel|DataLoader|Word2Vec|Doc2Vec|FastText|LdaMulticore)$/;

/** The line where the program asked for the workers that were taken away; null when several did, or a pool of its own. */
function askedAt(lever: Lever, under: Trial, v: Trials): { file: string; line: number } | null {
  if (lever.serial !== "workers" || under.side === null) return null;
  const asked = eventsOf(under.side.run, v.options.store).flatMap((event) => (event.e === "serial" ? [event] : []));
  const [first, ...rest] = asked;
  const isOne =
    asked.every(({ name }) => OWN_WORKERS.test(name)) && rest.every(({ f, l }) => f === first?.f && l === first.l);
  return first === undefined || !isOne ? null : { file: first.f, line: first.l };
}

/** Levers under which pairs of replays agree, beside how often they part without. */
interface Shown {
  readonly levers: readonly Lever[];
  readonly free: Pairs;
  readonly under: Pairs;
}

function causesOf({ levers, free, under }: Shown, v: Trials, isAskedAgain: boolean): Cause[] {
  const p = luck(free.parted, free.made, under.made);
  const together = levers.length === 1 ? "" : " (together with the others)";
  return levers.map((lever): Cause => {
    const place = askedAt(lever, under.last, v);
    return {
      kind: lever.kind,
      file: place?.file ?? null,
      line: place?.line ?? null,
      name: lever.name,
      words: WORDS[lever.kind] ?? lever.name,
      certainty: isAskedAgain && p < LUCK ? "controlled" : "consistent",
      proof: [
        {
          action: "fix",
          runs: [...free.runs, ...under.runs],
          outcome: `${UNDER[lever.kind] ?? lever.name}${together} ${under.made} of ${under.made} pairs of replays agree; without, ${free.parted} of ${free.made} part (by luck: p = ${p.toPrecision(2)})`,
        },
      ],
      fix: "",
    };
  });
}

/** The search ended before it was known which of these levers it takes: one alone is told as a cause, more as open. */
function cutShort(shown: Shown, v: Trials): { causes: readonly Cause[]; unresolved: readonly Unresolved[] } {
  const { levers, under } = shown;
  if (levers.length === 1) return { causes: causesOf(shown, v, false), unresolved: [] };
  const names = levers.map(({ name }) => name).join(", ");
  const reason = `under ${names} ${under.made} of ${under.made} pairs of replays agree; which of these it takes was not tried to the end`;
  return { causes: [], unresolved: levers.map(({ kind, name }) => ({ kind, name, reason })) };
}

export interface Unrecorded {
  readonly causes: readonly Cause[];
  /** What was pulled to make runs agree, and a replay under it; null when nothing did. */
  readonly under: { readonly levers: readonly Lever[]; readonly trial: Trial } | null;
  /** Of replays with everything recorded held, so many of so many pairs parted: 0 where none did, or none could be told. */
  readonly parted: number;
  readonly pairs: number;
  /** Levers under which pairs agreed at first, and parted when they were asked again. */
  readonly seldom: readonly Lever[];
}

/**
 * Results part even with every recorded factor held: which intervention makes replays agree with each other? Agreement is
 * asked of pairs, because an intervention may change the results themselves. Shown with as many pairs as parted ones are
 * needed to exclude luck (four against four, Fisher's exact test). `isBaselineTold`: all that the recorded run had could be
 * brought back, so that the run and its replay are a pair too. `tell` is called where the search is cut short.
 */
export async function unrecordedCauses(
  v: Trials,
  all: readonly Factor[],
  held: Trial,
  levers: readonly Lever[],
  isBaselineTold: boolean,
  tell: (known: ReturnType<typeof cutShort>) => void,
): Promise<Unrecorded> {
  const many = v.options.baseline.seconds < LONG_SECONDS;
  const nothing = { causes: [], under: null, seldom: [] };
  const ask = "everything recorded is held and results still part: how often?";
  const first = await pairsOf(v, all, {
    levers: [],
    count: many ? 3 : 1,
    most: v.options.baseline.seconds < QUICK_SECONDS ? MOST_FREE_PAIRS : 0,
    words: ask,
    first: held,
  });
  if (first === null || first.parted === 0) return { ...nothing, parted: 0, pairs: first?.made ?? 0 };
  const more = isBaselineTold ? 1 : 0;
  const free = { ...first, parted: first.parted + more, made: first.made + more };
  const rate = { parted: free.parted, pairs: free.made };
  let least: Shown | null = null;
  const under = async (some: readonly Lever[], count: number): Promise<Pairs | null> => {
    const words = `trying ${some.map((lever) => lever.name).join(", ")}`;
    const pairs = await pairsOf(v, all, { levers: some, count, words });
    if (pairs?.parted === 0 && some.length < (least?.levers.length ?? Number.POSITIVE_INFINITY))
      least = { levers: some, free, under: pairs };
    return pairs;
  };
  let count = many ? pairsFor(free.parted / free.made) : 2;
  const seldom: (readonly Lever[])[] = [];
  const suffices = async (some: readonly Lever[]): Promise<boolean> => {
    // Pairs parted under these and more.
    if (some.length === 0 || seldom.some((these) => some.every((one) => these.includes(one)))) return false;
    return (await under(some, count))?.parted === 0;
  };
  try {
    for (const lever of levers.filter((one) => one.isWrittenFirst))
      await v.try(all, all, `writing down ${lever.name}`, { levers: [lever], complete: true });
    if (!(await suffices(levers))) return { ...nothing, ...rate };
    const together: Shown | null = least;
    for (let round = 1; ; round++, count *= 2) {
      const found = await narrow(levers, suffices, MOST_TRIALS);
      // One that is left over, or all of them, are found without being asked.
      if (seldom.some((these) => found.held.every((one) => these.includes(one))))
        return { ...nothing, ...rate, seldom: found.held };
      // The set that was found is asked again, and oftener: those pairs are the proof.
      const shown = found.complete ? await under(found.held, many ? proofPairs(free.parted, free.made) : 2) : null;
      if (shown?.parted === 0) {
        const causes = causesOf({ levers: found.held, free, under: shown }, v, true);
        return { causes, under: { levers: found.held, trial: shown.last }, ...rate, seldom: [] };
      }
      // It had agreed by luck: what was passed over for it is tried too, of runs that are quick.
      if (shown === null || round === MOST_ROUNDS || v.options.baseline.seconds >= QUICK_SECONDS)
        return { ...nothing, ...rate, seldom: found.held };
      least = together;
      seldom.push(found.held);
    }
  } catch (error) {
    if (least !== null) tell(cutShort(least, v));
    throw error;
  }
}
