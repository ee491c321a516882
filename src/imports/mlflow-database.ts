import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { malformed } from "./folder.ts";

/** One run as MLflow keeps it. */
export interface MlflowRow {
  readonly id: string;
  readonly name: string;
  readonly experiment: string;
  readonly status: string;
  readonly startedMs: number | null;
  readonly endedMs: number | null;
  readonly version: string;
  readonly artifactUri: string;
  readonly params: readonly { readonly name: string; readonly value: string }[];
  readonly tags: Readonly<Record<string, string>>;
  readonly metrics: readonly {
    readonly name: string;
    readonly points: readonly { readonly step: number | null; readonly value: number }[];
  }[];
}

type Row = Readonly<Record<string, unknown>>;
const words = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" || typeof value === "bigint" ? String(value) : "";
const time = (value: unknown): number | null => (typeof value === "number" && value > 0 ? value : null);

/** The runs in a SQLite database of MLflow that are not deleted. A copy is read: opening one may write beside it. */
export function rowsOfDatabase(file: string): MlflowRow[] {
  const folder = mkdtempSync(join(tmpdir(), "reprise-import-"));
  try {
    const copy = join(folder, "mlflow.db");
    copyFileSync(file, copy);
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
    return read(copy);
  } catch (error) {
    throw malformed(file, `it is no database of MLflow (${(error as Error).message})`, error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function read(file: string): MlflowRow[] {
  const database = new DatabaseSync(file);
  try {
    const rows = (query: string): Row[] => database.prepare(query).all() as Row[];
    // A view under the name of a table could be anything.
    const tables = new Set(rows("SELECT name FROM sqlite_master WHERE type = 'table'").map(({ name }) => words(name)));
    const lacking = ["runs", "experiments", "metrics", "params", "tags"].filter((name) => !tables.has(name));
    if (lacking.length > 0) throw new Error(`no table ${lacking.join(", ")}`);
    const experiments = new Map(
      rows("SELECT experiment_id, name FROM experiments").map((row) => [row.experiment_id, words(row.name)]),
    );
    const by = (list: readonly Row[]): Map<string, Row[]> => Map.groupBy(list, ({ run_uuid }) => words(run_uuid));
    const params = by(rows("SELECT run_uuid, key, value FROM params ORDER BY key"));
    const tags = by(rows("SELECT run_uuid, key, value FROM tags"));
    const metrics = by(
      rows("SELECT run_uuid, key, value, step, is_nan FROM metrics ORDER BY key, timestamp, step, rowid"),
    );
    return rows("SELECT * FROM runs WHERE lifecycle_stage = 'active' ORDER BY start_time").map((row) => {
      const id = words(row.run_uuid);
      const series = Map.groupBy(metrics.get(id) ?? [], ({ key }) => words(key));
      return {
        id,
        name: words(row.name),
        experiment: experiments.get(row.experiment_id) ?? "",
        status: words(row.status),
        startedMs: time(row.start_time),
        endedMs: time(row.end_time),
        version: words(row.source_version),
        artifactUri: words(row.artifact_uri),
        params: (params.get(id) ?? []).map(({ key, value }) => ({ name: words(key), value: words(value) })),
        tags: Object.fromEntries((tags.get(id) ?? []).map(({ key, value }) => [words(key), words(value)])),
        metrics: [...series].map(([name, points]) => ({
          name,
          points: points.map(({ value, step, is_nan }) => ({
            step: typeof step === "number" ? step : null,
            value: is_nan === 1 ? Number.NaN : infinite(Number(value)),
          })),
        })),
      };
    });
  } finally {
    database.close();
  }
}

/** Databases have no infinities: MLflow writes the largest double for them. */
const infinite = (value: number): number =>
  Math.abs(value) >= Number.MAX_VALUE ? Math.sign(value) * Number.POSITIVE_INFINITY : value;
