import { differences } from "./difference.ts";
import { gammaHalfStep } from "./gamma.ts";
import { checked, isConstant, mean, sd } from "./sample.ts";

/** How large a difference is beside the spread. null: there is no spread to measure by. */
export interface Effect {
  /** By the pooled deviation (Cohen 1988), and without its bias in small samples (Hedges 1981). */
  readonly d: number | null;
  readonly g: number | null;
  /** By the deviation of the differences within pairs; null also where there are no pairs. */
  readonly dz: number | null;
  /** P(b > a) − P(b < a) over all pairs (Cliff 1993). */
  readonly cliff: number;
}

const spread = (values: readonly number[]): number => (isConstant(values) ? 0 : sd(values));
const over = (apart: number, by: number): number | null => (by === 0 ? null : apart / by);

/** Hedges' factor J for these degrees of freedom, exact. */
const unbiasing = (df: number): number => gammaHalfStep((df - 1) / 2) / Math.sqrt(df / 2);

function cliffsDelta(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (const x of a) for (const y of b) sum += Math.sign(y - x);
  return sum / (a.length * b.length);
}

export function effectOf(a: readonly number[], b: readonly number[], isPaired: boolean): Effect {
  checked(a, 2);
  checked(b, 2);
  const df = a.length + b.length - 2;
  const pooled = Math.hypot(spread(a) * Math.sqrt((a.length - 1) / df), spread(b) * Math.sqrt((b.length - 1) / df));
  const d = over(mean(b) - mean(a), pooled);
  const apart = isPaired ? differences(a, b) : [];
  return {
    d,
    g: d === null ? null : d * unbiasing(df),
    dz: isPaired ? over(mean(apart), spread(apart)) : null,
    cliff: cliffsDelta(a, b),
  };
}
