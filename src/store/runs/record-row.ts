import { digestOf, parseRecord, RepriseError, type RunId, type RunRecord } from "#record";
import type { Database } from "../database.ts";
import { statements } from "../tables.ts";

export function unknownId(id: RunId): RepriseError {
  return new RepriseError("RUN_UNKNOWN", "missing", `no run has the id ${id}`, "reprise ls");
}

function corruptRecord(id: RunId, cause?: unknown): RepriseError {
  return new RepriseError(
    "STORE_CORRUPT_RECORD",
    "storage",
    `the record of the run ${id} is damaged: its content has another digest`,
    "reprise fsck",
    { cause },
  );
}

/** The record in a row, if it is what commit() wrote: its digest stands beside it. */
export function readRecord(database: Database, id: RunId): RunRecord {
  const row = database.first(statements.selectFrom("records").select(["json", "digest"]).where("id", "=", id));
  if (row === undefined) throw corruptRecord(id);
  if (digestOf(row.json) !== row.digest) throw corruptRecord(id);
  return parseRecord(row.json);
}
