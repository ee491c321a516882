import { agrees, type Likeness, likenessOf } from "#compare";
import type { Evidence, RunRecord } from "#record";
import { wasStopped } from "#run";
import { gatherEvidence, type Side } from "../evidence.ts";

export type Outcome = "like-a" | "like-b" | "neither" | "unresolved";

export interface Judged {
  readonly outcome: Outcome;
  readonly reason: string;
  /** What parted from A; empty when nothing did. */
  readonly evidence: readonly Evidence[];
}

/** Of a mixture that was ended where it parted from A, what was seen counts as the same if none of it parts. */
const likeness = (side: Side, evidence: readonly Evidence[], early: boolean): Likeness =>
  early && agrees(evidence) ? "same" : likenessOf(side.run, evidence);

/** It ended as neither run did: what it would have given is not known. */
function broke(run: RunRecord, a: Judgeable, b: Judgeable): string | null {
  const said = (of: Judgeable): boolean =>
    of.evidence.every((item) => item.agree || (item.kind !== "exit" && !item.name.startsWith("stderr, last line")));
  if (run.status === "completed" || said(a) || said(b)) return null;
  return `the mixture ended with ${run.signal ?? `exit code ${run.exitCode}`}, as neither run did`;
}

interface Judgeable {
  readonly evidence: readonly Evidence[];
}

/** Whose results a mixture has. */
export function judge(a: Side, b: Side, mixed: Side): Judged {
  const early = wasStopped(mixed.run);
  const [toA, toB] = [gatherEvidence(a, mixed), gatherEvidence(b, mixed)];
  const parted = toA.filter((item) => !item.agree);
  const failure = early ? null : broke(mixed.run, { evidence: toA }, { evidence: toB });
  if (failure !== null) return { outcome: "unresolved", reason: failure, evidence: parted };
  const [likeA, likeB] = [likeness(a, toA, false), likeness(b, toB, early)];
  if (likeA === "unseen") {
    const why = parted.map((item) => `${item.name}: ${item.unseen}`).join("; ");
    return { outcome: "unresolved", reason: why === "" ? "there is nothing to compare" : why, evidence: parted };
  }
  if (likeA === "same") return { outcome: "like-a", reason: "every result of run A", evidence: [] };
  const until = early ? " as far as it ran: it was ended where it parted from A" : "";
  if (likeB === "same") return { outcome: "like-b", reason: `every result of run B${until}`, evidence: parted };
  return { outcome: "neither", reason: `results of neither run${until}`, evidence: parted };
}
