import { blindnessOf, firstPointApart } from "#compare";
import type { AgentEvent, RunId, RunRecord } from "#record";
import type { StopCheck } from "#run";
import type { Side } from "./evidence.ts";
import type { Factor } from "./factor.ts";
import { type Leftover, leftoversOf } from "./leftover.ts";
import type { Lever } from "./lever.ts";
import { type Compared, compareReplay } from "./likeness.ts";
import { eventsOf, type Replayed, type ReplayOptions, recordedFolders, replay } from "./replay.ts";
import { sideOf } from "./side.ts";
import { drawConditions, hashVaries } from "./vary/conditions.ts";
import { HashSeeds } from "./vary/hash-seeds.ts";

export interface TrialsOptions extends Pick<ReplayOptions, "store" | "version" | "env" | "parent" | "keep" | "strict"> {
  readonly baseline: RunRecord;
  /** Go on to the end of a replay after it has parted. */
  readonly complete?: boolean;
  /** Noise is measured: hash seeds are not to be picked by what they change. */
  readonly anyHashSeed?: boolean;
  /** Pulled in every replay. */
  readonly levers?: readonly Lever[];
  /** What replays are compared with; the baseline when left out. */
  readonly reference?: Side;
  readonly onProgress?: (words: string) => void;
  /** A replay has ended, and is about to be compared. */
  readonly onReplay?: (replayed: Replayed) => void;
}

/** What else one replay is to do. */
export interface How extends Pick<ReplayOptions, "observe" | "levers" | "into"> {
  readonly locate?: boolean;
  readonly complete?: boolean;
}

export interface Trial extends Compared {
  readonly held: readonly Factor[];
  readonly replayed: Replayed;
}

/** Why a trial shows nothing either way; null where it does. */
export function blindness(baseline: RunRecord, { replayed, evidence }: Trial): string | null {
  if (replayed.obstacle !== null) return replayed.obstacle;
  return evidence === null ? "no replay could be made" : blindnessOf(baseline, evidence);
}

function stopper(baseline: RunRecord): StopCheck {
  const series = new Map(
    baseline.metrics
      .filter((m) => !m.timing && !m.redrawn && m.dropped === 0)
      .map((m) => [`${m.source}\0${m.name}`, m.points]),
  );
  return (source, reading, index) => {
    const points = series.get(`${source}\0${reading.name}`);
    const point = points?.[index];
    if (point === undefined || reading.timing) return false;
    return firstPointApart([point], [{ step: reading.step, value: reading.value }]) !== -1;
  };
}

/** Replays of one run under conditions of our choice: what they cost, what they showed. */
export class Trials {
  readonly replays: RunId[] = [];
  /** Every replay that was made, in order. */
  readonly made: Trial[] = [];
  readonly warnings = new Set<string>();
  readonly events: readonly AgentEvent[];
  /** Files outside the project that the run left other than it had found them. */
  readonly leftovers: readonly Leftover[];
  readonly #side: Side;
  readonly #from = performance.now();
  readonly #hashSeeds: HashSeeds;
  agreeing = 0;

  constructor(readonly options: TrialsOptions) {
    this.events = eventsOf(options.baseline, options.store);
    this.#hashSeeds = new HashSeeds(options.baseline);
    this.leftovers = leftoversOf(options.baseline, this.events, options.store);
    this.#side =
      options.reference ??
      sideOf(options.baseline, this.events, options.store, recordedFolders(options.baseline, options.store));
  }

  get seconds(): number {
    return (performance.now() - this.#from) / 1000;
  }

  /** One replay with `held` as recorded and the rest of `factors` drawn anew. */
  async try(factors: readonly Factor[], held: readonly Factor[], words: string, how: How = {}): Promise<Trial> {
    const { baseline, store, onProgress } = this.options;
    onProgress?.(words);
    const { locate = false, observe, into } = how;
    const levers = [...(this.options.levers ?? []), ...(how.levers ?? [])];
    const { leftovers } = this;
    const picks = this.options.anyHashSeed !== true && hashVaries({ factors, held });
    const hashSeed = picks ? { hashSeed: await this.#hashSeeds.draw() } : {};
    const conditions = drawConditions({
      run: baseline,
      events: this.events,
      factors,
      held,
      locate,
      leftovers,
      ...hashSeed,
    });
    const kinds = (list: readonly Factor[]): string[] => [...new Set(list.map((factor) => factor.kind))];
    const replayed = await replay({
      ...this.options,
      conditions,
      varied: kinds(factors.filter((factor) => !held.includes(factor))),
      held: kinds(held),
      ...(observe === undefined ? {} : { observe }),
      ...(into === undefined ? {} : { into }),
      levers,
      ...(this.options.complete === true || how.complete === true ? {} : { stopWhen: stopper(this.#side.run) }),
    });
    for (const warning of replayed.warnings) this.warnings.add(warning);
    this.options.onReplay?.(replayed);
    const trial = { held, replayed, ...compareReplay(this.#side, replayed, store) };
    if (replayed.run === null) return trial;
    this.replays.push(replayed.run.id);
    if (trial.likeness === "same") this.agreeing += 1;
    this.made.push(trial);
    return trial;
  }
}
