import { chiTail } from "./chi.ts";
import { normalCdf, normalTail } from "./normal.ts";
import { noncentralCdf, studentQuantile } from "./student.ts";

/** The x between the two at which a rising function reaches 0, by halving. */
function root(rising: (x: number) => number, from: number, to: number, precision = 1e-12): number {
  let [low, high] = [from, to];
  while (high - low > precision * high) {
    const middle = (low + high) / 2;
    if (rising(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * So many measured deviations about the mean of n values hold one more value of the same normal distribution this often
 * (Fisher 1935; Hahn 1969): Student's quantile times √(1 + 1/n).
 */
export function predictionFactor(n: number, confidence: number): number {
  return studentQuantile((1 - confidence) / 2, n - 1) * Math.sqrt(1 + 1 / n);
}

/** Half the length of the interval about z that holds this share of the normal distribution. */
function halfLength(z: number, share: number): number {
  // By the tail, where the middle is far away.
  const held = (r: number): number =>
    z - r > 2 ? normalTail(z - r) - normalTail(z + r) : normalCdf(z + r) - normalCdf(z - r);
  return root((r) => held(r) - share, 0, z + 40);
}

const PIECES = 240;

/**
 * So many measured deviations about the mean of n values hold at least this share of the normal distribution with this
 * confidence: the exact two-sided factor (Wald and Wolfowitz 1946; Odeh 1978), which Howe 1969 approximates, by Simpson's
 * rule over all that the mean can be.
 */
export function toleranceFactor(n: number, share: number, confidence: number): number {
  const df = n - 1;
  const reach = 9 / Math.sqrt(n);
  const nodes = Array.from({ length: PIECES + 1 }, (_, i) => {
    const z = (reach * i) / PIECES;
    const weight = i === 0 || i === PIECES ? 1 : i % 2 === 1 ? 4 : 2;
    const density = 2 * Math.sqrt(n / (2 * Math.PI)) * Math.exp((-n * z * z) / 2);
    return { squared: halfLength(z, share) ** 2, weight: (weight * density * reach) / (3 * PIECES) };
  });
  const reached = (k: number): number =>
    nodes.reduce((sum, { squared, weight }) => sum + weight * chiTail((df * squared) / (k * k), df), 0);
  let most = 4;
  while (reached(most) < confidence) most *= 2;
  return root((k) => reached(k) - confidence, most === 4 ? 0 : most / 2, most);
}

/** How often a value from a distribution moved by so many deviations falls outside of `factor` measured ones. */
export function seenOf(n: number, factor: number, deviations: number, pieces?: number): number {
  const width = Math.sqrt(1 + 1 / n);
  const [limit, noncentrality] = [factor / width, Math.abs(deviations) / width];
  const upper = 1 - noncentralCdf(limit, n - 1, noncentrality, pieces);
  // So far out nothing falls on the other side.
  const lower = noncentrality > 8 ? 0 : noncentralCdf(-limit, n - 1, noncentrality, pieces);
  return Math.min(1, upper + lower);
}

/** Enough for three digits of a shift: it is told in two. */
const ROUGH = 300;
const known = new Map<string, number>();

/** The smallest shift, in deviations, that is seen this often. */
export function shiftSeen(n: number, factor: number, power: number): number {
  const key = `${n} ${factor.toPrecision(4)} ${power}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  let most = Math.max(8, 2 * factor);
  while (seenOf(n, factor, most, ROUGH) < power) most *= 2;
  const found = root((shift) => seenOf(n, factor, shift, ROUGH) - power, 0, most, 1e-4);
  if (known.size < 1000) known.set(key, found);
  return found;
}
