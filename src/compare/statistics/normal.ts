const density = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

/** Beyond this the tail is calculated by itself, before it the middle. */
const FAR = 2;

/** Φ(x) − ½ for small x: every term has the same sign (Abramowitz and Stegun 26.2.11). */
function middle(x: number): number {
  let [term, sum] = [x, x];
  for (let k = 1; Math.abs(term) > Math.abs(sum) * 1e-17; k++) {
    term *= (x * x) / (2 * k + 1);
    sum += term;
  }
  return density(x) * sum;
}

/** Mills' ratio by its continued fraction, from behind (26.2.14). */
function mills(x: number): number {
  let under = x;
  // The nearer to the middle, the more of it counts.
  for (let k = x < 3 ? 200 : x < 6 ? 80 : 40; k > 0; k--) under = x + k / under;
  return 1 / under;
}

/** P(Z > x). */
export function normalTail(x: number): number {
  if (x < -FAR) return 1 - density(x) * mills(-x);
  return x <= FAR ? 0.5 - middle(x) : density(x) * mills(x);
}

/** P(Z ≤ x). */
export const normalCdf = (x: number): number => normalTail(-x);

/** The x with P(Z ≤ x) = p, by halving. */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`${p} is no probability between 0 and 1`);
  const tail = Math.min(p, 1 - p);
  let [low, high] = [0, 40];
  for (let i = 0; i < 80; i++) {
    const half = (low + high) / 2;
    if (normalTail(half) > tail) low = half;
    else high = half;
  }
  return p < 0.5 ? -(low + high) / 2 : (low + high) / 2;
}
