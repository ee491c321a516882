import { extname } from "node:path";

/** What a file is made of, as far as a mixture can take it apart. One character a byte. */
export interface Units {
  readonly form: "lines" | "rows" | "array";
  readonly parts: readonly string[];
  /** Rows: index of the first unit that is a row, after a header. */
  readonly first: number;
}

const TABLES = new Set([".csv", ".tsv"]);
/** One item a line, without a header. */
const LISTS = new Set([".jsonl", ".ndjson", ".txt", ".dat", ".data", ".svm", ".libsvm"]);
/** Data by its name, whatever it is made of. */
const DATA =
  /\.(?:csv|tsv|jsonl|ndjson|npy|npz|parquet|arrow|feather|h5|hdf5|txt|dat|data|pkl|pickle|joblib|png|jpe?g|gif|bmp|tiff?|wav|mp3|flac|mat|bin|db|sqlite3?|xlsx?|gz|zip|bz2|xz|tar|pt|pth|safetensors|onnx|arff|svm|libsvm)$/i;
const MOST_BYTES = 32 * 1024 * 1024;

export const isDataName = (path: string): boolean => DATA.test(path);

function splitLines(text: string): string[] {
  const lines: string[] = [];
  let start = 0;
  while (start < text.length) {
    const found = text.indexOf("\n", start);
    const end = found === -1 ? text.length : found + 1;
    lines.push(text.slice(start, end));
    start = end;
  }
  return lines;
}

/** Header and rows along the first axis of an array file in C order. */
function arrayRows(bytes: Uint8Array): string[] | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4096)).toString("latin1");
  if (!text.startsWith("\x93NUMPY")) return null;
  const long = (bytes[6] ?? 1) > 1;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = long ? 12 + view.getUint32(8, true) : 10 + view.getUint16(8, true);
  const header = text.slice(0, start);
  const rows = Number(/'shape':\s*\((\d+)\s*,/.exec(header)?.[1] ?? 0);
  const body = bytes.length - start;
  if (/'fortran_order':\s*True/.test(header) || rows < 2 || body % rows !== 0 || body === 0) return null;
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const size = body / rows;
  return [header, ...Array.from({ length: rows }, (_, i) => whole.slice(start + i * size, start + (i + 1) * size))];
}

/** null: it is taken whole or not at all. */
export function unitsOf(path: string, bytes: Uint8Array): Units | null {
  if (bytes.length > MOST_BYTES) return null;
  const extension = extname(path).toLowerCase();
  if (extension === ".npy") {
    const parts = arrayRows(bytes);
    return parts === null ? null : { form: "array", parts, first: 1 };
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  if (text.slice(0, 8000).includes("\0")) return null;
  const parts = splitLines(text);
  if (TABLES.has(extension)) return { form: "rows", parts, first: 1 };
  if (LISTS.has(extension)) return { form: "rows", parts, first: 0 };
  return { form: "lines", parts, first: 0 };
}

/** What people read of units. */
export const readable = (units: readonly string[]): string => Buffer.from(units.join(""), "latin1").toString("utf8");

/** The same rows in another order, below an equal header. */
export function isReordered(a: Units, b: Units): boolean {
  if (a.parts.length !== b.parts.length || a.form === "lines") return false;
  if (a.parts.slice(0, a.first).join("") !== b.parts.slice(0, b.first).join("")) return false;
  // The last line may lack its line feed.
  const rows = (units: Units): string[] =>
    units.parts.slice(units.first).map((row) => (units.form === "rows" ? row.replace(/\r?\n$/, "") : row));
  const [x, y] = [rows(a).sort(), rows(b).sort()];
  return x.every((row, i) => row === y[i]);
}
