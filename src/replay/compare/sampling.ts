import type { RunRecord } from "#record";
import { type Budget, Purse } from "../blame/budget.ts";
import { recordedSamples } from "./recorded-samples.ts";
import { keptSample, makeSample, type Sample, type SampleContext, type SampleQuestion, Stopped } from "./sample.ts";
import { isDecimal, type Seed, seedAt } from "./seeds.ts";
import { type Start, startOf } from "./start.ts";

export interface SamplingOptions extends SampleContext {
  readonly a: RunRecord;
  readonly b: RunRecord;
  readonly base: string;
  readonly argument: string | null;
  /** Seeds on each side. */
  readonly seeds: number;
  /** How often the first one is taken on each side: what then differs is no part of what seeds do. */
  readonly repeats: number;
  readonly budget?: Budget;
  readonly signal?: AbortSignal;
  /** What is being done, and how many replays are left. */
  readonly onProgress?: (words: string, left: number) => void;
}

export type Side = "a" | "b";

export interface Sampled {
  readonly seeds: readonly Seed[];
  readonly samples: Readonly<Record<Side, readonly Sample[]>>;
  readonly starts: ReadonlyMap<Sample, Start>;
  readonly made: number;
  /** Why it ended before all seeds were done; null: it did not. */
  readonly ended: string | null;
  /** What else a reader should know of the samples; null: nothing. */
  readonly note: string | null;
}

interface Planned {
  readonly side: Side;
  readonly index: number;
  readonly repeat: number;
}

/** After so many seeds it is seen whether they change anything, and whether replays can be made at all. */
const LOOK_AFTER = 3;

/** Both sides in turn, so that whatever ends it early leaves pairs; the same seed again early on. */
function planOf(seeds: number, repeats: number): Planned[] {
  const plan: Planned[] = [];
  const both = (index: number, repeat: number): void => {
    for (const side of ["a", "b"] as const) plan.push({ side, index, repeat });
  };
  for (let index = 0; index < seeds; index++) {
    both(index, 0);
    if (index === 0) for (let repeat = 1; repeat < repeats; repeat++) both(0, repeat);
  }
  return plan;
}

class Sampler {
  readonly samples: Record<Side, Sample[]> = { a: [], b: [] };
  readonly starts = new Map<Sample, Start>();
  readonly seeds: Seed[];
  readonly #purse: Purse;
  made = 0;

  constructor(readonly options: SamplingOptions) {
    const { a, b, base, seeds, budget } = options;
    this.seeds = Array.from({ length: seeds }, (_, index) => seedAt(base, index, isDecimal(a, b)));
    this.#purse = new Purse(budget ?? {});
  }

  question({ side, index, repeat }: Planned): SampleQuestion {
    const seed = this.seeds[index];
    if (seed === undefined) throw new RangeError(`there is no seed ${index}`);
    return { side: this.options[side], seed, index, repeat, argument: this.options.argument };
  }

  /** null: the budget is spent. */
  async #get(planned: Planned, left: number): Promise<Sample | null> {
    const { options } = this;
    const question = this.question(planned);
    const kept = keptSample(question, options);
    if (kept !== null) return kept;
    if (options.signal?.aborted === true) throw new Stopped("stopped");
    if (this.#purse.left(this.made) === 0) return null;
    const again = planned.repeat === 0 ? "" : ", the same seed again";
    const words = `seed ${planned.index + 1} of ${options.seeds}, ${planned.side.toUpperCase()}${again}`;
    options.onProgress?.(words, left);
    this.made += 1;
    return makeSample(question, options, options.signal);
  }

  /** Whether the seeds so far show that more would show nothing; why. */
  #hopeless(): string | null {
    for (const side of ["a", "b"] as const) {
      const failed = this.samples[side].filter((sample) => sample.failure !== null);
      if (failed.length > 0 && failed.length === this.samples[side].length)
        return `every replay of ${side.toUpperCase()} failed: ${failed[0]?.failure ?? ""}`;
    }
    const still = (["a", "b"] as const).every((side) => !seedsReach(this.samples[side], this.starts));
    return still ? `seeds change nothing on either side: ended after ${LOOK_AFTER} of ${this.options.seeds}` : null;
  }

  async go(): Promise<string | null> {
    const plan = planOf(this.options.seeds, this.options.repeats);
    let left = plan.filter((planned) => keptSample(this.question(planned), this.options) === null).length;
    for (const planned of plan) {
      if (planned.index === LOOK_AFTER && planned.side === "a") {
        const why = this.#hopeless();
        if (why !== null) return why;
      }
      const sample = await this.#get(planned, left);
      if (sample === null) return "the budget was spent";
      if (!sample.reused) left -= 1;
      this.samples[planned.side].push(sample);
      if (sample.run !== null) this.starts.set(sample, startOf(sample.run, this.options.store));
    }
    return null;
  }
}

/** Whether anything that replays printed, or that their training steps left, differs from seed to seed. */
export function seedsReach(samples: readonly Sample[], starts: ReadonlyMap<Sample, Start>): boolean {
  const usable = samples.filter((sample) => sample.repeat === 0 && sample.failure === null);
  return new Set(usable.map((sample) => starts.get(sample)?.course)).size > 1;
}

/** The replays of both sides: those of earlier questions, and what is still missing. */
export async function takeSamples(options: SamplingOptions): Promise<Sampled> {
  const { a, b, store } = options;
  if (a.imported !== undefined || b.imported !== undefined)
    return { ...recordedSamples(a, b, store), seeds: [], made: 0, ended: null };
  const sampler = new Sampler(options);
  let ended: string | null;
  try {
    ended = await sampler.go();
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    ended = "stopped";
  }
  const { seeds, samples, starts, made } = sampler;
  return { seeds, samples, starts, made, ended, note: null };
}
