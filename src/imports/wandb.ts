import { basename, dirname, join } from "node:path";
import { readWandbLog, Unreadable } from "#content";
import { bytesOf, filesUnder, isFile, jsonOf, malformed, nothingThere, yamlOf } from "./folder.ts";
import { type ForeignRun, type ForeignSeries, flat, NOTHING_SAID, numberOf, textOf } from "./foreign.ts";

type Log = ReturnType<typeof readWandbLog>;

/** What W&B keeps beside the run for itself. */
const OWN = /^(?:output\.log|requirements\.txt|config\.yaml|wandb-(?:summary|metadata)\.json|conda-environment\.yaml)$/;

/** JSON as W&B writes it: NaN and infinities are bare words. */
function heldBy(json: string): unknown {
  const number = numberOf(json);
  if (number !== null) return number;
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

function paramsOf(config: Iterable<readonly [string, unknown]>): ForeignRun["params"] {
  return [...config]
    .filter(([key]) => !key.startsWith("_"))
    .flatMap(([key, value]) => flat(value, key))
    .map(([name, value]) => ({ name, value: textOf(value) }));
}

/** Numbers of the history by name; its own counters and media are left out. */
function seriesOf(history: Log["history"]): ForeignSeries[] {
  const found = new Map<string, { step: number | null; value: number }[]>();
  for (const { step, items } of history)
    for (const [key, json] of items) {
      const value = key.startsWith("_") ? null : heldBy(json);
      const isMedia = typeof value === "object" && value !== null && "_type" in value;
      for (const [name, one] of isMedia || value === null ? [] : flat(value, key)) {
        const number = typeof one === "number" ? one : typeof one === "boolean" ? Number(one) : null;
        if (number === null) continue;
        const points = found.get(name) ?? [];
        points.push({ step: step ?? numberOf(items.get("_step") ?? ""), value: number });
        found.set(name, points);
      }
    }
  return [...found].map(([name, points]) => ({ name, source: "wandb", points }));
}

interface Beside {
  readonly artifacts: ForeignRun["artifacts"];
  readonly stdout: string | null;
  readonly requirements: string | null;
  readonly dirty: boolean;
  /** wandb-metadata.json, or an empty object. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

function beside(folder: string): Beside {
  const files = join(folder, "files");
  const at = (name: string): string | null => (isFile(join(files, name)) ? join(files, name) : null);
  const metadata = at("wandb-metadata.json");
  return {
    artifacts: filesUnder(files)
      .filter((path) => !OWN.test(path))
      .map((path) => ({ path: `files/${path}`, file: join(files, path) })),
    stdout: at("output.log"),
    requirements: at("requirements.txt"),
    dirty: at("diff.patch") !== null,
    metadata: metadata === null ? {} : jsonOf(metadata),
  };
}

function gitOf(told: Log["environment"], run: Log["run"], { metadata, dirty }: Beside): ForeignRun["git"] {
  const kept = (metadata.git ?? {}) as Readonly<Record<string, unknown>>;
  const commit = told?.git?.commit || run?.git?.commit || textOf(kept.commit ?? "");
  const remote = told?.git?.remote || run?.git?.remote || textOf(kept.remote ?? "");
  // W&B saves a patch where something was not committed.
  return /^[0-9a-f]{40}$/.test(commit)
    ? { commit, remote: remote === "" ? null : remote, dirty: dirty ? true : null }
    : null;
}

function commandOf(told: Log["environment"], { metadata }: Beside): string[] | null {
  const program = told?.program || textOf(metadata.program ?? "");
  if (program === "" || program.startsWith("<")) return null;
  const kept = Array.isArray(metadata.args) ? metadata.args.map(textOf) : [];
  const args = told !== null && told.args.length > 0 ? told.args : kept;
  return [told?.executable || textOf(metadata.executable ?? "python"), program, ...args];
}

function hostOf(told: Log["environment"], run: Log["run"], { metadata }: Beside): ForeignRun["host"] {
  const os = told?.os || textOf(metadata.os ?? "");
  const python = told?.python || textOf(metadata.python ?? "");
  const name = run?.host || textOf(metadata.host ?? "");
  return os === "" && python === "" && name === "" ? null : { name, os, python, cpu: "" };
}

function fromLog(file: string): ForeignRun {
  const folder = dirname(file);
  let log: Log;
  try {
    log = readWandbLog(bytesOf(file));
  } catch (error) {
    if (error instanceof Unreadable) throw malformed(file, error.message, error);
    throw error;
  }
  const { run, config, history, environment, exit, torn } = log;
  if (run === null) throw malformed(file, "it names no run");
  const near = beside(folder);
  const startedMs = run.started === null ? null : run.started * 1000;
  const last = numberOf(history.at(-1)?.items.get("_timestamp") ?? "");
  return {
    ...NOTHING_SAID,
    tool: "wandb",
    id: `${run.project}/${run.id}`,
    folder,
    name: run.name === "" ? null : run.name,
    experiment: run.project === "" ? null : run.project,
    tags: Object.fromEntries(
      [
        ...run.tags.map((tag) => [tag, "true"] as const),
        ["notes", run.notes] as const,
        ["group", run.group] as const,
        ["job type", run.jobType] as const,
      ].filter(([, value]) => value !== ""),
    ),
    status: exit === null ? "unknown" : exit.code === 0 ? "completed" : "failed",
    exitCode: exit === null ? null : exit.code & 255,
    startedMs,
    endedMs: last === null ? null : last * 1000,
    argv: commandOf(environment, near),
    cwd: environment?.root || null,
    git: gitOf(environment, run, near),
    params: paramsOf([...config].map(([key, json]) => [key, heldBy(json)] as const)),
    metrics: seriesOf(history),
    artifacts: near.artifacts,
    stdout: near.stdout,
    requirements: near.requirements,
    host: hostOf(environment, run, near),
    warnings: torn ? ["the end of its log was cut off: the run was killed, or goes on"] : [],
  };
}

/** A folder without its log: the configuration, and the last value of each metric. */
function fromFiles(folder: string): ForeignRun {
  const near = beside(folder);
  const id = /-([^-]+)$/.exec(basename(folder))?.[1] ?? basename(folder);
  const config = isFile(join(folder, "files/config.yaml")) ? yamlOf(join(folder, "files/config.yaml")) : {};
  const summary = isFile(join(folder, "files/wandb-summary.json"))
    ? jsonOf(join(folder, "files/wandb-summary.json"))
    : {};
  const started = Date.parse(textOf(near.metadata.startedAt ?? ""));
  const items = new Map(Object.entries(summary).map(([key, value]) => [key, JSON.stringify(value)]));
  const told = (value: unknown): unknown =>
    typeof value === "object" && value !== null && "value" in value ? value.value : value;
  return {
    ...NOTHING_SAID,
    tool: "wandb",
    id,
    folder,
    startedMs: Number.isNaN(started) ? null : started,
    argv: commandOf(null, near),
    git: gitOf(null, null, near),
    params: paramsOf(
      Object.entries(config)
        .filter(([key]) => key !== "wandb_version")
        .map(([key, value]) => [key, told(value)] as const),
    ),
    metrics: seriesOf([{ step: null, items }]),
    artifacts: near.artifacts,
    stdout: near.stdout,
    requirements: near.requirements,
    host: hostOf(null, null, near),
    warnings: ["its log (run-….wandb) is not there: only the last value of each metric is known"],
  };
}

/** Runs of Weights & Biases: folders `run-…` and `offline-run-…`. */
export function wandbRuns(path: string): ForeignRun[] {
  if (isFile(path)) return [fromLog(path)];
  const files = filesUnder(path).map((file) => join(path, file));
  const logs = files.filter((file) => /(?:^|\/)run-[^/]+\.wandb$/.test(file));
  const known = new Set(logs.map((log) => dirname(log)));
  const summaries = files.filter((file) => /\/files\/(?:wandb-summary\.json|config\.yaml)$/.test(file));
  const bare = [...new Set(summaries.map((file) => dirname(dirname(file))))].filter(
    (folder) => !known.has(folder) && /(?:^|\/)(?:offline-)?run-[^/]+$/.test(folder),
  );
  if (logs.length + bare.length === 0) throw nothingThere("W&B", path, "no file run-….wandb");
  return [...logs.map(fromLog), ...bare.map(fromFiles)];
}
