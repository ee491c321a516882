import type { DuckDBConnection } from "@duckdb/node-api";
import { RepriseError } from "#record";

/** A value as the engine gives it: whole numbers beyond 2^53 and times as text. */
export type Cell = string | number | boolean | null;
export type Row = Readonly<Record<string, Cell>>;

/** DuckDB, asked in SQL. It is optional and large: imported when it is asked for first. */
export interface Engine {
  query(sql: string): Promise<Row[]>;
  /** Reads a source once; what comes back is asked instead of it. */
  keep(source: string): Promise<string>;
  /** Lets go of what was kept. */
  release(): Promise<void>;
  close(): void;
}

const absent = (cause: unknown): RepriseError =>
  new RepriseError(
    "DUCKDB_ABSENT",
    "missing",
    "statistics need DuckDB, which is not installed here",
    "npm install --global @duckdb/node-api",
    { cause },
  );

/** Nothing is fetched from anywhere: an extension is a download. */
const SETTINGS = {
  autoinstall_known_extensions: "false",
  autoload_known_extensions: "false",
  allow_community_extensions: "false",
  memory_limit: "2GB",
} as const;

async function connect(temporary: string): Promise<{ connection: DuckDBConnection; close: () => void }> {
  let DuckDBInstance: typeof import("@duckdb/node-api").DuckDBInstance;
  try {
    ({ DuckDBInstance } = await import("@duckdb/node-api"));
  } catch (error) {
    throw absent(error);
  }
  const instance = await DuckDBInstance.create(":memory:", { ...SETTINGS, temp_directory: temporary });
  const connection = await instance.connect();
  await connection.run("SET lock_configuration = true");
  return {
    connection,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

function cellOf(value: unknown): Cell {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return value;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return String(value as { toString(): string });
}

/** `temporary`: an own folder for what does not fit into memory. */
export async function openEngine(temporary: string): Promise<Engine> {
  const { connection, close } = await connect(temporary);
  let kept = 0;
  return {
    async keep(source) {
      const name = `kept_${kept++}`;
      await connection.run(`CREATE TEMP TABLE ${name} AS SELECT * FROM ${source}`);
      return name;
    },
    async release() {
      for (; kept > 0; kept--) await connection.run(`DROP TABLE IF EXISTS kept_${kept - 1}`);
    },
    async query(sql) {
      const rows = (await connection.runAndReadAll(sql)).getRowObjectsJS();
      return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cellOf(value)])));
    },
    close,
  };
}

export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
export const named = (column: string): string => `"${column.replaceAll('"', '""')}"`;
