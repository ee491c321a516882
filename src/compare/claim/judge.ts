import type { ClaimVerdict } from "#record";
import { betaQuantile } from "../statistics/beta.ts";

/** One-sided bounds of a rate of k in n at this confidence (Clopper and Pearson 1934). */
function boundsOf(k: number, n: number, confidence: number): { readonly low: number; readonly high: number } {
  return {
    low: k === 0 ? 0 : betaQuantile(1 - confidence, k, n - k + 1),
    high: k === n ? 1 : betaQuantile(confidence, k + 1, n - k),
  };
}

/** The fewest replays that show a rate, if the claim holds in every one of them. */
export const replaysForRate = (rate: number, confidence: number): number =>
  Math.ceil(Math.log(1 - confidence) / Math.log(rate) - 1e-9);

export interface ClaimSeen extends Pick<ClaimVerdict, "text" | "from" | "record" | "values"> {
  /** Of each replay. */
  readonly held: readonly boolean[];
}

/**
 * Whether a claim holds in at least `rate` of all runs, by the replays in which it did. Those of one claim are no more
 * likely to deceive because there are others: all have to be shown (Berger 1982).
 */
export function judgeClaim(seen: ClaimSeen, rate: number, confidence: number): ClaimVerdict {
  const { held, ...facts } = seen;
  const [k, n] = [held.filter(Boolean).length, held.length];
  const { low, high } = boundsOf(k, n, confidence);
  const verdict = !seen.record || high < rate ? "fails" : n > 0 && low >= rate ? "holds" : "unknown";
  return { ...facts, verdict, held: k, of: n, atLeast: low, atMost: high };
}

/** How many replays would show the rate, were so many of them to fail as do now; at least one more. */
export function replaysNeeded({ held, of }: ClaimVerdict, rate: number, confidence: number): number | null {
  const share = of === 0 ? 1 : held / of;
  if (share <= rate) return null;
  for (let n = Math.max(of + 1, replaysForRate(rate, confidence)); n <= 2000; n++)
    if (boundsOf(Math.floor(share * n), n, confidence).low >= rate) return n;
  return null;
}
