import { DummyDriver, type Generated, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";

/** meta.db as migrations.ts leaves it. Times are ISO 8601 in UTC with milliseconds, so that they sort as text. */
export interface Tables {
  runs: RunsTable;
  /** `seq` is never given twice: gc asks what came since. */
  records: { seq: Generated<number>; id: string; json: string; digest: string };
  open_runs: OpenRunsTable;
  removed_runs: { id: string; name: string | null; removed_at: string };
  facts: { seq: Generated<number>; run_id: string; kind: string; at: string; json: string };
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
}

interface OpenRunsTable {
  id: string;
  name: string | null;
  started_at: string;
  command: string;
  replay_of: string | null;
  /** A ProcessMark as JSON. */
  process: string;
  details: string;
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
