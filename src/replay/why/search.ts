import { type Budget, Purse } from "../blame/budget.ts";
import type { Replayed } from "../replay.ts";
import { Trials, type TrialsOptions } from "../trial.ts";

export interface WhyOptions extends TrialsOptions {
  readonly budget: Budget;
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
function budgeted(options: WhyOptions, purse: Purse, spent: () => number): (words: string) => void {
  return (words) => {
    if (options.signal?.aborted === true) throw new Ended("interrupt");
    if (purse.left(spent()) <= 0) throw new Ended("budget");
    options.onProgress?.(`${words} (${purse.leftText(spent())} left)`);
  };
}

/** Trials of one run, or of one replay of it under levers, that count against the same budget. */
export class Search {
  readonly trials: Trials[] = [];

  readonly #purse: Purse;

  constructor(readonly options: WhyOptions) {
    this.#purse = new Purse(options.budget);
  }

  get spent(): number {
    return this.trials.reduce((sum, trials) => sum + trials.replays.length, 0);
  }

  on(options: Partial<TrialsOptions> = {}): Trials {
    const onProgress = budgeted(this.options, this.#purse, () => this.spent);
    // What a pressed key cut short shows nothing: it would part from every other.
    const onReplay = ({ run }: Replayed): void => {
      if (this.options.signal?.aborted === true && run?.status === "interrupted") throw new Ended("interrupt");
    };
    const trials = new Trials({ ...this.options, ...options, onProgress, onReplay });
    this.trials.push(trials);
    return trials;
  }
}
