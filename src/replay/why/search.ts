import { Trials, type TrialsOptions } from "../trial.ts";

export interface WhyOptions extends TrialsOptions {
  /** Most replays. */
  readonly budget: number;
  /** Ends the search before the next replay; what is known by then is told. */
  readonly signal?: AbortSignal;
}

/** The budget is spent, or the user wants to hear what is known. */
export class Ended extends Error {
  constructor(readonly why: "budget" | "interrupt") {
    super(why);
  }
}

/** Replays on a budget: each is announced with how many are left, and none begins after the last. */
function budgeted(options: WhyOptions, spent: () => number): (words: string) => void {
  return (words) => {
    if (options.signal?.aborted === true) throw new Ended("interrupt");
    const left = options.budget - spent();
    if (left <= 0) throw new Ended("budget");
    options.onProgress?.(`${words} (${left} replays left)`);
  };
}

/** Trials of one run, or of one replay of it under levers, that count against the same budget. */
export class Search {
  readonly trials: Trials[] = [];

  constructor(readonly options: WhyOptions) {}

  get spent(): number {
    return this.trials.reduce((sum, trials) => sum + trials.replays.length, 0);
  }

  on(options: Partial<TrialsOptions> = {}): Trials {
    const trials = new Trials({ ...this.options, ...options, onProgress: budgeted(this.options, () => this.spent) });
    this.trials.push(trials);
    return trials;
  }
}
