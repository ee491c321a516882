import {
  type Digest,
  digestOf,
  type Json,
  ORIGIN_FACT,
  type OriginFact,
  parseRecord,
  RepriseError,
  type RunRecord,
  writtenRecord,
} from "#record";
import type { Store } from "#store";
import { checkRecord } from "./check-record.ts";
import { luggageDigests, type Manifest, refused } from "./manifest.ts";

export interface Arrival {
  readonly via: OriginFact["via"];
  readonly from: string;
  readonly signedBy: string | null;
}

export interface Received {
  readonly record: RunRecord;
  /** new: it is in the store now. known: it was there, the same. */
  readonly state: "new" | "known";
}

/** The record of a manifest, in every way fit to be kept; nothing is written. */
export function checkedRecord(manifest: Manifest, text: string): RunRecord {
  if (digestOf(text) !== manifest.record.digest)
    throw refused("PACK_TAMPERED", "its record is not what its digest says");
  let record: RunRecord;
  try {
    record = parseRecord(text);
    if (writtenRecord(record) !== text) throw new TypeError("it is not in the form in which records are kept");
  } catch (error) {
    if (error instanceof RepriseError && error.code === "RECORD_NEWER") throw error;
    throw refused("PACK_INVALID", `its record cannot be read: ${(error as Error).message}`, undefined, error);
  }
  if (record.id !== manifest.run) throw refused("PACK_INVALID", "its record is of another run than its manifest says");
  try {
    checkRecord(record, manifest);
  } catch (error) {
    if (error instanceof RepriseError) throw error;
    throw refused("PACK_INVALID", `its record has no proper form: ${(error as Error).message}`, undefined, error);
  }
  return record;
}

/** The run as this store has it already; null: it does not. */
function knownRun(store: Store, { run }: Pick<Manifest, "run">): RunRecord | null {
  try {
    return store.runs.get(run);
  } catch (error) {
    if (error instanceof RepriseError && error.code === "RUN_UNKNOWN") return null;
    throw error;
  }
}

/** Keeps a run whose objects are all in the store by now. Throws PACK_CONFLICT where another one has its id. */
export function receive(store: Store, manifest: Manifest, text: string, arrival: Arrival): Received {
  const record = checkedRecord(manifest, text);
  const before = knownRun(store, manifest);
  if (before !== null) {
    if (digestOf(writtenRecord(before)) === manifest.record.digest) return { record: before, state: "known" };
    throw refused("PACK_CONFLICT", `the store has a run ${record.id} with another record`, `reprise show ${record.id}`);
  }
  const lacking: Digest[] = store.objects.missing(luggageDigests(manifest));
  if (lacking.length > 0) throw refused("PACK_INVALID", `it lacks ${lacking.length} files that it names`);
  const { code, bystanders, left, host, packedAt, said } = manifest;
  const origin: OriginFact = { format: "reprise/origin@1", ...arrival, host, packedAt, said, code, bystanders, left };
  try {
    store.runs.commit(record, [{ kind: ORIGIN_FACT, value: origin as unknown as Json }]);
  } catch (error) {
    if (error instanceof RepriseError && error.code === "STORE_MISSING_OBJECT")
      throw refused("PACK_INVALID", `it lacks a file that its record needs: ${error.message}`, undefined, error);
    throw error;
  }
  return { record, state: "new" };
}
