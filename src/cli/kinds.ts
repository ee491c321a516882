import { CAUSE_KINDS, type CauseKind, RepriseError } from "#record";
import { nearest } from "./nearest.ts";

/** One more kind for --hold; a word that is none is refused with the nearest that is. */
export function addKind(text: string, before: readonly CauseKind[] = []): CauseKind[] {
  const kind = CAUSE_KINDS.find((known) => known === text);
  if (kind !== undefined) return [...before, kind];
  const meant = nearest(text, CAUSE_KINDS);
  const hint = meant === undefined ? `kinds: ${CAUSE_KINDS.join(", ")}` : `--hold ${meant}`;
  throw new RepriseError("KIND_UNKNOWN", "usage", `--hold ${text}: no such kind`, hint);
}
