import { isUnknown, type Known, type SameSeed, type SeedEffect, unknown } from "#record";
import { fisherTail } from "../statistics/beta.ts";
import { isConstant, sd } from "../statistics/sample.ts";

/** What the same seed gives when it is taken again. */
export function sameSeed(values: readonly number[], why: string): Known<SameSeed> {
  if (values.length < 2) return unknown(why);
  const equal = isConstant(values);
  return { values, sd: equal ? 0 : sd(values), equal };
}

/** The chance at which two spreads count as different. */
const CLEAR = 0.05;

/**
 * Whether values differ because of their seeds. `reach`: something that replays printed or learned differs from seed to
 * seed; `noisy`: it does under the same seed too. With noise the spread over seeds has to be shown to be the larger one
 * (ratio of variances); two repeats can hardly show that, and nothing is claimed then.
 */
export function seedEffect(
  over: readonly number[],
  noise: Known<SameSeed>,
  seen: { readonly reach: boolean; readonly noisy: boolean },
): SeedEffect {
  if (!seen.reach || (seen.noisy && isConstant(over))) return "constant";
  if (isUnknown(noise) || noise.equal || over.length < 2) return "varied";
  return fisherTail((sd(over) / noise.sd) ** 2, over.length - 1, noise.values.length - 1) < CLEAR
    ? "varied"
    : "unclear";
}
