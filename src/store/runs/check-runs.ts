import { type Digest, RepriseError, type RunId } from "#record";
import type { Database } from "../database.ts";
import { storageError } from "../failure.ts";
import { type FsckFinding, findingOf } from "../finding.ts";
import type { Layout } from "../layout.ts";
import { statements } from "../tables.ts";
import { objectsNamedBy } from "./named-objects.ts";
import { recordOf, recordText } from "./record-row.ts";
import { isWhole } from "./row-digest.ts";
import { loggedFacts } from "./run-copies.ts";
import type { RunLog, RunLogs } from "./run-log.ts";

export interface RunsChecked {
  readonly runs: number;
  /** Which runs need which object. */
  readonly needed: ReadonlyMap<Digest, readonly RunId[]>;
  readonly findings: readonly FsckFinding[];
}

const about = (code: FsckFinding["code"], id: RunId, message: string): FsckFinding => ({
  code,
  digest: null,
  runs: [id],
  message,
});

/** Whether the database has no such run, and knows of no removal. */
function isLost(database: Database | null, id: RunId): boolean {
  if (database === null) return true;
  const has = (table: "runs" | "removed_runs"): boolean =>
    database.first(statements.selectFrom(table).select("id").where("id", "=", id)) !== undefined;
  return !has("runs") && !has("removed_runs");
}

class Check {
  readonly needed = new Map<Digest, RunId[]>();
  readonly findings: FsckFinding[] = [];
  readonly #database: Database | null;
  readonly #logs: RunLogs;

  constructor(database: Database | null, logs: RunLogs) {
    this.#database = database;
    this.#logs = logs;
  }

  /** A run that the database has: its record, its rows, and its log against them. */
  inDatabase(database: Database, id: RunId): void {
    // The log first: what is in it was in the database before.
    const log = this.#logs.read(id);
    try {
      const { json, digest } = recordText(database, id);
      this.#need(id, json);
      if (log !== null) this.#copy(id, log, digest);
    } catch (error) {
      if (isLost(database, id)) return; // removed meanwhile
      this.findings.push(findingOf(error, null, [id]));
      if (log?.record != null) this.#need(id, log.record.text);
    }
    this.#rows(database, id, log);
  }

  /** A log without a run in the database: it was written after the run was kept, so the database has lost it. */
  inLogs(id: RunId): void {
    const log = this.#logs.read(id);
    if (log === null || !isLost(this.#database, id)) return;
    if (log.record === null) {
      this.findings.push(
        about("STORE_CORRUPT_RECORD", id, `the record of the run ${id} is lost: its copy is damaged too`),
      );
      return;
    }
    const message = `the database has lost the run ${id}; its copy beside it is whole`;
    this.findings.push(about("STORE_CORRUPT_DATABASE", id, message));
    this.#need(id, log.record.text);
  }

  #need(id: RunId, json: string): void {
    try {
      for (const digest of objectsNamedBy(recordOf(json, id))) {
        const users = this.needed.get(digest) ?? [];
        users.push(id);
        this.needed.set(digest, users);
      }
    } catch (error) {
      if (!(error instanceof RepriseError)) throw error;
      this.findings.push(findingOf(error, null, [id]));
    }
  }

  #copy(id: RunId, log: RunLog, digest: Digest): void {
    const differs = log.record === null || log.record.digest !== digest;
    if (log.damaged > 0 || differs)
      this.findings.push(about("STORE_CORRUPT_COPY", id, `the copy of the run ${id} is damaged; the database has it`));
  }

  #rows(database: Database, id: RunId, log: RunLog | null): void {
    const row = database.first(statements.selectFrom("runs").selectAll().where("id", "=", id));
    if (row !== undefined && (row.id !== id || !isWhole(row)))
      this.findings.push(about("STORE_CORRUPT_RECORD", id, `what lists show of the run ${id} is damaged`));
    const facts = database.all(statements.selectFrom("facts").selectAll().where("run_id", "=", id));
    const damaged = facts.filter((fact) => fact.run_id !== id || !isWhole(fact)).length;
    if (damaged > 0)
      this.findings.push(about("STORE_CORRUPT_RECORD", id, `${damaged} of the facts about the run ${id} are damaged`));
    const there = new Set(facts.map(({ seq }) => seq));
    const lost = loggedFacts(log).filter(({ seq }) => !there.has(seq)).length;
    if (lost > 0)
      this.findings.push(
        about("STORE_CORRUPT_DATABASE", id, `the database has lost ${lost} of the facts about the run ${id}`),
      );
  }
}

/** Reads every record and fact, in the database and beside it. */
export function checkRuns(layout: Layout, database: Database | null, logs: RunLogs): RunsChecked {
  const check = new Check(database, logs);
  const ids = [...logs.ids()];
  const known = new Set<RunId>();
  try {
    for (const row of database?.rows("SELECT id FROM runs ORDER BY started_at, id") ?? []) known.add(String(row.id));
    if (database !== null) for (const id of known) check.inDatabase(database, id);
    for (const row of database?.all(statements.selectFrom("open_runs").selectAll()) ?? [])
      if (!isWhole(row))
        check.findings.push(
          about("STORE_CORRUPT_DATABASE", row.id, `what is known of the unfinished run ${row.id} is damaged`),
        );
  } catch (error) {
    check.findings.push(findingOf(storageError(error, layout.root, "read"), null, []));
  }
  const beside = ids.filter((id) => !known.has(id));
  for (const id of beside) check.inLogs(id);
  return { runs: known.size + beside.length, needed: check.needed, findings: check.findings };
}
