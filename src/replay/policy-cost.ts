import { isUnknown, type LeverCost, type PolicyCost, type RunRecord, type Unknown, unknown } from "#record";
import { GPU_LEVERS, type PolicyChoice, policyOf } from "#run";
import type { Store } from "#store";
import { factorsOf } from "./factor.ts";
import { eventsOf, replay } from "./replay.ts";
import { drawConditions } from "./vary/conditions.ts";

export interface CostOptions {
  readonly baseline: RunRecord;
  readonly store: Store;
  readonly version: string;
  readonly env: Readonly<Record<string, string>>;
  /** Bound on the steps of one replay. */
  readonly seconds: number;
  readonly onProgress?: (words: string) => void;
}

const ROUNDS = 3;
/** Imports, data and the first batch come before the first step. */
const START_SECONDS = 60;
const FILL = "torch-fill";
const ALGORITHMS = "torch-algorithms";
const ALL = "all";

/** Replays that are timed: which levers are on, and which of these variants it is measured against. */
interface Variant {
  readonly name: string;
  readonly levers: readonly string[];
  readonly against: string;
}

const NONE: Variant = { name: "none", levers: [], against: "none" };

/** How far the quickest two of equal replays lie apart. */
function gap(times: readonly number[]): number {
  const [first = Number.NaN, second = Number.NaN] = times.toSorted((a, b) => a - b);
  return second / first - 1;
}

/**
 * The quickest of each side, for what else the machine does only adds. The largest gap of all kinds of replays is the noise
 * of each: with three of a kind a small one is luck.
 */
export function leverCosts(
  times: ReadonlyMap<string, readonly number[]>,
  pairs: readonly { readonly name: string; readonly against: string }[],
): LeverCost[] {
  const noise = Math.max(...[...times.values()].map(gap));
  const quickest = (name: string): number => Math.min(...(times.get(name) ?? []));
  return pairs.map(({ name, against }) => {
    const ratio = quickest(name) / quickest(against);
    return { lever: name, ratio, noise, withinNoise: Math.abs(ratio - 1) <= noise };
  });
}

/** The fill acts only where the algorithms are on: it is measured beside them. */
function variantsOf(levers: readonly string[]): Variant[] {
  const single = levers.map((lever): Variant => {
    const fill = lever === FILL && levers.includes(ALGORITHMS);
    return { name: lever, levers: fill ? [ALGORITHMS, FILL] : [lever], against: fill ? ALGORITHMS : NONE.name };
  });
  return [NONE, ...single, ...(levers.length > 1 ? [{ name: ALL, levers, against: NONE.name }] : [])];
}

function leversOf(run: RunRecord): { measured: string[]; left: PolicyCost["left"] } {
  const python = run.environment.python;
  const gpu = !isUnknown(python) && "torch.cuda" in python.frameworks;
  const names = [...new Set((run.policy?.levers ?? []).flatMap(({ name, state }) => (state === "set" ? [name] : [])))];
  const why = (name: string): string | null => {
    if (name === "hash-seed") return "a number, which costs nothing";
    return GPU_LEVERS.has(name) && !gpu ? "no graphics processor in this run" : null;
  };
  return {
    measured: names.filter((name) => why(name) === null),
    left: names.flatMap((lever) => {
      const reason = why(lever);
      return reason === null ? [] : [{ lever, why: reason }];
    }),
  };
}

interface Timed {
  /** What one step in ten stays below; null: there were none. */
  readonly step: number | null;
  readonly run: number | null;
}

class Stopwatch {
  readonly #choice: PolicyChoice;

  constructor(private readonly options: CostOptions) {
    this.#choice = policyOf(options.baseline);
  }

  /** One replay, as recorded but for its levers. Its record goes again: it says nothing about results. */
  async time({ levers }: Variant): Promise<Timed | Unknown> {
    const { baseline, store, version, env, seconds } = this.options;
    const events = eventsOf(baseline, store);
    const factors = factorsOf(baseline, events);
    const held = [...new Set(factors.map(({ kind }) => kind))];
    const { run, obstacle } = await replay({
      baseline,
      store,
      version,
      env,
      conditions: drawConditions({ run: baseline, events, factors, held: factors }),
      varied: [],
      held,
      policy: { ...this.#choice, only: levers },
      pace: { seconds, startSeconds: START_SECONDS },
    });
    if (run === null) return unknown(obstacle ?? "the replay could not be made");
    const last = eventsOf(run, store).findLast((event) => event.e === "pace");
    store.runs.remove(run.id);
    const ended = run.warnings.some(({ code }) => code === "stopped-early");
    if (!ended && run.exitCode !== 0) return unknown(`a replay failed with exit code ${run.exitCode ?? "?"}`);
    return { step: last?.e === "pace" && last.seconds > 0 ? last.seconds : null, run: ended ? null : run.seconds };
  }
}

const tooLong = ({ seconds }: CostOptions): string =>
  `no optimizer steps were seen, and the whole run takes longer than ${seconds} s`;

/**
 * What each lever costs on this run: short replays with one lever and with none, in turn. Unknown where the run failed, or
 * has no steps and takes longer than the bound.
 */
export async function policyCost(options: CostOptions): Promise<PolicyCost | Unknown> {
  const { baseline, onProgress } = options;
  if (baseline.policy === undefined) return unknown("the run was under no policy");
  if (baseline.status !== "completed") return unknown("the run did not complete");
  const { measured, left } = leversOf(baseline);
  if (measured.length === 0) return unknown("no lever that could cost anything was set");
  const watch = new Stopwatch(options);
  const variants = variantsOf(measured);
  const times = new Map<string, Timed[]>(variants.map(({ name }) => [name, []]));
  let count = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    // To and fro: a machine that grows slower does not favour who comes first.
    for (const variant of round % 2 === 0 ? variants : variants.toReversed()) {
      count += 1;
      onProgress?.(`measuring what ${variant.name} costs, replay ${count} of ${ROUNDS * variants.length}`);
      const timed = await watch.time(variant);
      if (isUnknown(timed)) return timed;
      if (timed.step === null && (timed.run === null || baseline.seconds > options.seconds))
        return unknown(tooLong(options));
      times.get(variant.name)?.push(timed);
    }
  }
  const all = [...times.values()].flat();
  const per = all.every(({ step }) => step !== null) ? "step" : "run";
  if (all.some((timed) => timed[per] === null)) return unknown(tooLong(options));
  const seconds = new Map([...times].map(([name, list]) => [name, list.map((timed) => timed[per] ?? Number.NaN)]));
  const levers = leverCosts(seconds, variants.slice(1));
  return { per, seconds: Math.min(...(seconds.get(NONE.name) ?? [])), rounds: ROUNDS, levers, left };
}
