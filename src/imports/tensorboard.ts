import { basename, dirname, join } from "node:path";
import { readScalars, Unreadable } from "#content";
import { digestOf } from "#record";
import { bytesOf, filesUnder, isFile, malformed, nothingThere } from "./folder.ts";
import { type ForeignRun, NOTHING_SAID } from "./foreign.ts";

const EVENTS = /(?:^|\/)[^/]*tfevents[^/]*$/;
/** Length, checksum and time of the first event: the same while the file grows. */
const HEAD = 64;

function fromFolder(folder: string, files: readonly string[], name: string): ForeignRun {
  const params = new Map<string, string>();
  const series = new Map<string, { step: number; value: number; at: number }[]>();
  const warnings: string[] = [];
  let [startedMs, endedMs]: [number | null, number | null] = [null, null];
  let head: Uint8Array = new Uint8Array();
  for (const [index, file] of files.entries()) {
    const bytes = bytesOf(file);
    if (index === 0) head = bytes.subarray(0, HEAD);
    try {
      const found = readScalars(bytes);
      for (const [key, value] of found.hyperparameters) params.set(key, value);
      for (const { tag, step, value } of found.points) {
        const points = series.get(tag) ?? [];
        points.push({ step, value, at: index });
        series.set(tag, points);
      }
      if (found.first !== null) startedMs = Math.min(startedMs ?? Number.POSITIVE_INFINITY, found.first * 1000);
      if (found.last !== null) endedMs = Math.max(endedMs ?? 0, found.last * 1000);
      if (found.torn) warnings.push(`the end of ${basename(file)} was cut off: the run was killed, or goes on`);
    } catch (error) {
      if (error instanceof Unreadable) throw malformed(file, error.message, error);
      throw error;
    }
  }
  return {
    ...NOTHING_SAID,
    tool: "tensorboard",
    id: `${name}:${digestOf(head).slice(7, 23)}`,
    folder,
    name,
    startedMs,
    endedMs,
    params: [...params].map(([key, value]) => ({ name: key, value })),
    metrics: [...series].map(([key, points]) => ({
      name: key,
      source: "tensorboard",
      points: points.map(({ step, value }) => ({ step, value })),
    })),
    artifacts: files.map((file) => ({ path: basename(file), file })),
    warnings,
  };
}

/** Runs of TensorBoard: each folder with event files is one, as its own pages have it. */
export function tensorboardRuns(path: string): ForeignRun[] {
  if (isFile(path)) return [fromFolder(dirname(path), [path], basename(dirname(path)))];
  const files = filesUnder(path).filter((file) => EVENTS.test(file));
  if (files.length === 0) throw nothingThere("TensorBoard", path, "no event file (…tfevents…)");
  return [...Map.groupBy(files, (file) => dirname(file))].map(([folder, list]) =>
    fromFolder(
      join(path, folder),
      list.map((file) => join(path, file)),
      folder === "." ? basename(path) : folder,
    ),
  );
}
