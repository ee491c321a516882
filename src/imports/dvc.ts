import { basename, dirname, join } from "node:path";
import { settingsIn } from "#content";
import { canonicalJson, digestOf, type Json } from "#record";
import { bytesOf, filesUnder, isFile, malformed, nothingThere, readText, within, yamlOf } from "./folder.ts";
import { type ForeignRun, type ForeignSeries, flat, NOTHING_SAID, numberOf, textOf } from "./foreign.ts";

type Facts = Readonly<Record<string, unknown>>;
const inner = (facts: Facts, key: string): Facts => {
  const value = facts[key];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Facts) : {};
};
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A series of DVCLive: columns `step`, the metric, and perhaps `timestamp`. */
function pointsIn(path: string): ForeignSeries["points"] {
  const [head = "", ...lines] = readText(path).split(/\r?\n/);
  const columns = head.split("\t");
  const at = columns.findIndex((name) => name !== "step" && name !== "timestamp");
  if (at < 0) throw malformed(path, "it has no column with a metric");
  return lines
    .filter((line) => line !== "")
    .map((line) => {
      const cells = line.split("\t");
      const value = numberOf(cells[at] ?? "");
      if (value === null) throw malformed(path, `no metric: ${JSON.stringify(line.slice(0, 80))}`);
      return { step: numberOf(cells[columns.indexOf("step")] ?? ""), value };
    });
}

const LIVE = /^(.*?)plots\/metrics\/(.+)\.tsv$/;

/** Numbers of a metrics file; those that have a series of their own are its last points already. */
function lastValues(path: string, series: ReadonlyMap<string, unknown>): ForeignSeries[] {
  const found = settingsIn(basename(path), bytesOf(path));
  if (found === null) throw malformed(path, "it cannot be read as metrics");
  const step = numberOf(found.get("step") ?? "");
  return [...found].flatMap(([key, text]): ForeignSeries[] => {
    const value = numberOf(text);
    const isTold = key === "step" || series.has(key) || series.has(key.replaceAll(".", "/"));
    return value === null || isTold ? [] : [{ name: key, source: "dvc", points: [{ step, value }] }];
  });
}

function metricsOf(path: string, files: readonly string[], pipeline: Facts): ForeignSeries[] {
  const series = new Map<string, ForeignSeries>();
  for (const file of files) {
    const name = LIVE.exec(file)?.[2];
    if (name !== undefined) series.set(name, { name, source: "dvc", points: pointsIn(join(path, file)) });
  }
  const live = files.filter(
    (file) =>
      basename(file) === "metrics.json" &&
      (LIVE.test(files.find((one) => one.startsWith(`${dirname(file)}/plots/`)) ?? "") ||
        basename(dirname(file)) === "dvclive"),
  );
  const stages = Object.values(inner(pipeline, "stages")).map((stage) => stage as Facts);
  const named = [...listOf(pipeline.metrics), ...stages.flatMap((stage) => listOf(stage.metrics))].map((one) =>
    typeof one === "string" ? one : (Object.keys((one ?? {}) as Facts)[0] ?? ""),
  );
  const metricFiles = [...new Set([...live, ...named.filter((file) => files.includes(file))])];
  return [...series.values(), ...metricFiles.flatMap((file) => lastValues(join(path, file), series))];
}

/** Parameters as the stages were run with, else as the files have them now. */
function paramsOf(path: string, files: readonly string[], lock: Facts): ForeignRun["params"] {
  const stages = Object.values(inner(lock, "stages")).map((stage) => inner(stage as Facts, "params"));
  const locked = stages.flatMap((byFile) => Object.values(byFile).flatMap((values) => flat(values)));
  const found = new Map(locked.map(([name, value]) => [name, textOf(value)]));
  const now = files.filter((file) => file === "params.yaml" || /(?:^|\/)dvclive\/params\.yaml$/.test(file));
  for (const file of now)
    for (const [name, value] of flat(yamlOf(join(path, file)))) if (!found.has(name)) found.set(name, textOf(value));
  return [...found].map(([name, value]) => ({ name, value }));
}

interface Tracked {
  readonly path: string;
  readonly md5: string | null;
}

function trackedIn(lock: Facts, key: "deps" | "outs"): Tracked[] {
  const all = Object.values(inner(lock, "stages")).flatMap((stage) => listOf((stage as Facts)[key]));
  const found = all.flatMap((one): (readonly [string, string | null])[] => {
    const { path, md5 } = (one ?? {}) as Facts;
    return typeof path === "string" ? [[path, typeof md5 === "string" ? md5 : null]] : [];
  });
  return [...new Map(found)].map(([path, md5]) => ({ path, md5 }));
}

/** The state of a DVC project: what its last `dvc repro` or DVCLive left there. One run. */
export function dvcRuns(path: string): ForeignRun[] {
  const files = filesUnder(path).filter((file) => !file.startsWith(".dvc/"));
  const isLive = files.some((file) => /(?:^|\/)dvclive\/metrics\.json$/.test(file) || LIVE.test(file));
  const top = isFile(join(path, "metrics.json")) && files.some((file) => LIVE.test(file));
  if (!files.includes("dvc.lock") && !isLive && !top)
    throw nothingThere("DVC", path, "no dvc.lock and no folder of DVCLive");
  const lock = files.includes("dvc.lock") ? yamlOf(join(path, "dvc.lock")) : {};
  const pipeline = files.includes("dvc.yaml") ? yamlOf(join(path, "dvc.yaml")) : {};
  const metrics = metricsOf(path, files, pipeline);
  const params = paramsOf(path, files, lock);
  const outs = trackedIn(lock, "outs");
  const made = new Set(outs.map((one) => one.path));
  const present = (one: Tracked): { path: string; file: string }[] => {
    const file = within(path, join(path, one.path));
    if (file === null) return [];
    return isFile(file)
      ? [{ path: one.path, file }]
      : filesUnder(file).map((inside) => ({ path: `${one.path}/${inside}`, file: join(file, inside) }));
  };
  const state = digestOf(
    canonicalJson({
      lock,
      params,
      metrics: metrics.map(({ name, points }) => [name, points.map(({ value }) => String(value))]),
    } as unknown as Json),
  );
  return [
    {
      ...NOTHING_SAID,
      tool: "dvc",
      id: state.slice(7, 39),
      folder: path,
      name: basename(path),
      status: files.includes("dvc.lock") ? "completed" : "unknown",
      argv: files.includes("dvc.yaml") ? ["dvc", "repro"] : null,
      cwd: files.includes("dvc.yaml") ? path : null,
      params,
      metrics,
      artifacts: outs.flatMap(present),
      inputs: files.includes("dvc.lock")
        ? trackedIn(lock, "deps")
            .filter((one) => !made.has(one.path))
            .map((one) => ({ path: one.path, file: join(path, one.path), md5: one.md5 }))
        : null,
      warnings: ["DVC does not keep when it ran: the times are those of its files"],
    },
  ];
}
