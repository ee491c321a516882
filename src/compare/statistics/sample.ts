/** What a list of numbers is, in the numbers that people ask for. */
export interface Summary {
  readonly n: number;
  readonly mean: number;
  /** Of a sample: divided by n − 1. null: one value has no spread. */
  readonly sd: number | null;
  readonly min: number;
  readonly q25: number;
  readonly median: number;
  readonly q75: number;
  readonly max: number;
}

/** Statistics of what is no number would be a lie: whoever asks must have counted it as failed before. */
export function checked(values: readonly number[], least: number): readonly number[] {
  if (values.length < least) throw new RangeError(`${values.length} values, and ${least} are needed`);
  const bad = values.find((value) => !Number.isFinite(value));
  if (bad !== undefined) throw new RangeError(`${bad} is no value to calculate with`);
  return values;
}

/** A power of two near the largest of them, by which all are divided without rounding: squares neither vanish nor overflow. */
function scaleOf(values: readonly number[]): number {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest === 0) return 1;
  return 2 ** Math.max(-1074, Math.min(1023, Math.floor(Math.log2(largest))));
}

export function mean(values: readonly number[]): number {
  checked(values, 1);
  const scale = scaleOf(values);
  const first = values.reduce((sum, value) => sum + value / scale, 0) / values.length;
  // Once more about the first answer: what rounding took from the sum comes back.
  const rest = values.reduce((sum, value) => sum + (value / scale - first), 0) / values.length;
  return scale * (first + rest);
}

/** Standard deviation of a sample, by two passes (Chan, Golub, LeVeque 1983). */
export function sd(values: readonly number[]): number {
  checked(values, 2);
  const at = mean(values);
  const apart = values.map((value) => value - at);
  const scale = scaleOf(apart);
  const near = apart.map((value) => value / scale);
  const drift = near.reduce((sum, value) => sum + value, 0);
  const squares = near.reduce((sum, value) => sum + value * value, 0) - (drift * drift) / values.length;
  return scale * Math.sqrt(Math.max(0, squares) / (values.length - 1));
}

/** Whether all are the same number, bit for bit: their deviation is 0 then, whatever rounding would say. */
export const isConstant = (values: readonly number[]): boolean => values.every((value) => Object.is(value, values[0]));

/** Linear between neighbours (Hyndman and Fan 1996, type 7: what R and NumPy do when not told otherwise). */
function quantile(values: readonly number[], p: number): number {
  checked(values, 1);
  return quantileOfSorted(
    values.toSorted((x, y) => x - y),
    p,
  );
}

/** The same of what is in order already. */
export function quantileOfSorted(sorted: ArrayLike<number>, p: number): number {
  const at = (sorted.length - 1) * Math.min(1, Math.max(0, p));
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  const part = at - Math.floor(at);
  return low === high ? low : low * (1 - part) + high * part;
}

export function summarise(values: readonly number[]): Summary {
  return {
    n: values.length,
    mean: mean(values),
    sd: values.length < 2 ? null : sd(values),
    min: quantile(values, 0),
    q25: quantile(values, 0.25),
    median: quantile(values, 0.5),
    q75: quantile(values, 0.75),
    max: quantile(values, 1),
  };
}
