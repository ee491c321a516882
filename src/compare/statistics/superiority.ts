import { exactRate } from "./beta.ts";
import { checked, quantileOfSorted } from "./sample.ts";

/** How often a run of one side beats one of the other: P(b > a), ties half. */
export interface Superiority {
  readonly p: number;
  readonly low: number;
  readonly high: number;
  /** Resampling shows no spread when all pairs point one way: the interval is the exact one of a rate then. */
  readonly method: "bootstrap" | "exact";
}

/** More do not change two digits of an interval. */
const RESAMPLES = 10_000;

/** The same draws for the same question, here and on every machine: an answer that is asked for again is the same. */
function draws(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return Math.floor((((z ^ (z >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

function between(p: number, rates: Float64Array, confidence: number, n: number): Superiority {
  const side = (1 - confidence) / 2;
  const sorted = rates.sort();
  const [low, high] = [quantileOfSorted(sorted, side), quantileOfSorted(sorted, 1 - side)];
  if (low !== high) return { p, low, high, method: "bootstrap" };
  return { p, ...exactRate(p * n, n, confidence), method: "exact" };
}

const score = (a: number, b: number): number => (b > a ? 1 : b === a ? 0.5 : 0);

/** Of pairs: pairs are drawn again (percentile bootstrap, as Bouthillier et al. 2021). */
export function pairedSuperiority(a: readonly number[], b: readonly number[], confidence: number): Superiority {
  checked(a, 1);
  checked(b, 1);
  const scores = a.map((value, i) => score(value, b[i] ?? Number.NaN));
  const n = scores.length;
  const draw = draws(n);
  const rates = new Float64Array(RESAMPLES);
  for (let k = 0; k < RESAMPLES; k++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += scores[draw(n)] ?? 0;
    rates[k] = sum / n;
  }
  return between(scores.reduce((sum, one) => sum + one, 0) / n, rates, confidence, n);
}

/** Share of all pairs, from how often each place of a common order is taken by either side. */
function share(a: Uint32Array, b: Uint32Array, n: number, m: number): number {
  let [below, sum] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const here = a[i] ?? 0;
    sum += (b[i] ?? 0) * (below + here / 2);
    below += here;
  }
  return sum / (n * m);
}

/** Of two samples: every value of one against every value of the other; each sample is drawn again by itself. */
export function superiority(a: readonly number[], b: readonly number[], confidence: number): Superiority {
  checked(a, 1);
  checked(b, 1);
  const order = [...new Set([...a, ...b])].toSorted((x, y) => x - y);
  const places = new Map(order.map((value, i) => [value, i]));
  const [left, right] = [a, b].map((side) => Uint32Array.from(side, (value) => places.get(value) ?? 0)) as [
    Uint32Array,
    Uint32Array,
  ];
  const counted = (side: Uint32Array, pick: (i: number) => number): Uint32Array => {
    const counts = new Uint32Array(order.length);
    for (let i = 0; i < side.length; i++) {
      const place = side[pick(i)] ?? 0;
      counts[place] = (counts[place] ?? 0) + 1;
    }
    return counts;
  };
  const whole = (i: number): number => i;
  const draw = draws(a.length * 65_537 + b.length);
  const rates = new Float64Array(RESAMPLES);
  for (let k = 0; k < RESAMPLES; k++) {
    const [x, y] = [counted(left, () => draw(a.length)), counted(right, () => draw(b.length))];
    rates[k] = share(x, y, a.length, b.length);
  }
  const p = share(counted(left, whole), counted(right, whole), a.length, b.length);
  return between(p, rates, confidence, Math.min(a.length, b.length));
}
