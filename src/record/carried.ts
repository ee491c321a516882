import { canonicalJson, type Json } from "./canonical.ts";
import type { SnapshotCode } from "./code.ts";
import type { Digest } from "./digest.ts";
import { digestOf } from "./digest.ts";
import type { Known } from "./known.ts";
import { writtenMetrics } from "./metric.ts";
import type { RunRecord } from "./run-record.ts";

/** Kinds of facts: where a run came from, and that the user allowed its command to be run here. */
export const ORIGIN_FACT = "origin";
export const TRUSTED_FACT = "trusted";

/** A file of the project that lay there, kept by content. */
export interface CarriedFile {
  readonly path: string;
  readonly bytes: number;
  readonly digest: Digest;
}

/** The recorded code as files, so that it can be restored without its repository and without git. */
export interface CarriedCode {
  /** Digest of the `code` that it stands for, as canonical JSON: it stands for no other. */
  readonly of: Digest;
  readonly snapshot: SnapshotCode;
  /** Files of a repository with the recorded commit alone, below `.git`; why it has none; null: the code was in none. */
  readonly repository: Known<readonly CarriedFile[]> | null;
}

/** What did not come along, and why. */
export interface LeftBehind {
  readonly path: string;
  readonly why: string;
}

/** What a run takes along beside its record when it goes to another machine. */
export interface Luggage {
  /** null: the record's own code is whole. */
  readonly code: CarriedCode | null;
  /** What lay in the project and the run was not seen to read. */
  readonly bystanders: readonly CarriedFile[];
  readonly left: readonly LeftBehind[];
}

/** Kept with a run that came from another store (docs/format/pack.md). */
export interface OriginFact extends Luggage {
  readonly format: "reprise/origin@1";
  readonly via: "pack" | "remote";
  /** The file or the remote, as it was named. */
  readonly from: string;
  readonly host: string;
  readonly packedAt: string;
  /** Id of the key whose signature was checked; null: none was. */
  readonly signedBy: string | null;
  /** Verdicts that the other store had: said by others, not found here. */
  readonly said: readonly Json[];
}

/** A record as it stands in a store: its digest is that of this text. */
export const writtenRecord = (record: RunRecord): string =>
  canonicalJson({ ...record, metrics: writtenMetrics(record.metrics) });

export const codeDigest = (record: RunRecord): Digest => digestOf(canonicalJson(record.code));
