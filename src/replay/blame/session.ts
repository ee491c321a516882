import type { RunId } from "#record";
import type { Choice, Ingredient } from "../mix/ingredient.ts";
import type { Mixture } from "../mix/mixture.ts";
import { type Budget, Purse } from "./budget.ts";
import { Aborted, type Mixed, mixReplay } from "./mix-replay.ts";

export interface SearchOptions {
  readonly mixture: Mixture;
  /** 100 replays when left out. */
  readonly budget?: Budget;
  readonly signal?: AbortSignal;
  /** What is being asked, and about how many replays are left. */
  readonly onProgress?: (words: string, left: number) => void;
}

interface Asked {
  readonly times?: number;
  readonly complete?: boolean;
}

/** The replays that may be made are used up. */
export class Spent extends Error {}
/** The same mixture came out in two ways: what it shows, it shows by chance. */
export class Live extends Error {}

/**
 * How often a result that is to be proof must come out. A run that flips between two values looks like a stable one with
 * one cause in one search of 4^times at most: repeating costs little where runs are short.
 */
const SHORT_SECONDS = 2;
const [OFTEN, AT_LEAST] = [4, 2];

/** One search: what it asked, what that cost. */
export class Session {
  readonly #options: SearchOptions;
  readonly #purse: Purse;
  /** Answers of this search by ingredients, so that nothing is asked twice. */
  readonly #known = new Map<string, readonly Mixed[]>();
  replays = 0;
  /** About how many more are needed. */
  left = 0;

  constructor(options: SearchOptions) {
    this.#options = options;
    this.#purse = new Purse(options.budget ?? { replays: 100 });
  }

  get mixture(): Mixture {
    return this.#options.mixture;
  }

  /** How often a confirmation is made. */
  get times(): number {
    return Math.max(this.mixture.a.seconds, this.mixture.b.seconds) < SHORT_SECONDS ? OFTEN : AT_LEAST;
  }

  /** Replays that may still be made. */
  get allowance(): number {
    return this.#purse.left(this.replays);
  }

  /** The mixture that has these from A, done so many times. Throws Spent, Live, Aborted. */
  async answers(choice: Choice, words: string, options: Asked = {}): Promise<readonly Mixed[]> {
    const { signal, onProgress, mixture } = this.#options;
    const made = await mixReplay(mixture, choice, {
      ...options,
      ...(signal === undefined ? {} : { signal }),
      onReplay: () => {
        if (this.allowance <= 0) throw new Spent("the budget is spent");
        onProgress?.(words, Math.max(1, this.left));
        this.replays += 1;
        this.left -= 1;
      },
    });
    const key = [...choice]
      .map((one) => mixture.names.get(one) ?? "")
      .sort()
      .join(" ");
    const all = [...(this.#known.get(key) ?? []), ...made];
    this.#known.set(key, all);
    if (new Set(all.map((one) => one.outcome === "like-a")).size > 1)
      throw new Live(`${words}: the same mixture gave the results of A once and other ones once`);
    return made;
  }

  async ask(choice: Choice, words: string, options: Asked = {}): Promise<Mixed> {
    const [first] = await this.answers(choice, words, options);
    if (first === undefined) throw new Aborted("nothing was asked");
    return first;
  }

  async suffices(choice: Choice, words: string): Promise<boolean> {
    return (await this.ask(choice, words)).outcome === "like-a";
  }

  /** All that can be taken from A, but these, which come from B. */
  without(taken: readonly Ingredient[]): Set<Ingredient> {
    const { ingredients, finer } = this.mixture;
    const rest = new Set(ingredients);
    for (const one of taken) {
      if (rest.delete(one)) continue;
      for (const [whole, rows] of finer) {
        if (!rows.includes(one)) continue;
        if (rest.delete(whole)) for (const row of rows) rest.add(row);
        rest.delete(one);
      }
    }
    return rest;
  }
}

/** Runs behind an answer, as a proof names them. */
export const runsOf = (answers: readonly Mixed[]): RunId[] =>
  answers.flatMap((one) => (one.run === null ? [] : [one.run]));
