import { gammaHalfStep, logGamma } from "./gamma.ts";

const TINY = 1e-300;
const MOST = 10_000;

/** The continued fraction of the incomplete beta function by Lentz's method (DLMF 8.17.22). */
function fraction(x: number, a: number, b: number): number {
  const keep = (value: number): number => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / keep(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m < MOST; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / keep(1 + even * d);
    c = keep(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / keep(1 + odd * d);
    c = keep(1 + odd / c);
    const step = d * c;
    result *= step;
    if (Math.abs(step - 1) < 1e-16) break;
  }
  return result;
}

/** ln B(a, b); with ½ in it as Student's distribution needs it: exactly. */
function logBeta(a: number, b: number): number {
  if (b === 0.5) return 0.5 * Math.log(Math.PI) - Math.log(gammaHalfStep(a));
  if (a === 0.5) return logBeta(b, a);
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/** A place in [0, 1] by its logarithm and that of what is left of 1: neither end loses its digits. */
export interface Place {
  readonly logX: number;
  readonly logY: number;
}

export const placeAt = (x: number): Place => ({ logX: Math.log(x), logY: Math.log1p(-x) });

/** The place x = 1 / (1 + ratio), from the logarithm of the ratio: it may be beyond all numbers, either way. */
export function placeOfRatio(log: number): Place {
  const small = Math.log1p(Math.exp(-Math.abs(log)));
  return log > 0 ? { logX: -log - small, logY: -small } : { logX: -small, logY: log - small };
}

/** Regularised incomplete beta function I_x(a, b): P(Beta(a, b) ≤ x). */
export function regularisedBeta({ logX, logY }: Place, a: number, b: number): number {
  if (logX === Number.NEGATIVE_INFINITY) return 0;
  if (logY === Number.NEGATIVE_INFINITY) return 1;
  const x = Math.exp(logX);
  if (x > (a + 1) / (a + b + 2)) return 1 - regularisedBeta({ logX: logY, logY: logX }, b, a);
  return (Math.exp(a * logX + b * logY - logBeta(a, b)) / a) * fraction(x, a, b);
}

/** The x at which I_x(a, b) is p, by halving. */
export function betaQuantile(p: number, a: number, b: number): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 200 && high - low > Number.EPSILON * high; i++) {
    const middle = (low + high) / 2;
    if (regularisedBeta(placeAt(middle), a, b) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(F > f) for the ratio of two variances with these degrees of freedom. */
export function fisherTail(f: number, over: number, under: number): number {
  if (f <= 0) return 1;
  if (f === Number.POSITIVE_INFINITY) return 0;
  const ratio = Math.log(over) + Math.log(f) - Math.log(under);
  return regularisedBeta(placeOfRatio(ratio), under / 2, over / 2);
}

/** Exact interval for a rate of k in n (Clopper and Pearson 1934); k need not be whole. */
export function exactRate(k: number, n: number, confidence: number): { readonly low: number; readonly high: number } {
  const side = (1 - confidence) / 2;
  return {
    low: k <= 0 ? 0 : betaQuantile(side, k, n - k + 1),
    high: k >= n ? 1 : betaQuantile(1 - side, k + 1, n - k),
  };
}
