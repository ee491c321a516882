import {
  canonicalJson,
  digestOf,
  type Json,
  RepriseError,
  type RunId,
  type RunRecord,
  type RunStatus,
  writtenRecord,
} from "#record";
import type { Database } from "../database.ts";
import { missingObject } from "../objects/object-error.ts";
import type { Objects } from "../objects/objects.ts";
import { type RunsTable, statements } from "../tables.ts";
import { objectsNamedBy } from "./named-objects.ts";
import type { OpenRuns } from "./open-runs.ts";
import { corruptRecord, factText, recordOf, recordText, rowOf, unknownId } from "./record-row.ts";
import { isWhole, sealed } from "./row-digest.ts";
import { completeLog, loggedFacts } from "./run-copies.ts";
import type { LogLine, RunLogs } from "./run-log.ts";
import { resolveRun } from "./run-ref.ts";
import type { Fact, RunBegin, RunFilter, RunRef, RunSummary, Runs, UnfinishedRun } from "./runs.ts";

const summary = (row: RunsTable): RunSummary => ({
  id: row.id,
  name: row.name,
  startedAt: row.started_at,
  // Only commit() writes this column, from a RunRecord.
  status: row.status as RunStatus,
  exitCode: row.exit_code,
  seconds: row.seconds,
  command: row.command,
  replayOf: row.replay_of,
});

/** Runs in the tables of one SQLite database. */
export class SqliteRuns implements Runs {
  readonly #database: Database;
  readonly #objects: Objects;
  readonly #open: OpenRuns;
  readonly #logs: RunLogs;

  constructor(database: Database, objects: Objects, open: OpenRuns, logs: RunLogs) {
    this.#database = database;
    this.#objects = objects;
    this.#open = open;
    this.#logs = logs;
  }

  begin(id: RunId, begin: RunBegin): string {
    if (this.#has(id)) throw this.#taken(id);
    return this.#open.begin(id, begin);
  }

  commit(record: RunRecord, facts: Parameters<Runs["commit"]>[1] = []): void {
    const { id } = record;
    const json = writtenRecord(record);
    const digest = digestOf(json);
    const named = objectsNamedBy(record);
    const log = this.#database.transaction(() => {
      if (this.#has(id)) throw this.#taken(id);
      // In the transaction: gc removes objects under the same lock.
      for (const digest of this.#objects.missing(named)) throw missingObject(digest);
      this.#database.change(statements.insertInto("runs").values(rowOf(record)));
      this.#database.change(statements.insertInto("records").values({ id, json, digest }));
      const kept = facts.map(({ kind, value }) => this.#insertFact(id, kind, value));
      this.#open.end(id);
      // Written before the commit, so that a full disk keeps neither; named after it: a log says that the run is kept.
      return this.#logs.prepare(id, [{ kind: "record", digest, text: json }, ...kept.map(({ line }) => line)]);
    });
    try {
      this.#logs.place(log, id);
      this.#open.removeFolder(id);
    } catch {
      // The run is kept; gc writes the log again and takes the folder.
    }
  }

  find(ref: RunRef): RunSummary {
    const id = resolveRun(this.#database, ref);
    const row = this.#database.first(statements.selectFrom("runs").selectAll().where("id", "=", id));
    if (row === undefined) throw unknownId(id);
    return row.id === id ? this.#summary(row) : summary(rowOf(this.#record(id)));
  }

  get(ref: RunRef): RunRecord {
    return this.#record(resolveRun(this.#database, ref));
  }

  list(filter: RunFilter = {}): RunSummary[] {
    let query = statements.selectFrom("runs").selectAll().orderBy("started_at", "desc").orderBy("id", "desc");
    if (filter.replaysOf !== undefined) query = query.where("replay_of", "=", filter.replaysOf);
    else if (filter.includeReplays !== true) query = query.where("replay_of", "is", null);
    if (filter.limit !== undefined) query = query.limit(filter.limit);
    return this.#database.all(query).map((row) => this.#summary(row));
  }

  unfinished(): UnfinishedRun[] {
    return this.#open.all();
  }

  folder(id: RunId): string {
    return this.#open.folder(id);
  }

  remove(id: RunId): void {
    const open = this.#open.all().find((run) => run.id === id);
    if (open?.state === "running") {
      throw new RepriseError("RUN_RUNNING", "missing", `the run ${id} is still running`, `kill -INT ${open.pid}`);
    }
    this.#database.transaction(() => {
      const row = this.#database.first(statements.selectFrom("runs").select(["name"]).where("id", "=", id));
      const ended = this.#open.end(id);
      if (row === undefined && !ended) throw unknownId(id);
      const gone = { id, name: row?.name ?? open?.name ?? null, removed_at: new Date().toISOString() };
      this.#database.change(statements.replaceInto("removed_runs").values(gone));
      this.#database.change(statements.deleteFrom("runs").where("id", "=", id));
      // Before the commit: what was removed must not come back with the next repair.
      this.#logs.remove(id);
    });
    this.#open.removeFolder(id);
  }

  addFact(id: RunId, kind: string, value: Json): Fact {
    const { fact, line } = this.#database.transaction(() => {
      if (!this.#has(id)) throw unknownId(id);
      return this.#insertFact(id, kind, value);
    });
    if (this.#logs.has(id)) this.#logs.append(id, line);
    else completeLog(this.#database, this.#logs, id);
    return fact;
  }

  #insertFact(id: RunId, kind: string, value: Json): { readonly fact: Fact; readonly line: LogLine } {
    const at = new Date().toISOString();
    const row = sealed({ run_id: id, kind, at, json: canonicalJson(value) });
    const seq = this.#database.first(statements.insertInto("facts").values(row).returning("seq"))?.seq ?? 0;
    const text = factText({ ...row, seq });
    return { fact: { seq, run: id, kind, at, value }, line: { kind: "fact", digest: digestOf(text), text } };
  }

  facts(id: RunId, kind?: string): Fact[] {
    let query = statements.selectFrom("facts").selectAll().where("run_id", "=", id).orderBy("seq");
    if (kind !== undefined) query = query.where("kind", "=", kind);
    return this.#database.all(query).map((row) => {
      if (row.run_id !== id || !isWhole(row)) return this.#factFromLog(id, row.seq);
      // addFact() wrote it, from a Json.
      return { seq: row.seq, run: id, kind: row.kind, at: row.at, value: JSON.parse(row.json) as Json };
    });
  }

  /** The record in the database, else its copy: both have their digest beside them. */
  #record(id: RunId): RunRecord {
    try {
      return recordOf(recordText(this.#database, id).json, id);
    } catch (error) {
      if (!(error instanceof RepriseError) || error.code !== "STORE_CORRUPT_RECORD") throw error;
      const copy = this.#logs.read(id)?.record;
      if (copy == null) throw error;
      return recordOf(copy.text, id);
    }
  }

  #summary(row: RunsTable): RunSummary {
    return isWhole(row) ? summary(row) : summary(rowOf(this.#record(row.id)));
  }

  #factFromLog(id: RunId, seq: number): Fact {
    for (const fact of loggedFacts(this.#logs.read(id))) {
      if (fact.seq === seq) return { seq, run: id, kind: fact.kind, at: fact.at, value: fact.value };
    }
    throw corruptRecord(id);
  }

  #has(id: RunId): boolean {
    return this.#database.first(statements.selectFrom("runs").select("id").where("id", "=", id)) !== undefined;
  }

  #taken(id: RunId): RepriseError {
    return new RepriseError("RUN_EXISTS", "missing", `there is a run with the id ${id} already`, `reprise show ${id}`);
  }
}
