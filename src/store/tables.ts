import { DummyDriver, type Generated, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";

/** meta.db as migrations.ts leaves it. Times are ISO 8601 in UTC with milliseconds, so that they sort as text. */
export interface Tables {
  runs: RunsTable;
  /** `seq` is never given twice: gc asks what came since. */
  records: { seq: Generated<number>; id: string; json: string; digest: string };
  open_runs: OpenRunsTable;
  removed_runs: { id: string; name: string | null; removed_at: string };
  facts: FactsTable;
  data_versions: DataVersionsTable;
  /** The number that was given last under a name, also when that version is gone. */
  data_names: { name: string; last: number };
  /** What numbers meant whose versions are gone. */
  removed_data: { name: string; version: number; manifest: string };
  /** Data that is being added now; `process` is a ProcessMark as JSON. */
  open_data: { id: string; started_at: string; process: string };
}

export interface RunsTable {
  id: string;
  name: string | null;
  started_at: string;
  status: string;
  exit_code: number | null;
  seconds: number;
  command: string;
  replay_of: string | null;
  /** Of the other columns (row-digest.ts), as everywhere; null: the row is older than the column. */
  digest: string | null;
}

interface FactsTable {
  seq: Generated<number>;
  run_id: string;
  kind: string;
  at: string;
  json: string;
  digest: string | null;
}

export interface OpenRunsTable {
  id: string;
  name: string | null;
  started_at: string;
  command: string;
  replay_of: string | null;
  /** A ProcessMark as JSON. */
  process: string;
  details: string;
  digest: string | null;
}

export interface DataVersionsTable {
  /** Never given twice, as that of records. */
  seq: Generated<number>;
  name: string;
  version: number;
  manifest: string;
  kind: string;
  entries: number;
  bytes: number;
  source: string;
  at: string;
  /** Of the columns above but `seq`. */
  digest: string;
}

/** Builds and types statements; it holds no connection. Database carries them out, synchronously. */
export const statements = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (kysely) => new SqliteIntrospector(kysely),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});
