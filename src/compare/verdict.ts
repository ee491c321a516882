import type { Evidence, RunRecord, VerdictWord } from "#record";

/** What the replays of one verification showed. */
export interface Showing {
  /** Every factor outside the recipe varied. */
  readonly varied: readonly Evidence[] | null;
  /** Every recorded factor held; null when that replay was not needed or could not be made. */
  readonly held: readonly Evidence[] | null;
  /** Why a replay could not be made, an input is gone, or something could not be looked at. */
  readonly obstacle: string | null;
}

export function agrees(evidence: readonly Evidence[]): boolean {
  return evidence.every((item) => item.agree);
}

/** Why it cannot be told whether results agree: nothing was seen to part, but something could not be looked at. */
function unseen(evidence: readonly Evidence[]): string | null {
  const parted = evidence.filter((item) => !item.agree);
  const reasons = parted.flatMap((item) => (item.unseen === undefined ? [] : [`${item.name}: ${item.unseen}`]));
  return reasons.length > 0 && reasons.length === parted.length ? reasons.join("; ") : null;
}

/** Set aside because only one run had it: nothing was compared. */
const isOneSided = (item: Evidence): boolean => item.agree && (item.a === null) !== (item.b === null);

/** There is something to compare beyond "it ended": a failed run's exit code is a result, a silent success is none. */
function hasResult(run: RunRecord, evidence: readonly Evidence[]): boolean {
  return (
    (run.exitCode !== null && run.exitCode !== 0) ||
    run.signal !== null ||
    evidence.some((item) => item.kind !== "exit" && !isOneSided(item))
  );
}

/**
 * What a comparison showed. unseen: nothing was there to compare, or all that disagrees could not be looked at; it neither
 * shows that results part nor that they are the same.
 */
export type Likeness = "same" | "parted" | "unseen";

export function likenessOf(run: RunRecord, evidence: readonly Evidence[]): Likeness {
  if (!agrees(evidence)) return unseen(evidence) === null ? "parted" : "unseen";
  return evidence.length > 0 && hasResult(run, evidence) ? "same" : "unseen";
}

/** Why nothing can be said; null where something can. */
export function blindnessOf(run: RunRecord, evidence: readonly Evidence[]): string | null {
  if (likenessOf(run, evidence) !== "unseen") return null;
  return (
    unseen(evidence) ?? "the run wrote no file, printed nothing and reported no metric: there is nothing to compare"
  );
}

/** The four verdicts (docs/verdict.md). A run with no result is never `reproduced`. */
export function decide(run: RunRecord, showing: Showing): { readonly verdict: VerdictWord; readonly reason: string } {
  if (showing.obstacle !== null) return { verdict: "inconclusive", reason: showing.obstacle };
  if (showing.varied === null) return { verdict: "inconclusive", reason: "no replay could be made" };
  const blind = blindnessOf(run, showing.varied) ?? (showing.held === null ? null : blindnessOf(run, showing.held));
  if (blind !== null) return { verdict: "inconclusive", reason: blind };
  if (agrees(showing.varied))
    return { verdict: "reproduced", reason: "every result came out the same under varied conditions" };
  if (showing.held === null)
    return {
      verdict: "inconclusive",
      reason: "results differ, and the replay with recorded factors held could not be made",
    };
  return agrees(showing.held)
    ? { verdict: "conditional", reason: "the same results only with recorded factors held" }
    : { verdict: "differs", reason: "not even with every recorded factor held do the results come out the same" };
}

/**
 * Upper 95 % bound on the rate of a difference that k equal replays would still miss: the rule of three, 3/k, at most 1
 * (Hanley and Lippman-Hand 1983). null when none agreed.
 */
export function missRate(agreeing: number): number | null {
  return agreeing === 0 ? null : Math.min(1, 3 / agreeing);
}
