import { eachOf, toleranceOf, valuesNeeded } from "#compare";
import { RepriseError } from "#record";
import type { Golden, GoldenFile, Tolerance } from "./golden/golden.ts";

/** Of audits of unchanged code at most so many fail, and so sure it is that they are no more. */
export const ALARMS = 0.01;
export const CONFIDENCE = 0.95;

/** A shift of so many deviations is to be seen in four audits of five: else the tolerance would let anything pass. */
const MOST_DEVIATIONS = 6;

/**
 * A metric fails when it is outside in two trainings of three: in unchanged code, where one is outside with a chance of q,
 * that is q²(3 - 2q). The q at which this is as often as one of `count` metrics may fail (Bonferroni).
 */
export function outsideRate(alarms: number, count: number): number {
  const each = alarms / Math.max(1, count);
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i++) {
    const q = (low + high) / 2;
    if (q * q * (3 - 2 * q) < each) low = q;
    else high = q;
  }
  return low;
}

/** What is asked of each of `count` metrics, so that all of them together hold what is said of an audit. */
function questionOf(count: number, alarms: number, confidence: number): Parameters<typeof toleranceOf>[1] {
  return {
    confidence: eachOf(confidence, count),
    share: 1 - outsideRate(alarms, count),
    most: MOST_DEVIATIONS,
    // Seen by an audit four times of five: by one training a little more often.
    power: outsideRate(0.8, 1),
  };
}

/** So many trainings are needed before a tolerance for so many metrics says something. */
export const trainingsNeeded = (count: number): number => valuesNeeded(questionOf(count, ALARMS, CONFIDENCE));

/** Outwards, to less than a hundredth of the length: nobody reads more digits. */
function rounded(low: number, high: number): readonly [low: number, high: number] {
  const digits = 2 - Math.floor(Math.log10(high - low));
  if (!Number.isFinite(digits) || digits > 90) return [low, high];
  const step = 10 ** -digits;
  const tidy = (value: number): number => Number(value.toFixed(Math.max(0, digits)));
  return [tidy(Math.floor(low / step) * step), tidy(Math.ceil(high / step) * step)];
}

const short = (value: number): number => Number(value.toPrecision(6));

export type Found = { readonly tolerance: Tolerance } | { readonly needed: number };

/** The tolerance of one of `count` metrics, from its values. */
export function measuredTolerance(
  values: readonly number[],
  count: number,
  alarms: number = ALARMS,
  confidence: number = CONFIDENCE,
): Found {
  const found = toleranceOf(values, questionOf(count, alarms, confidence));
  if (found.kind === "too-few") return { needed: found.needed };
  const [low, high] = rounded(found.low, found.high);
  return { tolerance: { low, high, n: found.n, mean: short(found.mean), sd: short(found.sd), rule: found.method } };
}

/** Another rounding is no other tolerance. */
function isSame(a: Tolerance, b: Tolerance): boolean {
  const apart = Math.max(Math.abs(a.low - b.low), Math.abs(a.high - b.high));
  return apart <= 0.02 * (b.high - b.low);
}

function wasEdited(golden: Golden, name: string, count: number): boolean {
  const said = golden.tolerance[name];
  const values = golden.measured[name];
  // Taken out, what was measured would not be judged any more.
  if (said === undefined) return true;
  if (said.byHand !== undefined) return false;
  const found = values === undefined ? null : measuredTolerance(values, count, golden.alarms, golden.confidence);
  return found === null || !("tolerance" in found) || !isSame(said, found.tolerance);
}

/** A tolerance that is neither what its values give nor marked as set by hand is refused. */
export function checkTolerances({ path, goldens }: GoldenFile): void {
  const golden = goldens.at(-1);
  if (golden === undefined) return;
  const count = Object.keys(golden.measured).length;
  const names = [...new Set([...Object.keys(golden.tolerance), ...Object.keys(golden.measured)])];
  const name = names.find((one) => wasEdited(golden, one, count));
  if (name === undefined) return;
  const said = golden.tolerance[name];
  const shown =
    said === undefined
      ? " is not there, and its values were measured"
      : `, ${said.low} to ${said.high}, is not what its measured values give`;
  throw new RepriseError(
    "GOLDEN_EDITED",
    "config",
    `${path}: the tolerance of ${name}${shown}`,
    `measure anew: reprise audit accept; or say so in its line: by_hand = "because ..."`,
  );
}

/** By how much a metric has to move before an audit sees it four times of five, in its own unit. */
export function shiftSeen(golden: Golden, name: string): number | null {
  const values = golden.measured[name];
  if (values === undefined) return null;
  const found = toleranceOf(values, questionOf(Object.keys(golden.measured).length, golden.alarms, golden.confidence));
  return found.kind === "too-few" ? null : found.shift;
}
