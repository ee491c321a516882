import type { CauseKind, RunId } from "#record";

export interface MixProof {
  readonly action: "mix" | "transplant";
  readonly runs: readonly RunId[];
  readonly outcome: string;
}

/** A difference between two runs that makes their results part. */
export interface MixCause {
  readonly kind: CauseKind;
  readonly file: string | null;
  readonly line: number | null;
  readonly name: string;
  readonly words: string;
  readonly a: string | null;
  readonly b: string | null;
  readonly certainty: "proved" | "consistent";
  /** Whether it makes results part by itself, or only together with the other causes; null: not known. */
  readonly alone: "independent" | "interaction" | null;
  readonly proof: readonly MixProof[];
}
