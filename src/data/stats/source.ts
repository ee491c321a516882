import { closeSync, openSync, readSync } from "node:fs";
import { quoted } from "./engine.ts";

const PACKED = /\.(gz|bz2|zip)$/i;

const ENDINGS: readonly (readonly [RegExp, TableFormat])[] = [
  [/\.csv$/i, "csv"],
  [/\.(tsv|tab)$/i, "tsv"],
  [/\.(jsonl|ndjson)$/i, "jsonl"],
  [/\.json$/i, "json"],
  [/\.parquet$/i, "parquet"],
];

export type TableFormat = "csv" | "tsv" | "jsonl" | "json" | "parquet";

/** By the ending of a name, without that of a packing. */
export function tableFormat(name: string): TableFormat | null {
  const plain = name.replace(PACKED, "");
  const format = ENDINGS.find(([ending]) => ending.test(plain))?.[1] ?? null;
  return format === "parquet" && plain !== name ? null : format;
}

/** In a path's own stars and brackets nothing is to be matched. */
export const fileOf = (path: string): string => quoted(path.replace(/[*?[]/g, "[$&]"));

/** JSON of records: one a line, or an array of them. null: settings, or something else. */
export function recordsIn(text: string): "newline_delimited" | "array" | null {
  const begin = text.trimStart();
  if (/^\[\s*(\{|\])/.test(begin)) return "array";
  const end = begin.indexOf("\n");
  try {
    const first: unknown = JSON.parse(end === -1 ? begin : begin.slice(0, end));
    const next = end === -1 ? "" : begin.slice(end).trimStart();
    return typeof first === "object" && first !== null && !Array.isArray(first) && next.startsWith("{")
      ? "newline_delimited"
      : null;
  } catch {
    return null;
  }
}

const BEGIN_BYTES = 1 << 20;

export function beginOf(path: string): Buffer {
  const fd = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(BEGIN_BYTES);
    return buffer.subarray(0, readSync(fd, buffer, 0, BEGIN_BYTES, 0));
  } finally {
    closeSync(fd);
  }
}

/** Days and times only as ISO 8601 has them: what 1/2/2020 is differs from land to land. */
export const jsonSource = (path: string, kind: "newline_delimited" | "array"): string =>
  `read_json(${fileOf(path)}, format = '${kind}', sample_size = -1, maximum_object_size = 67108864)`;

export const parquetSource = (path: string): string => `read_parquet(${fileOf(path)})`;
