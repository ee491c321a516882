import { logGamma } from "./gamma.ts";

const MOST = 10_000;
const TINY = 1e-300;

/** P(X ≤ x) of the gamma distribution with this shape, by its series (DLMF 8.7.1): for x below shape + 1. */
function below(x: number, shape: number): number {
  let [term, sum] = [1 / shape, 1 / shape];
  for (let n = 1; n < MOST && term > sum * 1e-17; n++) {
    term *= x / (shape + n);
    sum += term;
  }
  return Math.exp(shape * Math.log(x) - x - logGamma(shape)) * sum;
}

/** P(X > x) by the continued fraction (DLMF 8.9.2), by Lentz's method: for x above shape + 1. */
function above(x: number, shape: number): number {
  let b = x + 1 - shape;
  let c = 1 / TINY;
  let d = 1 / b;
  let result = d;
  for (let n = 1; n < MOST; n++) {
    const a = -n * (n - shape);
    b += 2;
    d = 1 / (Math.abs(a * d + b) < TINY ? TINY : a * d + b);
    c = Math.abs(b + a / c) < TINY ? TINY : b + a / c;
    result *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return Math.exp(shape * Math.log(x) - x - logGamma(shape)) * result;
}

/** P(X > x) of the chi-squared distribution. */
export function chiTail(x: number, df: number): number {
  if (x <= 0) return 1;
  const [half, shape] = [x / 2, df / 2];
  return half < shape + 1 ? 1 - below(half, shape) : above(half, shape);
}
