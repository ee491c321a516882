import type { CauseKind } from "./kind.ts";
import type { RunId } from "./run-record.ts";
import type { Divergence } from "./verdict/verdict.ts";

/**
 * proved: A's recorded value put in the place of B's gives A's bits, and taking it away parts them again. controlled: with
 * the cause removed runs agree that else part. consistent: fits what was seen, not shown by intervention. No rule of thumb
 * raises it.
 */
type Certainty = "proved" | "controlled" | "consistent" | "unknown";

export interface Proof {
  readonly action: "transplant" | "fix" | "mix";
  readonly runs: readonly RunId[];
  readonly outcome: string;
}

export interface Cause {
  readonly kind: CauseKind;
  /** Where the user's code brings it in; relative to the project. Null for what no line brings in. */
  readonly file: string | null;
  readonly line: number | null;
  /** In a notebook: the code cell, from 1; `line` counts within it. */
  readonly cell?: number;
  /** Package, key, variable, data file or call. */
  readonly name: string;
  readonly words: string;
  readonly certainty: Certainty;
  readonly proof: readonly Proof[];
  /** Text to paste or to type; empty when none is known. */
  readonly fix: string;
}

/** What was suspected and could be neither convicted nor cleared. */
export interface Unresolved {
  readonly kind: CauseKind;
  readonly name: string;
  readonly reason: string;
}

export interface WhyDocument {
  readonly format: "reprise/why@1";
  readonly a: RunId;
  /** null: A was held against fresh replays of itself. */
  readonly b: RunId | null;
  /** Whether results part; null where that could not be told. */
  readonly parts: boolean | null;
  readonly divergence: Divergence | null;
  /** Most certain first. Empty: nothing parts, or nothing could be found; `reason` says which. */
  readonly causes: readonly Cause[];
  readonly unresolved: readonly Unresolved[];
  /** Replays made. */
  readonly replays: number;
  /** False when the budget or Ctrl-C ended the search before its end. */
  readonly complete: boolean;
  readonly reason: string;
  readonly warnings: readonly string[];
  readonly seconds: number;
}
