import {
  canonicalJson,
  type Digest,
  digestOf,
  type Json,
  parseRecord,
  RepriseError,
  type RunId,
  type RunRecord,
} from "#record";
import type { Database } from "../database.ts";
import { type RunsTable, statements } from "../tables.ts";
import { commandLine } from "./command-line.ts";
import { sealed } from "./row-digest.ts";

export function unknownId(id: RunId): RepriseError {
  return new RepriseError("RUN_UNKNOWN", "missing", `no run has the id ${id}`, "reprise ls");
}

export function corruptRecord(id: RunId, cause?: unknown): RepriseError {
  return new RepriseError(
    "STORE_CORRUPT_RECORD",
    "storage",
    `the record of the run ${id} is damaged: its content has another digest`,
    "reprise repair",
    { cause },
  );
}

/** The text of a record in its row, if it is what commit() wrote: its digest stands beside it. */
export function recordText(database: Database, id: RunId): { readonly json: string; readonly digest: Digest } {
  const row = database.first(statements.selectFrom("records").select(["json", "digest"]).where("id", "=", id));
  const digest = row === undefined ? null : digestOf(row.json);
  if (row === undefined || digest === null || digest !== row.digest) throw corruptRecord(id);
  return { json: row.json, digest };
}

/** A record as it is kept, for one run: a damaged index may lead to the row of another. */
export function recordOf(json: string, id: RunId): RunRecord {
  const record = parseRecord(json);
  if (record.id !== id) throw corruptRecord(id);
  return record;
}

/** What lists show of a record. */
export const rowOf = (record: RunRecord): RunsTable =>
  sealed({
    id: record.id,
    name: record.name,
    started_at: new Date(record.startedAt).toISOString(),
    status: record.status,
    exit_code: record.exitCode,
    seconds: record.seconds,
    command: commandLine(record.command.argv),
    replay_of: record.replay?.of ?? null,
  });

/** A fact as a line of the run's log. */
export const factText = (fact: {
  readonly seq: number;
  readonly kind: string;
  readonly at: string;
  readonly json: string;
}): string =>
  // The text of `json` was made by canonicalJson.
  canonicalJson({ seq: fact.seq, kind: fact.kind, at: fact.at, value: JSON.parse(fact.json) as Json });
