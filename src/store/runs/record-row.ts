import { digestOf, RECORD_FORMAT, RepriseError, type RunId, type RunRecord } from "#record";
import type { Database } from "../database.ts";
import { statements } from "../tables.ts";

const formatNumber = (format: unknown): number => Number(/^reprise\/record@(\d+)$/.exec(String(format))?.[1] ?? 0);

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

/** The record in a row, if it is what was written: its digest stands beside it. */
export function readRecord(database: Database, id: RunId): RunRecord {
  const row = database.first(statements.selectFrom("records").select(["json", "digest"]).where("id", "=", id));
  if (row === undefined) throw corruptRecord(id);
  if (digestOf(row.json) !== row.digest) throw corruptRecord(id);
  // The digest says that these are the bytes that commit() made of a RunRecord; the format says of which version.
  const record = JSON.parse(row.json) as RunRecord;
  if (formatNumber(record.format) <= formatNumber(RECORD_FORMAT)) return record;
  throw new RepriseError(
    "RECORD_NEWER",
    "storage",
    `the record of the run ${id} was written by a newer Reprise (${record.format}, this one knows ${RECORD_FORMAT})`,
    "npm install --global reprise@latest",
  );
}
