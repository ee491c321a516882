import type { Origins } from "./origin.ts";
import type { Data } from "./source.ts";
import { OverBudget } from "./unseen.ts";

export interface Difference {
  /** Where, in words: an entry, a key, a line, an index. */
  readonly where: string;
  readonly a: string;
  readonly b: string;
  /** Largest absolute distance between the numbers there; null when they are no numbers. */
  readonly distance: number | null;
}

/** What a comparison of two contents found. */
export interface Comparison {
  readonly agree: boolean;
  /** bytes: nothing had to be read. content: equal once the format was read. masked: by origin (origin.ts). */
  readonly how: "bytes" | "content" | "masked";
  /** Each benign thing set aside, in words, with its origin; at most 50, then a count. */
  readonly aside: readonly string[];
  readonly difference?: Difference;
  /** What was not looked at; `agree` is then false. */
  readonly incomplete?: string;
}

const ASIDE_LIMIT = 50;
const SHOWN = 300;

/** Runs along with one comparison: whose runs, what was set aside, how much may still be read. */
export class Judge {
  #aside = new Set<string>();
  #more = 0;
  #masked = false;
  #read = false;

  constructor(
    readonly origins: Origins,
    /** Bytes that may still be unpacked, and opcodes and entries that may still be read. */
    public bytesLeft = 4 * 2 ** 30,
    public stepsLeft = 50_000_000,
    public depth = 0,
    /** Values of documents that may still be held in memory at a time. */
    public nodesLeft = 6_000_000,
  ) {}

  /** Compares what is packed inside a content by its own format; set by who knows all formats. */
  inside: ((name: string, a: Data, b: Data, judge: Judge) => Difference | null) | null = null;

  compareInside(name: string, a: Data, b: Data, judge: Judge = this): Difference | null {
    if (this.inside === null) throw new Error("nobody knows the formats inside");
    return this.inside(name, a, b, judge);
  }

  /** Something of the format itself that is no content. */
  setAside(words: string): void {
    this.#read = true;
    this.#note(words);
  }

  /** Something that is content by form but benign by origin. */
  mask(words: string): void {
    this.#masked = true;
    this.#note(words);
  }

  /** The format was read: equality is no longer one of bytes. */
  look(): void {
    this.#read = true;
  }

  spendBytes(bytes: number, what: string): void {
    this.bytesLeft -= bytes;
    if (this.bytesLeft < 0) throw new OverBudget(`${what}: more to unpack than the limit`);
  }

  spendSteps(steps: number, what: string): void {
    this.stepsLeft -= steps;
    if (this.stepsLeft < 0) throw new OverBudget(`${what}: more to read than the limit`);
  }

  spendNodes(nodes: number, what: string): void {
    this.nodesLeft -= nodes;
    if (this.nodesLeft < 0) throw new OverBudget(`${what}: more values than may be held in memory`);
  }

  /** A judge for a trial whose findings are taken over only when it succeeds. */
  trial(): Judge {
    const judge = new Judge(this.origins, this.bytesLeft, this.stepsLeft, this.depth, this.nodesLeft);
    judge.inside = this.inside;
    return judge;
  }

  /** The findings of a trial, told as those of a place. */
  under(place: string): Judge {
    if (place === "") return this;
    this.#aside = new Set([...this.#aside].map((words) => `${place}: ${words.replace(/^: /, "")}`));
    return this;
  }

  adopt(trial: Judge): void {
    for (const words of trial.#aside) this.#note(words);
    this.#more += trial.#more;
    this.#masked ||= trial.#masked;
    this.#read ||= trial.#read;
    this.bytesLeft = trial.bytesLeft;
    this.stepsLeft = trial.stepsLeft;
  }

  result(difference: Difference | null, incomplete?: string): Comparison {
    return {
      agree: difference === null && incomplete === undefined,
      how: this.#masked ? "masked" : this.#read ? "content" : "bytes",
      aside: this.#more > 0 ? [...this.#aside, `and ${this.#more} more`] : [...this.#aside],
      ...(difference === null ? {} : { difference }),
      ...(incomplete === undefined ? {} : { incomplete }),
    };
  }

  #note(words: string): void {
    if (this.#aside.has(words)) return;
    if (this.#aside.size < ASIDE_LIMIT) this.#aside.add(words);
    else this.#more += 1;
  }
}

/** A difference with its two sides cut to a length that can be shown. */
export function differs(where: string, a: string, b: string, distance: number | null = null): Difference {
  return { where, a: cut(a), b: cut(b), distance };
}

/** Two lists of names. They are compared one by one, since a name may hold what stands between names when told. */
export function differentNames(where: string, a: readonly string[], b: readonly string[]): Difference | null {
  if (a.length === b.length && a.every((name, index) => name === b[index])) return null;
  return differs(where, a.join(", "), b.join(", "));
}

export function cut(text: string, limit = SHOWN): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length} characters)`;
}

/** "where" of something inside something: `entry data.pkl: key loss`. */
export function within(outer: string, difference: Difference | null): Difference | null {
  if (difference === null) return null;
  return { ...difference, where: difference.where === "" ? outer : `${outer}: ${difference.where}` };
}
