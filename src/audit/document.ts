import type { CodeChange } from "#capture";
import type { RunId, WhyDocument } from "#record";

export const AUDIT_FORMAT = "reprise/audit@1";

/** within: as the golden; outside: not; inconclusive: could not be told. */
export type AuditWord = "within" | "outside" | "inconclusive";

/** One result that the golden holds, and what the trainings came to. */
export interface AuditItem {
  readonly kind: "metric" | "exact";
  readonly name: string;
  /**
   * unsteady: held to be equal, and not so in one training of three; undecided: outside in one, and no other was made;
   * unjudged: `reason` says why.
   */
  readonly state: "within" | "outside" | "undecided" | "unsteady" | "unjudged";
  /** Of each training; null: it has no such result. */
  readonly values: readonly (number | string | null)[];
  /** Of a metric that may vary. */
  readonly low: number | null;
  readonly high: number | null;
  /** Of the trainings of the golden: their mean, or what all of them had. */
  readonly golden: number | string;
  readonly byHand: string | null;
  readonly reason: string | null;
}

/** Something that is another than when the golden was made. */
export interface AuditChange {
  readonly section: "code" | "data" | "environment" | "machine";
  readonly name: string;
  readonly change: "added" | "removed" | "changed";
  readonly a: string | null;
  readonly b: string | null;
  /** Of code: whether the training imported it. */
  readonly imported: boolean | null;
  readonly hunks: CodeChange["hunks"];
}

/** The golden's code trained here and now, under the seed of the audited training. */
export interface AuditControl {
  readonly run: RunId;
  readonly verdict: AuditWord;
  readonly words: string;
}

export interface AuditDocument {
  readonly format: typeof AUDIT_FORMAT;
  readonly name: string;
  /** The golden file, relative to the project. */
  readonly file: string;
  readonly golden: {
    readonly run: RunId;
    readonly date: string;
    readonly by: string;
    readonly reason: string;
    readonly commit: string | null;
    readonly trainings: number;
    readonly alarms: number;
    readonly confidence: number;
  };
  readonly verdict: AuditWord;
  readonly reason: string;
  readonly trainings: readonly RunId[];
  readonly items: readonly AuditItem[];
  /** What is not judged at all, and why. */
  readonly left: Readonly<Record<string, string>>;
  /** Metrics that the golden does not know. */
  readonly fresh: readonly string[];
  readonly changes: readonly AuditChange[];
  /** What could not be compared with the golden, and why. */
  readonly unknown: readonly string[];
  /** Why the first training does not count; null: it does. */
  readonly aside: string | null;
  readonly control: AuditControl | null;
  readonly why: WhyDocument | null;
  /** Of each of its causes: what it comes to by itself, all else as in the golden; null: that could not be done. */
  readonly shifts: readonly (AuditWord | null)[];
  /** Why no cause was looked for; null: it was, or nothing is outside. */
  readonly whyNot: string | null;
  readonly startedAt: string;
  readonly seconds: number;
}
