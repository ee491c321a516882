import { readFileSync } from "node:fs";
import { join } from "node:path";
import { metricsInFile } from "#content";
import { isUnknown, type MetricPoint, type MetricSeries, type OutputFile } from "#record";

const MOST_FILES = 64;
const MOST_BYTES = 8 << 20;
const MOST_POINTS = 100_000;

const IS_LOG = /\.(csv|tsv|jsonl|ndjson|log)$/i;

interface Draft extends Omit<MetricSeries, "points" | "dropped"> {
  readonly points: MetricPoint[];
  dropped: number;
}

function seriesOf(file: string, bytes: Uint8Array): Map<string, Draft> {
  const found = new Map<string, Draft>();
  for (const { name, step, value, timing } of metricsInFile(file, bytes)) {
    const series = found.get(name) ?? {
      name,
      source: "file",
      file,
      points: [],
      timing,
      redrawn: false,
      dropped: 0,
    };
    found.set(name, series);
    if (series.points.length < MOST_POINTS) series.points.push({ step, value });
    else series.dropped += 1;
  }
  return found;
}

/**
 * Numbers that the run wrote down in files of its own: tables that grow by a row, lines of JSON, what `logging` writes. Only
 * in files that it made: in one that it went on with the lines of earlier runs stand too. The second file that has a name is
 * told apart: loss, loss #2. `isFree`: of secrets.
 */
export function metricsInOutputs(
  outputs: readonly OutputFile[],
  project: string,
  isFree: (path: string) => boolean,
): MetricSeries[] {
  const found = new Map<string, Draft>();
  const files = outputs.filter(
    ({ path, scope, change, bytes }) =>
      scope === "project" && change === "created" && IS_LOG.test(path) && !isUnknown(bytes) && bytes <= MOST_BYTES,
  );
  for (const { path } of files.slice(0, MOST_FILES)) {
    let bytes: Uint8Array;
    try {
      if (!isFree(join(project, path))) continue;
      bytes = readFileSync(join(project, path));
    } catch {
      continue; // gone meanwhile
    }
    for (const series of seriesOf(path, bytes).values()) {
      let title = series.name;
      for (let n = 2; found.has(title); n += 1) title = `${series.name} #${n}`;
      found.set(title, { ...series, name: title });
    }
  }
  return [...found.values()];
}
