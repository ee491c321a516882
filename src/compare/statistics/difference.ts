import { checked, isConstant, mean, sd } from "./sample.ts";
import { studentQuantile, studentTail } from "./student.ts";

/** A difference of means with how well it is known. */
export interface Difference {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  readonly standardError: number;
  readonly t: number;
  readonly df: number;
  /** Two-sided: how often luck alone would give as much. */
  readonly p: number;
}

const deviation = (values: readonly number[]): number => (isConstant(values) ? 0 : sd(values));

function differenceOf(estimate: number, standardError: number, df: number, confidence: number): Difference {
  const t = estimate === 0 ? 0 : estimate / standardError;
  const reach = standardError === 0 ? 0 : studentQuantile((1 - confidence) / 2, df) * standardError;
  const p = Math.min(1, 2 * studentTail(Math.abs(t), df));
  return { estimate, low: estimate - reach, high: estimate + reach, standardError, t, df, p };
}

/** Mean of b less mean of a, of samples that need not spread alike (Welch 1947). */
export function welch(a: readonly number[], b: readonly number[], confidence: number): Difference {
  checked(a, 2);
  checked(b, 2);
  const [x, y] = [deviation(a) / Math.sqrt(a.length), deviation(b) / Math.sqrt(b.length)];
  const standardError = Math.hypot(x, y);
  // Parts of the whole: squares of small numbers would vanish.
  const [u, v] = standardError === 0 ? [1, 1] : [(x / standardError) ** 2, (y / standardError) ** 2];
  const df = (u + v) ** 2 / (u ** 2 / (a.length - 1) + v ** 2 / (b.length - 1));
  return differenceOf(mean(b) - mean(a), standardError, df, confidence);
}

/** The same of pairs, such as runs that share a seed: what a seed does to both goes out (Student 1908). */
export function paired(a: readonly number[], b: readonly number[], confidence: number): Difference {
  const apart = differences(a, b);
  const standardError = deviation(apart) / Math.sqrt(apart.length);
  return differenceOf(mean(apart), standardError, apart.length - 1, confidence);
}

export function differences(a: readonly number[], b: readonly number[]): number[] {
  checked(a, 2);
  checked(b, 2);
  if (a.length !== b.length) throw new RangeError(`${a.length} and ${b.length} values are no pairs`);
  return a.map((value, i) => (b[i] ?? Number.NaN) - value);
}

/** Two one-sided tests (Schuirmann 1987): is the difference shown to be smaller than the margin, either way? */
export interface Equivalence {
  readonly margin: number;
  /** The larger of the two. */
  readonly p: number;
  readonly equivalent: boolean;
}

export function equivalence(difference: Difference, margin: number, confidence: number): Equivalence {
  if (!(margin > 0) || !Number.isFinite(margin)) throw new RangeError(`${margin} is no margin`);
  const { estimate, standardError, df } = difference;
  const above = (limit: number): number =>
    standardError === 0 ? (limit > 0 ? 0 : limit < 0 ? 1 : 0.5) : studentTail(limit / standardError, df);
  const p = Math.max(above(estimate + margin), above(margin - estimate));
  return { margin, p, equivalent: p < 1 - confidence };
}
