import { latin1 } from "./bytes.ts";
import { type PrintedMetric, parseMetricLine } from "./metric.ts";

const TEXT = new TextDecoder("utf-8", { fatal: false });
/** Of a table that grows by a row for each of these; data and predictions have none. */
const STEP_COLUMN = /(?:^|[ _/.])(?:global_?step|steps?|timesteps?|iter|iterations?|epochs?|updates?|rounds?)$/i;
const MOST_COLUMNS = 200;

/** The cells of a line of a table, quotes taken off. */
function cells(line: string, separator: string): string[] {
  if (!line.includes('"')) return line.split(separator).map((cell) => cell.trim());
  const found: string[] = [];
  for (const [, quoted, plain] of line.matchAll(
    new RegExp(`(?:^|\\${separator}) *(?:"((?:[^"]|"")*)"|([^\\${separator}]*))`, "g"),
  ))
    found.push((quoted?.replaceAll('""', '"') ?? plain ?? "").trim());
  return found;
}

/** Rows of a table that counts steps or epochs; none where it is another table. */
function inTable(lines: readonly string[], separator: string): PrintedMetric[] {
  const names = cells(lines[0] ?? "", separator);
  if (
    names.length < 2 ||
    names.length > MOST_COLUMNS ||
    names.some((name) => name === "" || !Number.isNaN(Number(name)))
  )
    return [];
  const counter = names.find((name) => STEP_COLUMN.test(name));
  if (counter === undefined) return [];
  return lines.slice(1).flatMap((line) => {
    const row = new Map(cells(line, separator).map((cell, at) => [names[at] ?? "", cell]));
    const step = Number(row.get(counter) || Number.NaN);
    const numbers = [...row].flatMap(([name, cell]) =>
      cell === "" || name === "" || STEP_COLUMN.test(name) || !Number.isFinite(Number(cell))
        ? []
        : [[name, Number(cell)]],
    );
    return parseMetricLine(JSON.stringify(Object.fromEntries(numbers))).map((metric) => ({
      ...metric,
      step: Number.isFinite(step) ? step : null,
    }));
  });
}

/**
 * What a program wrote down of its training, by the name of the file: a log, a line of JSON for each step, a table with a row
 * for each. Nothing where it is none of these.
 */
export function metricsInFile(name: string, bytes: Uint8Array): PrintedMetric[] {
  const kind = /\.(csv|tsv|jsonl|ndjson|log)$/i.exec(name)?.[1]?.toLowerCase();
  if (kind === undefined || latin1(bytes.subarray(0, 4096)).includes("\0")) return [];
  const lines = TEXT.decode(bytes)
    .split(/\r?\n/)
    .filter((line) => line !== "");
  if (kind === "csv" || kind === "tsv") {
    const head = lines[0] ?? "";
    const separator =
      kind === "tsv" || head.includes("\t") ? "\t" : head.includes(";") && !head.includes(",") ? ";" : ",";
    return inTable(lines, separator);
  }
  return lines.flatMap((line) => parseMetricLine(line));
}
