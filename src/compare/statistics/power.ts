import { normalQuantile } from "./normal.ts";
import { noncentralCdf, studentQuantile } from "./student.ts";

export type Design = "paired" | "unpaired";

/** More runs than anybody makes: it is said so instead of a number. */
const MOST_RUNS = 100_000;

/**
 * How often a two-sided t test with n runs a side (or n pairs) finds a difference of so many deviations: of the samples
 * when unpaired, of the differences when paired.
 */
export function powerOf(design: Design, n: number, deviations: number, confidence: number): number {
  const df = design === "paired" ? n - 1 : 2 * n - 2;
  if (df < 1) return 0;
  const noncentrality = Math.abs(deviations) * Math.sqrt(design === "paired" ? n : n / 2);
  const limit = studentQuantile((1 - confidence) / 2, df);
  const upper = 1 - noncentralCdf(limit, df, noncentrality);
  // So far out nothing falls on the other side.
  const lower = noncentrality > 8 ? 0 : noncentralCdf(-limit, df, noncentrality);
  return Math.min(1, upper + lower);
}

/** The fewest runs a side (or pairs) with which that difference is found so often; null: more than anybody makes. */
export function runsForDifference(
  design: Design,
  deviations: number,
  confidence: number,
  power: number,
): number | null {
  if (deviations === 0) return null;
  const suffices = (n: number): boolean => powerOf(design, n, deviations, confidence) >= power;
  // Were the deviation known, it would be so many: what is missing is found by trying.
  const sum = normalQuantile(1 - (1 - confidence) / 2) + normalQuantile(power);
  let n = Math.max(2, Math.ceil((design === "paired" ? 1 : 2) * (sum / deviations) ** 2));
  while (n <= MOST_RUNS && !suffices(n)) n += 1;
  if (n > MOST_RUNS) return null;
  while (n > 2 && suffices(n - 1)) n -= 1;
  return n;
}

/**
 * Runs a side (or pairs) with which a test of ranks tells this P(b > a) from one half (Noether 1987: sign test for pairs,
 * Mann-Whitney else). Bouthillier et al. 2021 have 29 for P = 0.75, from the one-sided test at 0.95 with power 0.95.
 */
export function runsForSuperiority(
  design: Design,
  p: number,
  confidence: number,
  power: number,
  sides: 1 | 2 = 2,
): number | null {
  if (p === 0.5) return null;
  const sum = normalQuantile(1 - (1 - confidence) / sides) + normalQuantile(power);
  const n = Math.ceil(sum ** 2 / ((design === "paired" ? 4 : 6) * (p - 0.5) ** 2));
  return n > MOST_RUNS ? null : Math.max(2, n);
}
