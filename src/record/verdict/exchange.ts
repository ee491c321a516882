import type { Digest } from "../digest.ts";
import type { RunId, RunRecord } from "../run-record.ts";
import type { MetricNoise, ShownOn, VerdictWord, VerifyDocument } from "./verdict.ts";

export const EXPORT_FORMAT = "reprise/export@1";

/** What masks take their right from, as far as a file may tell it (docs/format/export.md). */
interface ExportedOrigin {
  readonly roots: readonly string[];
  readonly pids: readonly number[];
  readonly uuids: readonly string[];
  readonly clockValues: readonly number[];
}

/** With where it was come to, since 0.2. */
export type ExportedVerdict = Pick<
  VerifyDocument,
  "verdict" | "level" | "replays" | "agreeing" | "reason" | "varied" | "hostname"
> & { readonly shownOn?: ShownOn };

/** A run as one file: the record, the last verdict about it, and what its results hold where they are small. */
export interface ExportDocument {
  readonly format: typeof EXPORT_FORMAT;
  readonly version: string;
  readonly record: RunRecord;
  /** The last that was kept with the run; null: none. */
  readonly verdict: ExportedVerdict | null;
  readonly origin: ExportedOrigin;
  /** Base64 by digest. */
  readonly contents: Readonly<Record<Digest, string>>;
  /** Results that are not in the file: too large, or gone. */
  readonly left: readonly Digest[];
}

/** A colleague's run beside mine. */
export interface MachineRow {
  readonly file: string;
  readonly run: RunId;
  readonly hostname: string;
  readonly shownOn: ShownOn;
  /** Sections of the recipe that differ, with how many facts each: "code", "command", "data". */
  readonly recipe: readonly { readonly section: string; readonly count: number }[];
  /** Whether there is something else to a machine than its name: processor, GPU, system, Python, frameworks. */
  readonly sameMachine: boolean;
  /** agrees, differs, unknown at each level; null: not asked. */
  readonly numerical: { readonly word: "agrees" | "differs" | "unknown"; readonly reason: string };
  readonly statistical: {
    readonly word: "agrees" | "differs" | "unknown";
    readonly reason: string;
    readonly metrics: readonly MetricNoise[];
  } | null;
  /** Rows with the same letter have the same results, bit for bit or by content; null: it could not be told. */
  readonly group: string | null;
}

/** `reprise verify --against`: which machines agree at which level. */
export interface AgainstDocument {
  readonly format: "reprise/against@1";
  readonly run: RunId;
  readonly hostname: string;
  readonly shownOn: ShownOn;
  readonly asked: "numerical" | "statistical";
  readonly verdict: VerdictWord;
  /** The highest at which all of them agree with the run. */
  readonly level: "numerical" | "statistical" | "none";
  readonly reason: string;
  readonly machines: readonly MachineRow[];
  /** Made of the run to measure its noise. */
  readonly replays: readonly RunId[];
  readonly confidence: number | null;
  readonly warnings: readonly string[];
  readonly seconds: number;
}
