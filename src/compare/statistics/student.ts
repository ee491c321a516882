import { placeOfRatio, regularisedBeta } from "./beta.ts";
import { logGamma } from "./gamma.ts";
import { normalCdf } from "./normal.ts";

/** P(T > t) of Student's distribution. */
export function studentTail(t: number, df: number): number {
  if (t === 0) return 0.5;
  if (t < 0) return 1 - studentTail(-t, df);
  if (t === Number.POSITIVE_INFINITY) return 0;
  return 0.5 * regularisedBeta(placeOfRatio(2 * Math.log(t) - Math.log(df)), df / 2, 0.5);
}

/** The t with P(T > t) = tail, for a tail below one half. */
export function studentQuantile(tail: number, df: number): number {
  if (!(tail > 0 && tail <= 0.5)) throw new RangeError(`${tail} is no tail between 0 and 1/2`);
  let high = 1;
  while (studentTail(high, df) > tail) high *= 2;
  let low = 0;
  for (let i = 0; i < 200 && high - low > Number.EPSILON * high; i++) {
    const half = (low + high) / 2;
    if (studentTail(half, df) > tail) low = half;
    else high = half;
  }
  return (low + high) / 2;
}

/** Even number of pieces, and how many deviations around the middle they cover: the rest is below 1e-16. */
const [PIECES, REACH] = [2000, 12];

/**
 * P(T ≤ t) of the noncentral distribution: the normal one over all that the estimated deviation can be, by Simpson's rule.
 * Slower than Lenth's series (AS 243) and without its trouble for large noncentralities.
 */
export function noncentralCdf(t: number, df: number, noncentrality: number, pieces = PIECES): number {
  const width = REACH / Math.sqrt(2 * df);
  const [from, to] = [Math.max(0, 1 - width), 1 + width];
  const constant = Math.LN2 + (df / 2) * Math.log(df / 2) - logGamma(df / 2);
  const density = (s: number): number => {
    if (s === 0) return df === 1 ? Math.exp(constant) : 0;
    return Math.exp(constant + (df - 1) * Math.log(s) - (df * s * s) / 2);
  };
  const step = (to - from) / pieces;
  let sum = 0;
  for (let i = 0; i <= pieces; i++) {
    const s = from + i * step;
    const weight = i === 0 || i === pieces ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * density(s) * normalCdf(t * s - noncentrality);
  }
  return Math.min(1, (sum * step) / 3);
}
