import { copyFileSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { SQLInputValue } from "node:sqlite";
import { canonicalJson, digestOf, RepriseError, type RunId, type RunRecord } from "#record";
import { VersionCopies } from "../data/version-copies.ts";
import { Database } from "../database.ts";
import { syncFolder } from "../durable.ts";
import type { Layout } from "../layout.ts";
import { migrate } from "../migrations.ts";
import { commandLine } from "../runs/command-line.ts";
import { readBegin } from "../runs/open-runs.ts";
import { recordOf, rowOf } from "../runs/record-row.ts";
import { isWhole, sealed } from "../runs/row-digest.ts";
import { completeLog, loggedFacts } from "../runs/run-copies.ts";
import type { RunLog, RunLogs } from "../runs/run-log.ts";
import { statements } from "../tables.ts";
import type { Quarantine } from "./quarantine.ts";
import { type Row, salvageRows } from "./salvage.ts";

/** The database and its log; its -shm is made again. */
const ENDINGS = ["", "-wal"] as const;
/** Made anew, not copied row by row. */
const OURS = new Set(["runs", "records", "facts", "open_runs", "migrations"]);

export interface Rebuilt {
  readonly runs: number;
  readonly facts: number;
  /** Runs that are known to have been there, and whose record is nowhere whole. */
  readonly lost: readonly RunId[];
}

/** What is left of the damaged database, opened as a copy: SQLite would change it. */
function openOld(layout: Layout, folder: string): Database | null {
  const path = join(folder, "old.db");
  try {
    for (const ending of ENDINGS)
      if (existsSync(layout.database + ending)) copyFileSync(layout.database + ending, path + ending);
    return Database.open(layout.root, path, { readonly: false, create: false });
  } catch {
    return null;
  }
}

const textOf = (row: Row, column: string): string => String(row[column] ?? "");

function insert(database: Database, table: string, row: Readonly<Record<string, SQLInputValue>>): void {
  const columns = Object.keys(row);
  const sql = `INSERT OR IGNORE INTO "${table}" (${columns.map((name) => `"${name}"`).join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;
  database.prepared(sql).run(...Object.values(row));
}

interface Kept {
  readonly record: RunRecord;
  /** As it was written. */
  readonly json: string;
}

class Rebuild {
  readonly lost: RunId[] = [];
  readonly logs = new Map<RunId, RunLog>();
  readonly #old: Database | null;
  readonly #fresh: Database;
  facts = 0;

  constructor(old: Database | null, fresh: Database, logs: RunLogs) {
    this.#old = old;
    this.#fresh = fresh;
    for (const id of logs.ids()) {
      const log = logs.read(id);
      if (log !== null) this.logs.set(id, log);
    }
  }

  /** Every record that is whole, from the logs or from the old database. */
  records(): Kept[] {
    const old = salvageRows(this.#old, "records");
    const listed = salvageRows(this.#old, "runs").map((row) => textOf(row, "id"));
    const removed = new Set(salvageRows(this.#old, "removed_runs").map((row) => textOf(row, "id")));
    const texts = new Map<RunId, string>();
    for (const row of old) {
      const json = textOf(row, "json");
      if (digestOf(json) === row.digest) texts.set(textOf(row, "id"), json);
    }
    for (const [id, { record }] of this.logs) if (record !== null && !removed.has(id)) texts.set(id, record.text);
    const known = new Set([...listed, ...this.logs.keys(), ...texts.keys()].filter((id) => !removed.has(id)));
    return [...known].flatMap((id) => this.#parsed(id, texts.get(id)));
  }

  #parsed(id: RunId, json: string | undefined): Kept[] {
    try {
      if (json !== undefined) return [{ record: recordOf(json, id), json }];
    } catch (error) {
      if (!(error instanceof RepriseError)) throw error;
    }
    this.lost.push(id);
    return [];
  }

  keepRecord({ record, json }: Kept): void {
    insert(this.#fresh, "runs", { ...rowOf(record) });
    insert(this.#fresh, "records", { id: record.id, json, digest: digestOf(json) });
  }

  /** Facts about the runs that are there: from the logs, then what the old database has besides. */
  keepFacts(ids: ReadonlySet<RunId>): void {
    const taken = new Map<number, Readonly<Record<string, SQLInputValue>>>();
    for (const [id, log] of this.logs) {
      for (const { seq, kind, at, value } of ids.has(id) ? loggedFacts(log) : [])
        taken.set(seq, { seq, ...sealed({ run_id: id, kind, at, json: canonicalJson(value) }) });
    }
    for (const row of salvageRows(this.#old, "facts")) {
      const fact = { ...row } as Record<string, SQLInputValue> & { digest?: string | null };
      if (ids.has(textOf(row, "run_id")) && isWhole(fact) && !taken.has(Number(row.seq)))
        taken.set(Number(row.seq), fact);
    }
    for (const [, fact] of [...taken].sort(([a], [b]) => a - b)) insert(this.#fresh, "facts", fact);
    this.facts = taken.size;
  }

  /** Runs that began and have no record: by the folders that they left. */
  keepUnfinished(folder: string, ids: ReadonlySet<RunId>): void {
    for (const name of existsSync(folder) ? readdirSync(folder) : []) {
      if (ids.has(name)) continue;
      try {
        const begin = readBegin(join(folder, name));
        const row = {
          id: name,
          name: begin.name,
          started_at: begin.startedAt,
          command: commandLine(begin.argv),
          replay_of: begin.replayOf,
          process: canonicalJson({ ...begin.process }),
          details: canonicalJson(begin.details ?? null),
        };
        insert(this.#fresh, "open_runs", sealed(row));
      } catch {
        // Cut off before it was written: nothing is known of it, and gc takes the folder.
      }
    }
  }

  /** What other tables hold, as it is. */
  keepOthers(): void {
    const tables = this.#fresh.prepared("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    for (const name of tables.map((row) => String(row.name))) {
      if (OURS.has(name) || name.startsWith("sqlite_")) continue;
      for (const row of salvageRows(this.#old, name)) insert(this.#fresh, name, { ...row });
    }
  }

  /** The versions of data that have a copy; the numbers of their names go on behind them. */
  keepData(copies: VersionCopies): void {
    for (const row of copies.read()) {
      insert(this.#fresh, "data_versions", { ...row });
      insert(this.#fresh, "data_names", { name: row.name, last: row.version });
      const raise = "UPDATE data_names SET last = max(last, ?) WHERE name = ?";
      this.#fresh.prepared(raise).run(row.version, row.name);
    }
  }
}

/** Puts a new database in the place of the old one. Without the old log, which SQLite would play into the new one. */
function replace(layout: Layout, fresh: string): void {
  for (const ending of ["-wal", "-shm"]) rmSync(layout.database + ending, { force: true });
  syncFolder(layout.root);
  renameSync(fresh, layout.database);
  syncFolder(layout.root);
}

/** Makes the database anew from the logs of the runs and from what the old one still gives out. Nobody else may use it. */
export function rebuildDatabase(layout: Layout, logs: RunLogs, quarantine: Quarantine): Rebuilt {
  const folder = mkdtempSync(join(layout.temporary, "rebuild-"));
  try {
    for (const ending of ENDINGS) quarantine.copy(layout.database + ending);
    const old = openOld(layout, folder);
    const path = join(folder, "meta.db");
    const copies = new VersionCopies(layout);
    const fresh = Database.open(layout.root, path, { readonly: false, create: true });
    try {
      migrate(layout.root, fresh, { readonly: false, create: true });
      const rebuild = new Rebuild(old, fresh, logs);
      const records = rebuild.records().sort((a, b) => (a.record.startedAt < b.record.startedAt ? -1 : 1));
      const ids = new Set(records.map(({ record }) => record.id));
      fresh.transaction(() => {
        for (const kept of records) rebuild.keepRecord(kept);
        rebuild.keepFacts(ids);
        rebuild.keepUnfinished(layout.runs, ids);
        rebuild.keepOthers();
        rebuild.keepData(copies);
      });
      copies.write(fresh.all(statements.selectFrom("data_versions").selectAll()));
      mendLogs(fresh, logs, rebuild.logs, ids, quarantine);
      fresh.close();
      replace(layout, path);
      return { runs: records.length, facts: rebuild.facts, lost: rebuild.lost };
    } finally {
      fresh.close();
      old?.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes anew the logs that are damaged or lack something; what they were is kept. */
function mendLogs(
  database: Database,
  logs: RunLogs,
  read: ReadonlyMap<RunId, RunLog>,
  ids: ReadonlySet<RunId>,
  quarantine: Quarantine,
): void {
  for (const id of new Set([...ids, ...read.keys()])) {
    const log = read.get(id);
    const damaged = log !== undefined && (log.damaged > 0 || log.torn || log.record === null);
    if (damaged) quarantine.copy(logs.pathOf(id));
    if (!ids.has(id)) continue;
    const facts = Number(database.prepared("SELECT count(*) AS n FROM facts WHERE run_id = ?").get(id)?.n ?? 0);
    if (log === undefined || damaged || log.facts.length !== facts) completeLog(database, logs, id);
  }
}
