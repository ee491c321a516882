import { RepriseError } from "#record";
import type { Access, Database } from "./database.ts";
import { corruptDatabase } from "./failure.ts";

/** Each is applied once, in order, and never edited after a release: a change is the next number. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE runs (
     id TEXT PRIMARY KEY,
     name TEXT,
     started_at TEXT NOT NULL,
     status TEXT NOT NULL,
     exit_code INTEGER,
     seconds REAL NOT NULL,
     command TEXT NOT NULL,
     replay_of TEXT
   ) STRICT;
   CREATE INDEX runs_by_time ON runs (started_at, id);
   CREATE INDEX runs_by_name ON runs (name) WHERE name IS NOT NULL;
   CREATE INDEX runs_by_original ON runs (replay_of) WHERE replay_of IS NOT NULL;
   CREATE TABLE records (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     id TEXT NOT NULL UNIQUE REFERENCES runs (id) ON DELETE CASCADE,
     json TEXT NOT NULL,
     digest TEXT NOT NULL
   ) STRICT;
   CREATE TABLE open_runs (
     id TEXT PRIMARY KEY,
     name TEXT,
     started_at TEXT NOT NULL,
     command TEXT NOT NULL,
     replay_of TEXT,
     process TEXT NOT NULL,
     details TEXT NOT NULL
   ) STRICT;
   CREATE TABLE removed_runs (
     id TEXT PRIMARY KEY,
     name TEXT,
     removed_at TEXT NOT NULL
   ) STRICT;
   CREATE TABLE facts (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
     kind TEXT NOT NULL,
     at TEXT NOT NULL,
     json TEXT NOT NULL
   ) STRICT;
   CREATE INDEX facts_by_run ON facts (run_id, kind);
   CREATE TRIGGER runs_frozen BEFORE UPDATE ON runs BEGIN SELECT RAISE(ABORT, 'a run is never changed'); END;
   CREATE TRIGGER records_frozen BEFORE UPDATE ON records BEGIN SELECT RAISE(ABORT, 'a record is never changed'); END;
   CREATE TRIGGER facts_frozen BEFORE UPDATE ON facts BEGIN SELECT RAISE(ABORT, 'a fact is never changed'); END;`,
  // SQLite has no checksums of its own: a flipped bit in one of these rows would be handed out.
  `ALTER TABLE runs ADD COLUMN digest TEXT;
   ALTER TABLE facts ADD COLUMN digest TEXT;
   ALTER TABLE open_runs ADD COLUMN digest TEXT;`,
  // Also for objects in pieces: an older Reprise would take the pieces for garbage.
  `CREATE TABLE data_versions (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     name TEXT NOT NULL,
     version INTEGER NOT NULL,
     manifest TEXT NOT NULL,
     kind TEXT NOT NULL,
     entries INTEGER NOT NULL,
     bytes INTEGER NOT NULL,
     source TEXT NOT NULL,
     at TEXT NOT NULL,
     digest TEXT NOT NULL,
     UNIQUE (name, version)
   ) STRICT;
   CREATE TABLE data_names (name TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;
   CREATE TABLE open_data (id TEXT PRIMARY KEY, started_at TEXT NOT NULL, process TEXT NOT NULL) STRICT;
   CREATE TRIGGER data_versions_frozen BEFORE UPDATE ON data_versions
     BEGIN SELECT RAISE(ABORT, 'a version of data is never changed'); END;`,
  // A version may come back from elsewhere; only as what it was.
  `CREATE TABLE removed_data (
     name TEXT NOT NULL,
     version INTEGER NOT NULL,
     manifest TEXT NOT NULL,
     PRIMARY KEY (name, version)
   ) STRICT;`,
];

function reached(database: Database): number {
  const row = database.prepared("PRAGMA user_version").get();
  return Number(row?.user_version ?? 0);
}

/** Refuses a database that a newer Reprise has changed. */
function checkNotNewer(root: string, number: number): void {
  if (number <= MIGRATIONS.length) return;
  throw new RepriseError(
    "STORE_NEWER",
    "storage",
    `the store ${root} was changed by a newer Reprise (migration ${number}, this one knows up to ${MIGRATIONS.length})`,
    "npm install --global reprise@latest",
  );
}

/** Brings the tables up to date; of several processes one does it and the others wait. A reader only checks. */
export function migrate(root: string, database: Database, { readonly, create }: Access): void {
  const before = reached(database);
  if (before === 0 && !create) throw corruptDatabase(root, new Error("meta.db is empty"));
  checkNotNewer(root, before);
  if (readonly || before === MIGRATIONS.length) return;
  database.transaction(() => {
    const start = reached(database);
    checkNotNewer(root, start);
    database.exec(
      "CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, applied_at TEXT NOT NULL) STRICT",
    );
    for (let number = start + 1; number <= MIGRATIONS.length; number++) {
      database.exec(MIGRATIONS[number - 1] ?? "");
      database.prepared("INSERT INTO migrations VALUES (?, ?)").run(number, new Date().toISOString());
      database.exec(`PRAGMA user_version = ${number}`);
    }
  });
}
