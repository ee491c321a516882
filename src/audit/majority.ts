import type { AuditWord } from "./document.ts";

/**
 * By chance a training is outside at times, or within where its code is not the cause: as of the audited trainings, two of
 * three decide, where there is noise at all. `again` says what one more comes to; null: it cannot be made, and the first one
 * is all that is known.
 */
export async function majority(
  first: AuditWord,
  noisy: boolean,
  again: (turn: 2 | 3) => Promise<AuditWord | null>,
): Promise<AuditWord> {
  if (first === "inconclusive" || !noisy) return first;
  for (const turn of [2, 3] as const) {
    const next = await again(turn);
    if (next === null || next === first) return first;
    if (next === "inconclusive") return first === "within" ? first : next;
  }
  return first === "within" ? "outside" : "within";
}
