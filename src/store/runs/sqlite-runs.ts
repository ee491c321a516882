import {
  canonicalJson,
  digestOf,
  type Json,
  RepriseError,
  type RunId,
  type RunRecord,
  type RunStatus,
  writtenMetrics,
} from "#record";
import type { Database } from "../database.ts";
import { missingObject } from "../objects/object-error.ts";
import type { Objects } from "../objects/objects.ts";
import { type RunsTable, statements } from "../tables.ts";
import { commandLine } from "./command-line.ts";
import { objectsNamedBy } from "./named-objects.ts";
import type { OpenRuns } from "./open-runs.ts";
import { readRecord, unknownId } from "./record-row.ts";
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

  constructor(database: Database, objects: Objects, open: OpenRuns) {
    this.#database = database;
    this.#objects = objects;
    this.#open = open;
  }

  begin(id: RunId, begin: RunBegin): string {
    if (this.#has(id)) throw this.#taken(id);
    return this.#open.begin(id, begin);
  }

  commit(record: RunRecord): void {
    const { id } = record;
    const json = canonicalJson({ ...record, metrics: writtenMetrics(record.metrics) });
    const named = objectsNamedBy(record);
    const row: RunsTable = {
      id,
      name: record.name,
      started_at: new Date(record.startedAt).toISOString(),
      status: record.status,
      exit_code: record.exitCode,
      seconds: record.seconds,
      command: commandLine(record.command.argv),
      replay_of: record.replay?.of ?? null,
    };
    this.#database.transaction(() => {
      if (this.#has(id)) throw this.#taken(id);
      // In the transaction: gc removes objects under the same lock.
      for (const digest of this.#objects.missing(named)) throw missingObject(digest);
      this.#database.change(statements.insertInto("runs").values(row));
      this.#database.change(statements.insertInto("records").values({ id, json, digest: digestOf(json) }));
      this.#open.end(id);
    });
    try {
      this.#open.removeFolder(id);
    } catch {
      // The run is kept; gc takes the folder.
    }
  }

  find(ref: RunRef): RunSummary {
    const id = resolveRun(this.#database, ref);
    const row = this.#database.first(statements.selectFrom("runs").selectAll().where("id", "=", id));
    if (row === undefined) throw unknownId(id);
    return summary(row);
  }

  get(ref: RunRef): RunRecord {
    return readRecord(this.#database, resolveRun(this.#database, ref));
  }

  list(filter: RunFilter = {}): RunSummary[] {
    let query = statements.selectFrom("runs").selectAll().orderBy("started_at", "desc").orderBy("id", "desc");
    if (filter.replaysOf !== undefined) query = query.where("replay_of", "=", filter.replaysOf);
    else if (filter.includeReplays !== true) query = query.where("replay_of", "is", null);
    if (filter.limit !== undefined) query = query.limit(filter.limit);
    return this.#database.all(query).map(summary);
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
    });
    this.#open.removeFolder(id);
  }

  addFact(id: RunId, kind: string, value: Json): Fact {
    const at = new Date().toISOString();
    const row = { run_id: id, kind, at, json: canonicalJson(value) };
    return this.#database.transaction(() => {
      if (!this.#has(id)) throw unknownId(id);
      const added = this.#database.first(statements.insertInto("facts").values(row).returning("seq"));
      return { seq: added?.seq ?? 0, run: id, kind, at, value };
    });
  }

  facts(id: RunId, kind?: string): Fact[] {
    let query = statements.selectFrom("facts").selectAll().where("run_id", "=", id).orderBy("seq");
    if (kind !== undefined) query = query.where("kind", "=", kind);
    return this.#database.all(query).map((row) => ({
      seq: row.seq,
      run: row.run_id,
      kind: row.kind,
      at: row.at,
      // addFact() wrote it, from a Json.
      value: JSON.parse(row.json) as Json,
    }));
  }

  #has(id: RunId): boolean {
    return this.#database.first(statements.selectFrom("runs").select("id").where("id", "=", id)) !== undefined;
  }

  #taken(id: RunId): RepriseError {
    return new RepriseError("RUN_EXISTS", "missing", `there is a run with the id ${id} already`, `reprise show ${id}`);
  }
}
