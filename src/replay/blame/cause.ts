import type { Cause } from "#record";

/** A difference between two runs that makes their results part. */
export interface MixCause extends Omit<Cause, "cell" | "fix"> {
  /** What the runs had. */
  readonly a: string | null;
  readonly b: string | null;
  /** Whether it makes results part by itself, or only together with the other causes; null: not known. */
  readonly alone: "independent" | "interaction" | null;
}
