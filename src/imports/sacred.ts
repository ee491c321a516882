import { basename, dirname, join } from "node:path";
import type { RunStatus } from "#record";
import { filesUnder, isFile, jsonOf, malformed, nothingThere, within } from "./folder.ts";
import { type ForeignRun, type ForeignSeries, flat, NOTHING_SAID, numberOf, textOf } from "./foreign.ts";

type Facts = Readonly<Record<string, unknown>>;

const STATUS: Readonly<Record<string, RunStatus>> = {
  COMPLETED: "completed",
  FAILED: "failed",
  INTERRUPTED: "interrupted",
  TIMEOUT: "killed",
};

const inner = (facts: Facts, key: string): Facts => (facts[key] ?? {}) as Facts;
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
/** Sacred writes UTC and does not say so. */
const timeOf = (value: unknown): number | null => {
  const ms = typeof value === "string" ? Date.parse(/[Z+]/.test(value.slice(19)) ? value : `${value}Z`) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
};

function seriesOf(path: string): ForeignSeries[] {
  return Object.entries(jsonOf(path)).map(([name, told]) => {
    const { steps, values } = (told ?? {}) as Facts;
    const points = listOf(values).map((value, index) => {
      const plain = typeof value === "object" && value !== null && "value" in value ? value.value : value;
      const number = typeof plain === "number" ? plain : numberOf(textOf(plain));
      const step = listOf(steps)[index];
      if (number === null) throw malformed(path, `${name} has a value that is no number`);
      return { step: typeof step === "number" ? step : null, value: number };
    });
    return { name, source: "sacred", points };
  });
}

/** As it would be typed again: the file, the command, and the updates of the configuration. */
function commandOf(facts: Facts): string[] | null {
  const main = textOf(inner(facts, "experiment").mainfile ?? "");
  if (main === "") return null;
  const updates = listOf(inner(inner(facts, "meta"), "options").UPDATE).map(textOf);
  return ["python", main, textOf(facts.command ?? "main"), ...(updates.length === 0 ? [] : ["with", ...updates])];
}

function gitOf(facts: Facts): ForeignRun["git"] {
  const [first] = listOf(inner(facts, "experiment").repositories) as Facts[];
  const commit = textOf(first?.commit ?? "");
  if (!/^[0-9a-f]{40}$/.test(commit)) return null;
  return { commit, remote: typeof first?.url === "string" ? first.url : null, dirty: first?.dirty === true };
}

function fromFolder(folder: string): ForeignRun {
  const facts = jsonOf(join(folder, "run.json"));
  const config = isFile(join(folder, "config.json")) ? jsonOf(join(folder, "config.json")) : {};
  const metrics = join(folder, "metrics.json");
  const experiment = inner(facts, "experiment");
  const host = inner(facts, "host");
  const base = dirname(folder);
  const sources = listOf(experiment.sources).flatMap((pair) => {
    const [path, kept] = listOf(pair).map(textOf);
    const file = kept === undefined ? null : within(base, join(base, kept));
    return path === undefined || file === null || path.startsWith("/") || path.includes("..") ? [] : [{ path, file }];
  });
  const own = /^(?:run|config|metrics|info)\.json$|^cout\.txt$/;
  const status = textOf(facts.status ?? "");
  const name = textOf(experiment.name ?? "");
  return {
    ...NOTHING_SAID,
    tool: "sacred",
    id: `${name}/${basename(folder)}/${textOf(facts.start_time ?? "")}`,
    folder,
    name: name === "" ? null : `${name}-${basename(folder)}`,
    experiment: name === "" ? null : name,
    tags: {
      ...(facts.result === undefined || facts.result === null ? {} : { result: textOf(facts.result) }),
      ...Object.fromEntries(
        listOf(experiment.dependencies).map((one) => {
          const [library = "", version = ""] = textOf(one).split("==");
          return [`package ${library}`, version];
        }),
      ),
    },
    status: STATUS[status] ?? "unknown",
    startedMs: timeOf(facts.start_time),
    endedMs: timeOf(facts.stop_time ?? facts.heartbeat),
    argv: commandOf(facts),
    cwd: typeof experiment.base_dir === "string" ? experiment.base_dir : null,
    git: gitOf(facts),
    sources: sources.length === 0 ? null : sources,
    params: flat(config).map(([key, value]) => ({ name: key, value: textOf(value) })),
    metrics: isFile(metrics) ? seriesOf(metrics) : [],
    artifacts: filesUnder(folder)
      .filter((path) => !own.test(path))
      .map((path) => ({ path, file: join(folder, path) })),
    stdout: isFile(join(folder, "cout.txt")) ? join(folder, "cout.txt") : null,
    host: {
      name: textOf(host.hostname ?? ""),
      os: listOf(host.os).map(textOf).join(" "),
      python: textOf(host.python_version ?? ""),
      cpu: textOf(host.cpu ?? ""),
    },
    warnings: status === "RUNNING" || status === "QUEUED" ? [`Sacred says that it is ${status.toLowerCase()}`] : [],
  };
}

/** Runs of Sacred, as its FileStorageObserver keeps them. */
export function sacredRuns(path: string): ForeignRun[] {
  const files = filesUnder(path).filter((file) => basename(file) === "run.json");
  const folders = files.map((file) => dirname(join(path, file)));
  const runs = folders.filter((folder) => !basename(folder).startsWith("_"));
  if (runs.length === 0) throw nothingThere("Sacred", path, "no run.json");
  return runs.map(fromFolder);
}
