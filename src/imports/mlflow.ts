import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunStatus } from "#record";
import { filesUnder, isFile, malformed, nothingThere, readText, within, yamlOf } from "./folder.ts";
import { type ForeignRun, type ForeignSeries, NOTHING_SAID, numberOf, textOf } from "./foreign.ts";
import { type MlflowRow, rowsOfDatabase } from "./mlflow-database.ts";

/** As numbers in files, as words in databases. */
const STATUS: Readonly<Record<string, RunStatus>> = {
  "3": "completed",
  "4": "failed",
  "5": "killed",
  FINISHED: "completed",
  FAILED: "failed",
  KILLED: "killed",
};

const statusOf = (word: string): RunStatus => STATUS[word] ?? "unknown";

/** The parts of a run that a database and files have alike. */
function fromMlflow(row: MlflowRow, folder: string, artifacts: string | null): ForeignRun {
  const { tags } = row;
  const commit = tags["mlflow.source.git.commit"] ?? row.version;
  const shown = Object.entries(tags).filter(([key]) => !key.startsWith("mlflow."));
  const script = tags["mlflow.source.name"] ?? "";
  return {
    ...NOTHING_SAID,
    tool: "mlflow",
    id: row.id,
    folder,
    name: tags["mlflow.runName"] ?? (row.name === "" ? null : row.name),
    experiment: row.experiment === "" ? null : row.experiment,
    tags: { ...Object.fromEntries(shown), ...(script === "" ? {} : { source: script }) },
    status: statusOf(row.status),
    startedMs: row.startedMs,
    endedMs: row.endedMs,
    git: /^[0-9a-f]{40}$/.test(commit)
      ? { commit, remote: tags["mlflow.source.git.repoURL"] ?? null, dirty: null }
      : null,
    params: row.params,
    metrics: row.metrics.map(({ name, points }): ForeignSeries => ({ name, source: "mlflow", points })),
    artifacts:
      artifacts === null
        ? null
        : filesUnder(artifacts).map((path) => ({ path: `artifacts/${path}`, file: join(artifacts, path) })),
    warnings: row.status === "1" || row.status === "RUNNING" ? ["MLflow says that it is still running"] : [],
  };
}

/** A file of one metric: lines of time stamp, value and step. */
function pointsIn(path: string): ForeignSeries["points"] {
  return readText(path)
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [, value = "", step] = line.trim().split(/\s+/);
      const number = numberOf(value);
      if (number === null) throw malformed(path, `no metric: ${JSON.stringify(line.slice(0, 80))}`);
      return { step: step === undefined ? null : Number(step), value: number };
    });
}

function fromFiles(meta: string, experiment: string): ForeignRun | null {
  const folder = dirname(meta);
  const facts = yamlOf(meta);
  if (facts.lifecycle_stage === "deleted" || facts.deleted_time !== undefined) return null;
  const named = (kind: string): { name: string; path: string }[] =>
    filesUnder(join(folder, kind)).map((name) => ({ name, path: join(folder, kind, name) }));
  const time = (value: unknown): number | null => (typeof value === "number" && value > 0 ? value : null);
  const row: MlflowRow = {
    id: textOf(facts.run_id ?? facts.run_uuid),
    name: typeof facts.run_name === "string" ? facts.run_name : "",
    experiment,
    status: textOf(facts.status),
    startedMs: time(facts.start_time),
    endedMs: time(facts.end_time),
    version: textOf(facts.source_version),
    artifactUri: textOf(facts.artifact_uri),
    params: named("params").map(({ name, path }) => ({ name, value: readText(path) })),
    tags: Object.fromEntries(named("tags").map(({ name, path }) => [name, readText(path)])),
    metrics: named("metrics").map(({ name, path }) => ({ name, points: pointsIn(path) })),
  };
  return fromMlflow(row, folder, join(folder, "artifacts"));
}

function experimentOf(meta: string): string {
  const above = join(dirname(dirname(meta)), "meta.yaml");
  return isFile(above) ? textOf(yamlOf(above).name ?? "") : "";
}

/** A local folder that an artifact URI means, if it lies where we were asked to look. */
function localArtifacts(uri: string, top: string): string | null {
  try {
    const path = uri.startsWith("file:") ? fileURLToPath(uri) : /^[a-z][a-z+.-]+:/i.test(uri) ? null : join(top, uri);
    return path === null ? null : within(top, path);
  } catch {
    return null;
  }
}

/** Runs of MLflow: a store of files (`mlruns/`), or a SQLite database. */
export function mlflowRuns(path: string): ForeignRun[] {
  if (isFile(path)) return fromDatabase(path, dirname(path));
  const files = filesUnder(path);
  const metas = files.filter((file) => basename(file) === "meta.yaml").map((file) => join(path, file));
  const runs = metas.filter((meta) => /^run_(?:id|uuid):/m.test(readText(meta)));
  const databases = files.filter((file) => /^[^/]*\.(?:db|sqlite3?)$/.test(file));
  const found = [
    ...runs.flatMap((meta) => fromFiles(meta, experimentOf(meta)) ?? []),
    ...databases.flatMap((file) => fromDatabase(join(path, file), path)),
  ];
  if (found.length === 0) throw nothingThere("MLflow", path, "no meta.yaml with a run_id, and no SQLite database");
  return found;
}

function fromDatabase(file: string, top: string): ForeignRun[] {
  return rowsOfDatabase(file).map((row) => fromMlflow(row, top, localArtifacts(row.artifactUri, top)));
}
