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
  /**
   * Looks for the place in replays of B and of B with the set from A, before the set is proved: where they come out as they
   * should, they are part of the proof.
   */
  readonly look?: (set: readonly Ingredient[], onReplay: (words: string) => void) => Promise<void>;
}

/** Replays that looking for the place takes at most. */
export const LOOK_REPLAYS = 4;

interface Asked {
  readonly times?: number;
  readonly complete?: boolean;
}

/** The replays that may be made are used up. */
export class Spent extends Error {}
/** The same mixture came out in two ways: what it shows, it shows by chance. */
export class Live extends Error {
  constructor(
    message: string,
    readonly unresolved = "results came by chance",
  ) {
    super(message);
  }
}

/**
 * How often a result that is to be proof must come out. A run that flips between two values looks like a stable one with
 * one cause in one search of 4^times at most: repeating costs little where runs are short.
 */
const TIMES = [
  { below: 2, times: 5 },
  { below: 30, times: 3 },
  { below: Number.POSITIVE_INFINITY, times: 2 },
];

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
    const seconds = Math.max(this.mixture.a.seconds, this.mixture.b.seconds);
    return TIMES.find(({ below }) => seconds < below)?.times ?? 2;
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

  /** B by itself, everything held. Throws Live where that says that nothing can be proved. */
  async repeatsB(): Promise<boolean> {
    const { outcome, reason } = await this.ask(new Set(), "doing B again with everything held", { complete: true });
    const chance = "run B, done again with everything held, has the results of A: what parted them came by chance";
    if (outcome === "like-a") throw new Live(chance, "B did not repeat");
    if (outcome === "unresolved") throw new Live(`run B could not be done again: ${reason}`, "B did not repeat");
    return outcome === "like-b";
  }

  /** A closer look at this set, if the proof can be afforded after it. */
  async lookAt(set: readonly Ingredient[]): Promise<void> {
    if (this.allowance < LOOK_REPLAYS + 2 * this.times + set.length) return;
    await this.#options.look?.(set, (words) => {
      this.#options.onProgress?.(words, Math.max(1, this.left));
      this.replays += 1;
    });
  }

  /** How likely one is to matter; as much as any other when nothing is known. */
  weightOf(one: Ingredient): number {
    return this.mixture.unlikely.get(one) ?? 1;
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
