import { placeAt, regularisedBeta } from "./beta.ts";
import { predictionFactor, shiftSeen, toleranceFactor } from "./factor.ts";
import { checked, mean, quantileOfSorted, sd } from "./sample.ts";

export interface ToleranceQuestion {
  /** How often one more value of the same origin lies within; with `share`: how sure it is that so many do. */
  readonly confidence: number;
  /** A shift is said that is seen this often; 0.8 when left out. */
  readonly power?: number;
  /** The share of all values that are to lie within, for an interval that is used again and again; left out: one value. */
  readonly share?: number;
  /** A shift of so many deviations has to be seen that often, or the interval says too little: 5 when left out. */
  readonly most?: number;
}

/** Where values of the same origin lie. Any value between two that were measured lies within. */
export interface Tolerance {
  readonly kind: "tolerance";
  /**
   * Student: Student's prediction interval. normal: the exact tolerance interval of a normal distribution. ranks: between
   * measured values by their order, whatever the distribution. equal: all values are the same number.
   */
  readonly method: "Student" | "normal" | "ranks" | "equal";
  readonly n: number;
  readonly low: number;
  readonly high: number;
  readonly mean: number;
  readonly sd: number;
  /** Reached: at least what was asked. */
  readonly confidence: number;
  readonly share: number | null;
  readonly power: number;
  /** The smallest shift that would be seen with that power, by the noise that was measured. */
  readonly shift: number;
}

/** So few values show nothing that anybody should believe. */
export interface TooFew {
  readonly kind: "too-few";
  readonly n: number;
  readonly needed: number;
  /** All values are the same number: equal values say less about chance than spread ones do. */
  readonly equal: boolean;
  readonly reason: string;
}

const [POWER, MOST] = [0.8, 5];
/** More values than anybody measures. */
const ENDLESS = 100_000;

/** Of n values, how sure it is that between the r-th from below and from above lie one more, or this share (Wilks 1941). */
function rankConfidence(n: number, r: number, share: number | undefined): number {
  if (share === undefined) return (n + 1 - 2 * r) / (n + 1);
  return 1 - regularisedBeta(placeAt(share), n + 1 - 2 * r, 2 * r);
}

/** The innermost rank whose interval still reaches the confidence; 0: not even the outermost does. */
function rankOf(n: number, { confidence, share }: ToleranceQuestion): number {
  let r = 0;
  while (2 * (r + 1) <= n && rankConfidence(n, r + 1, share) >= confidence - 1e-12) r += 1;
  return r;
}

/**
 * n equal values: that one more is another happens by luck in 1 of n + 1 cases at most, for any of them could have been the
 * odd one; that less than a share p of all is equal, in pⁿ.
 */
const equalConfidence = (n: number, share: number | undefined): number =>
  share === undefined ? n / (n + 1) : 1 - share ** n;

function fewest(suffices: (n: number) => boolean, from: number): number {
  let high = from;
  while (high < ENDLESS && !suffices(high)) high *= 2;
  let low = Math.max(from, Math.floor(high / 2));
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (suffices(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The exact factor takes some ten milliseconds, and of many metrics the same is asked. */
const factors = new Map<string, number>();

function factorOf(n: number, { confidence, share }: ToleranceQuestion): number {
  const key = [n, confidence, share].join(" ");
  const factor =
    factors.get(key) ?? (share === undefined ? predictionFactor(n, confidence) : toleranceFactor(n, share, confidence));
  factors.set(key, factor);
  return factor;
}

const needs = new Map<string, number>();

/** So many values are needed before an interval says something: a shift of five deviations is seen four times of five. */
export function valuesNeeded(question: ToleranceQuestion): number {
  const { confidence, share, power = POWER, most = MOST } = question;
  const key = [confidence, share, power, most].join(" ");
  const known = needs.get(key);
  if (known !== undefined) return known;
  const needed = fewest((n) => n > 2 && shiftSeen(n, factorOf(n, question), power) <= most, 3);
  needs.set(key, needed);
  return needed;
}

/** As many equal values are needed before another value is no luck. */
export function equalNeeded({ confidence, share }: ToleranceQuestion): number {
  return fewest((n) => equalConfidence(n, share) >= confidence - 1e-12, 2);
}

/** The smallest step between values of which some are equal: rounded or counted; 0 where none are. */
function gridOf(sorted: readonly number[]): number {
  const gaps = sorted.slice(1).map((value, i) => value - (sorted[i] ?? value));
  const apart = gaps.filter((gap) => gap > 0);
  return apart.length === gaps.length || apart.length === 0 ? 0 : Math.min(...apart);
}

function within(
  sorted: readonly number[],
  low: number,
  high: number,
  { share, power = POWER }: ToleranceQuestion,
): Omit<Tolerance, "method" | "confidence" | "shift"> {
  const [at, spread] = [mean(sorted), low === high ? 0 : sd(sorted)];
  return { kind: "tolerance", n: sorted.length, low, high, mean: at, sd: spread, share: share ?? null, power };
}

function byRanks(sorted: readonly number[], r: number, question: ToleranceQuestion): Tolerance {
  const { share, power = POWER } = question;
  const n = sorted.length;
  const [low, high] = [sorted[r - 1] ?? Number.NaN, sorted[n - r] ?? Number.NaN];
  // So far have the measured values to be moved until that many of them are outside, either way.
  const up = high - quantileOfSorted(sorted, 1 - power);
  const down = quantileOfSorted(sorted, power) - low;
  const confidence = rankConfidence(n, r, share);
  return { ...within(sorted, low, high, question), method: "ranks", confidence, shift: Math.max(up, down) };
}

function byNormal(sorted: readonly number[], question: ToleranceQuestion): Tolerance {
  const { confidence, share, power = POWER } = question;
  const [n, at, spread] = [sorted.length, mean(sorted), sd(sorted)];
  // Counts and rounded numbers are wider than their deviation says, by half a step.
  const reach = factorOf(n, question) * spread + gridOf(sorted) / 2;
  const low = Math.min(at - reach, sorted[0] ?? at);
  const high = Math.max(at + reach, sorted.at(-1) ?? at);
  const shift = shiftSeen(n, Math.max(high - at, at - low) / spread, power) * spread;
  const method = share === undefined ? "Student" : "normal";
  return { ...within(sorted, low, high, question), method, confidence, shift };
}

/**
 * Where one more value of the same origin has to lie, or a share of all of them, from the noise that was measured; or that
 * too few were measured. By ranks where there are enough, which holds for any distribution; else by the normal one
 * (docs/statistics.md). Throws RangeError where a value is no finite number.
 */
export function toleranceOf(values: readonly number[], question: ToleranceQuestion): Tolerance | TooFew {
  const sorted = checked(values, 0).toSorted((x, y) => x - y);
  const { share } = question;
  const n = sorted.length;
  const equal = n > 0 && sorted[0] === sorted[n - 1];
  const [first = 0] = sorted;
  if (equal && equalConfidence(n, share) >= question.confidence - 1e-12)
    return {
      ...within(sorted, first, first, question),
      method: "equal",
      confidence: equalConfidence(n, share),
      shift: 0,
    };
  const needed = equal && n > 1 ? equalNeeded(question) : valuesNeeded(question);
  if (n < needed || equal)
    return {
      kind: "too-few",
      n,
      needed,
      equal: equal && n > 1,
      reason:
        equal && n > 1
          ? `${n} equal values do not show that another value is no luck: ${needed} are needed at ${question.confidence}`
          : `${n} value${n === 1 ? "" : "s"} of it ${n === 1 ? "was" : "were"} measured, and ${needed} are needed at ${question.confidence}`,
    };
  const r = rankOf(n, question);
  return r > 0 ? byRanks(sorted, r, question) : byNormal(sorted, question);
}

/** Each of so many intervals at this confidence, and all of them together hold at the one asked for (Bonferroni). */
export const eachOf = (confidence: number, count: number): number => 1 - (1 - confidence) / Math.max(1, count);
