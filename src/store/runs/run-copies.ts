import { digestOf, type Json, RepriseError, type RunId } from "#record";
import type { Database } from "../database.ts";
import { statements } from "../tables.ts";
import { factText, recordText } from "./record-row.ts";
import { isWhole } from "./row-digest.ts";
import type { LogLine, RunLog, RunLogs } from "./run-log.ts";

export interface LoggedFact {
  readonly seq: number;
  readonly kind: string;
  readonly at: string;
  readonly value: Json;
}

/** The facts in a log. Each line has proved to be what addFact() wrote. */
export const loggedFacts = (log: RunLog | null): LoggedFact[] =>
  log === null ? [] : log.facts.map(({ text }) => JSON.parse(text) as LoggedFact);

/** Writes the log of a run anew from the database. Throws STORE_CORRUPT_RECORD when that is damaged. */
export function completeLog(database: Database, logs: RunLogs, id: RunId): void {
  const { json, digest } = recordText(database, id);
  const lines: LogLine[] = [{ kind: "record", digest, text: json }];
  for (const row of database.all(statements.selectFrom("facts").selectAll().where("run_id", "=", id).orderBy("seq"))) {
    if (!isWhole(row)) continue;
    const text = factText(row);
    lines.push({ kind: "fact", digest: digestOf(text), text });
  }
  logs.place(logs.prepare(id, lines), id);
}

/** Writes the logs that are not there: of runs from before there were any, or whose writing was cut off. Damaged ones not. */
export function completeLogs(database: Database, logs: RunLogs): number {
  let written = 0;
  // All first: within a statement that still reads, a transaction would begin with what others have changed since.
  const ids = [...database.rows("SELECT id FROM runs")].map((row) => String(row.id));
  for (const id of ids) {
    if (logs.has(id)) continue;
    // Under the lock: a run that is being removed must not get one.
    written += database.transaction(() => {
      const there = database.first(statements.selectFrom("runs").select("id").where("id", "=", id));
      if (there === undefined || logs.has(id)) return 0;
      try {
        completeLog(database, logs, id);
        return 1;
      } catch (error) {
        if (error instanceof RepriseError && error.code === "STORE_CORRUPT_RECORD") return 0;
        throw error;
      }
    });
  }
  return written;
}
