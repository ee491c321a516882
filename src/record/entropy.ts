/** How the root seed of a run came about (docs/verdict.md). */
export type SeedMode = "fresh" | "declared" | "off";

/** A seed that the program asks for by its purpose: `reprise.seed("split")`. */
export interface NamedSeed {
  readonly name: string;
  readonly value: number;
  /** Given by `--seed split=7`; else it follows from the root and its name, or from its name alone where there is no root. */
  readonly declared: boolean;
  /** Where the program first asks for it; null for one that it never asks for. */
  readonly file: string | null;
  readonly line: number | null;
}

export interface SeedFacts {
  readonly mode: SeedMode;
  /** 32 hex digits for fresh, the decimal number as declared, null for off. */
  readonly root: string | null;
  /** What was seeded from the root, such as "PYTHONHASHSEED", "random", "numpy", "torch". */
  readonly seeded: readonly string[];
  /** PYTHONHASHSEED as the child got it. */
  readonly hashSeed: string | null;
  /** What the program seeded itself: it wins. */
  readonly own: readonly {
    readonly library: string;
    readonly file: string;
    readonly line: number;
    readonly value: string;
  }[];
  /** Left out: there is none. */
  readonly named?: readonly NamedSeed[];
}

/** Sources of nondeterminism the program touched. */
export type EntropyKind =
  | "generator" // an unseeded generator object: default_rng(), RandomState(), Random(), Generator()
  | "global-generator" // draws from random / numpy.random / torch global state that the program never seeded
  | "os-entropy" // os.urandom, uuid1, uuid4, secrets, SystemRandom
  | "clock"
  | "hash-order"
  | "listing"
  | "network"
  | "threads"
  | "process-id";

export interface EntropySource {
  readonly kind: EntropyKind;
  /** Such as "numpy.random.default_rng", "time.time", "os.listdir", "uuid.uuid4". */
  readonly name: string;
  /** Relative to the project where inside; null when no user's frame was on the stack. */
  readonly file: string | null;
  readonly line: number | null;
  /** In a notebook: which code cell, from 1; `line` counts in it. Found when a run is shown, never written. */
  readonly cell?: number;
  readonly count: number;
  /** seen: the call was observed there. source: the line was found by reading the source of a generator known to have been drawn from. */
  readonly how: "seen" | "source";
  readonly note?: string;
}
