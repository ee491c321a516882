import { RepriseError } from "#record";

/** Which inputs are kept whole: all, small ones (auto), or none; of the others the digest. */
const STORE_INPUTS = ["all", "auto", "none"] as const;
export type StoreInputs = (typeof STORE_INPUTS)[number];

export function parseStoreInputs(text: string): StoreInputs {
  const known = STORE_INPUTS.find((word) => word === text);
  if (known !== undefined) return known;
  throw new RepriseError(
    "USAGE",
    "usage",
    `--store-inputs ${text}: all, auto or none`,
    "--store-inputs all: a record that brings its data along",
  );
}

/** Inputs of a project above this size are recorded by digest alone. */
const MOST_BYTES = 10 << 20;
/** What lies outside is mostly the same for many runs, and others' data as often as not: smaller. */
const MOST_BYTES_OUTSIDE = 1 << 20;
const MOST_FILES = 5_000;
const MOST_FILES_OUTSIDE = 1_000;
const MOST_TOTAL = 1 << 30;
const MOST_TOTAL_OUTSIDE = 64 << 20;

interface Candidate {
  readonly bytes: number;
  /** In the project, or left by the run nowhere else. */
  readonly own: boolean;
  /** Restorable from what the code capture saved. */
  readonly saved: boolean;
}

/** Decides on one input after another; what is kept counts. */
export class InputPolicy {
  #files = 0;
  #total = 0;
  #outside = 0;
  #filesOutside = 0;

  constructor(private readonly choice: StoreInputs) {}

  wants({ bytes, own, saved }: Candidate): boolean {
    if (this.choice !== "auto") return this.choice === "all";
    if (saved || this.#files >= MOST_FILES || this.#total + bytes > MOST_TOTAL) return false;
    if (own) return bytes <= MOST_BYTES;
    if (this.#filesOutside >= MOST_FILES_OUTSIDE) return false;
    return bytes <= MOST_BYTES_OUTSIDE && this.#outside + bytes <= MOST_TOTAL_OUTSIDE;
  }

  kept({ bytes, own }: Candidate): void {
    this.#files += 1;
    this.#total += bytes;
    if (own) return;
    this.#outside += bytes;
    this.#filesOutside += 1;
  }
}
