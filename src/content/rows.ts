import { readerOf } from "./array/element.ts";
import { readNpy } from "./array/npy.ts";
import { latin1, textOf } from "./bytes.ts";
import { readData } from "./source.ts";
import { rowsOf } from "./tree/csv.ts";
import { Unreadable } from "./unseen.ts";

/** The rows of a table or array, in the order of the file. */
export interface RowsIn {
  /** What it is: "CSV", "float64 [10, 3]". */
  readonly form: string;
  /** null: columns have no names. */
  readonly columns: readonly string[] | null;
  readonly count: number;
  cells(index: number): readonly string[];
  key?(index: number): string;
}

const NUMBER = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$/;
/** Of a wide row of an array, what can be shown. */
const MOST_CELLS = 64;

/** The rows of CSV, TSV, JSON lines and npy; null for anything else and for what does not follow its format. */
export function rowsIn(name: string, bytes: Uint8Array): RowsIn | null {
  try {
    if (latin1(bytes.subarray(0, 6)) === "\u0093NUMPY") return arrayRows(bytes);
    const text = textOf(bytes);
    if (text === null) return null;
    if (/\.tsv$/i.test(name)) return tableRows(text, "\t", "TSV");
    if (/\.csv$/i.test(name)) return tableRows(text, separatorOf(text), "CSV");
    return /\.(?:jsonl|ndjson)$/i.test(name) ? objectRows(text) : null;
  } catch (error) {
    if (error instanceof Unreadable || error instanceof RangeError || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The one that the first line has most of. */
function separatorOf(text: string): string {
  const line = text.slice(0, 10_000).split("\n", 1)[0] ?? "";
  const counted = [",", ";", "\t", "|"].map((mark): [string, number] => [mark, line.split(mark).length]);
  return counted.reduce((most, next) => (next[1] > most[1] ? next : most))[0];
}

const unquoted = (cell: string): string =>
  cell.startsWith('"') && cell.endsWith('"') && cell.length > 1 ? cell.slice(1, -1).replaceAll('""', '"') : cell;

function tableRows(text: string, separator: string, form: string): RowsIn {
  const body = text.startsWith("\ufeff") ? text.slice(1) : text;
  const all = rowsOf(body, separator).map((row) => row.map(unquoted));
  const head = all[0] ?? [];
  // A row without a number is a header, unless all rows are like that.
  const named =
    head.length > 0 &&
    !head.some((cell) => NUMBER.test(cell)) &&
    (head.length > 1 || all.slice(1).some((row) => row.some((cell) => NUMBER.test(cell))));
  const rows = named ? all.slice(1) : all;
  return { form, columns: named ? head : null, count: rows.length, cells: (index) => rows[index] ?? [] };
}

function objectRows(text: string): RowsIn {
  const values = text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line): unknown => JSON.parse(line));
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  const say = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
  if (!values.every(isObject)) {
    const cells = (index: number): string[] => [JSON.stringify(values[index]) ?? ""];
    return { form: "JSON lines", columns: null, count: values.length, cells };
  }
  const columns = [...new Set(values.flatMap((value) => Object.keys(value)))];
  const cells = (index: number): string[] => columns.map((column) => say(values[index]?.[column]));
  return { form: "JSON lines", columns, count: values.length, cells };
}

const NAMES: Readonly<Record<string, string>> = { f: "float", i: "int", u: "uint", b: "bool", c: "complex" };

function dtypeName(dtype: string): string {
  const found = /^[<|=>]?([fiubc])(\d+)$/.exec(dtype);
  const name = NAMES[found?.[1] ?? ""];
  if (found === null || name === undefined) return dtype;
  return name === "bool" ? name : `${name}${Number(found[2]) * 8}`;
}

/** A row is what lies under one index of the first direction. */
function arrayRows(bytes: Uint8Array): RowsIn | null {
  const array = readNpy(bytes);
  const dtype = /^'([^']*)'$/.exec(array.dtype)?.[1] ?? array.dtype;
  const count = array.shape[0] ?? 1;
  const wide = array.shape.length > 1 && array.fortran;
  if (wide || count === 0 || /O/.test(dtype) || array.data.length % count !== 0) return null;
  const size = array.data.length / count;
  const slice = (index: number): Uint8Array => readData(array.data, index * size, (index + 1) * size);
  return {
    form: `${dtypeName(dtype)} [${array.shape.join(", ")}]`,
    columns: null,
    count,
    cells: (index) => cellsOf(slice(index), dtype),
    // Rows of equal bits are equal, in the same type only.
    key: (index) => `${dtype}:${latin1(slice(index))}`,
  };
}

function cellsOf(row: Uint8Array, dtype: string): string[] {
  const reader = readerOf(dtype);
  if (reader === null || row.length % reader.size !== 0) return [Buffer.from(row).toString("hex")];
  const view = new DataView(row.buffer, row.byteOffset, row.byteLength);
  const cells: string[] = [];
  for (let at = 0; at < row.length && cells.length < MOST_CELLS; at += reader.size) {
    const value = reader.read(view, at);
    cells.push(Object.is(value, -0) ? "-0" : String(value));
  }
  return cells;
}
