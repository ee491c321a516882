/** Which number of a series: the last one, when nothing else is said. */
export type Of = "last" | "first" | "min" | "max" | "mean" | "steps";

/** A claim as it was understood. Columns count from 1. */
export type Term =
  | { readonly kind: "number"; readonly value: number }
  | {
      readonly kind: "series";
      readonly name: string;
      /** Another run than the one that is asked about. */
      readonly run: string | null;
      readonly of: Of;
      readonly column: number;
    }
  | { readonly kind: "negative" | "absolute"; readonly of: Term }
  | { readonly kind: "+" | "-" | "*" | "/"; readonly left: Term; readonly right: Term };

export type Comparator = "<" | "<=" | ">" | ">=" | "==" | "!=";

export interface Step {
  readonly by: Comparator;
  readonly right: Term;
  /** What lies either way of `right` counts as equal: 0.93 ± 0.01. */
  readonly within: Term | null;
}

export type Claim =
  | { readonly kind: "compare"; readonly left: Term; readonly steps: readonly Step[] }
  | { readonly kind: "and" | "or"; readonly parts: readonly Claim[] };

/** What is wrong with a claim, and where in it. */
export class ClaimError extends Error {
  constructor(
    readonly column: number,
    message: string,
  ) {
    super(message);
    this.name = "ClaimError";
  }
}
