import { closeSync, openSync, readSync } from "node:fs";
import { extname } from "node:path";
import { RepriseError } from "#record";
import { cellsOf, delimiterIn, isOpen, staysOpen } from "../stats/cells.ts";

const BUFFER_BYTES = 1 << 20;
const MOST_ROW_BYTES = 64 << 20;
const [QUOTE, NEWLINE] = [34, 10];

/** A row as its bytes stand in the file, line end included, and the text of its key. */
interface KeyedRow {
  readonly bytes: Buffer;
  /** null: the row has no such field, or nothing in it. */
  readonly key: string | null;
}

/** A table that is read row by row. */
export interface Table {
  /** The bytes of the head, which every part gets; none for JSON lines. */
  readonly head: Buffer;
  rows(): Iterable<KeyedRow>;
}

const unreadable = (path: string, why: string, hint: string): RepriseError =>
  new RepriseError("TABLE_UNREADABLE", "usage", `${path}: ${why}`, hint);

function open(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    throw unreadable(path, (error as Error).message, `ls -l '${path}'`);
  }
}

/** Lines, with their ends. A last line without an end is given one, so that parts can be put together again. */
function* linesOf(path: string): Iterable<Buffer> {
  const fd = open(path);
  try {
    const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
    let kept: Buffer = Buffer.alloc(0);
    for (
      let got = readSync(fd, buffer, 0, buffer.length, null);
      got > 0;
      got = readSync(fd, buffer, 0, buffer.length, null)
    ) {
      const bytes =
        kept.length === 0 ? Buffer.from(buffer.subarray(0, got)) : Buffer.concat([kept, buffer.subarray(0, got)]);
      let start = 0;
      for (let at = kept.length; at < bytes.length; at++) {
        if (bytes[at] === NEWLINE) {
          yield bytes.subarray(start, at + 1);
          start = at + 1;
        }
      }
      kept = bytes.subarray(start);
      if (kept.length > MOST_ROW_BYTES)
        throw unreadable(path, "a line has more than 64 MB", "reprise data split --help");
    }
    if (kept.length > 0) yield Buffer.concat([kept, Buffer.from("\n")]);
  } finally {
    closeSync(fd);
  }
}

const delimiterOf = (path: string, head: string): string => (/\.(tsv|tab)$/i.test(path) ? "\t" : delimiterIn(head));

const withoutEnd = (line: Buffer): string => line.toString("utf8").replace(/\r?\n$/, "");

/** Rows, with their ends: a line end within a quoted cell ends none. The first line says what parts the cells. */
function* rowsOf(path: string): Iterable<{ readonly bytes: Buffer; readonly delimiter: string }> {
  let delimiter: string | null = null;
  let [number, begun, length] = [0, 0, 0];
  let kept: Buffer[] = [];
  for (const line of linesOf(path)) {
    number += 1;
    delimiter ??= delimiterOf(path, withoutEnd(line).replace(/^\uFEFF/, ""));
    const isFirst = kept.length === 0;
    if (isFirst) [begun, length] = [number, 0];
    kept.push(line);
    length += line.length;
    if (length > MOST_ROW_BYTES)
      throw unreadable(
        path,
        `the row of line ${begun} has more than 64 MB: is a quote never closed?`,
        `sed -n ${begun}p '${path}'`,
      );
    // In a cell that is open only a quote can close it, and only one can open a cell.
    const goesOn = line.includes(QUOTE) ? (isFirst ? isOpen : staysOpen)(withoutEnd(line), delimiter) : !isFirst;
    if (goesOn) continue;
    yield { bytes: isFirst ? line : Buffer.concat(kept), delimiter };
    kept = [];
  }
  if (kept.length > 0) throw unreadable(path, `a quote in line ${begun} is never closed`, `sed -n ${begun}p '${path}'`);
}

function delimited(path: string, keys: readonly string[]): Table {
  const lines = rowsOf(path)[Symbol.iterator]();
  const first = lines.next();
  if (first.done === true) throw unreadable(path, "it is empty", "a table has a head that names its columns");
  const { bytes: head, delimiter } = first.value;
  const columns = cellsOf(withoutEnd(head).replace(/^\uFEFF/, ""), delimiter);
  const places = keys.map((key) => columns.indexOf(key));
  const absent = keys.find((_, index) => places[index] === -1);
  if (absent !== undefined)
    throw unreadable(path, `it has no column '${absent}'`, `its columns: ${columns.slice(0, 20).join(", ")}`);
  return {
    head,
    *rows() {
      for (let next = lines.next(); next.done !== true; next = lines.next()) {
        const { bytes } = next.value;
        const line = withoutEnd(bytes);
        if (line === "") continue;
        const cells = cellsOf(line, delimiter);
        const parts = places.map((place) => cells[place] ?? "");
        yield { bytes, key: parts.every((part) => part === "") ? null : parts.join("\0") };
      }
    },
  };
}

/** Whole numbers beyond 2^53 are ids: as they stand there. */
function exact(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  return context?.source ?? value;
}

const textOf = (value: unknown): string =>
  value === null || value === undefined
    ? ""
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value as string);

function jsonLines(path: string, keys: readonly string[]): Table {
  return {
    head: Buffer.alloc(0),
    *rows() {
      let number = 0;
      for (const bytes of linesOf(path)) {
        number += 1;
        const line = withoutEnd(bytes);
        if (line.trim() === "") continue;
        let row: unknown;
        try {
          row = JSON.parse(line, exact);
        } catch (error) {
          throw unreadable(
            path,
            `line ${number} is no JSON: ${(error as Error).message}`,
            `sed -n ${number}p '${path}'`,
          );
        }
        const parts = keys.map((key) => textOf((row as Record<string, unknown> | null)?.[key]));
        yield { bytes, key: parts.every((part) => part === "") ? null : parts.join("\0") };
      }
    },
  };
}

/** A table by the ending of its name: CSV, TSV, JSON lines. Throws TABLE_UNREADABLE. */
export function openTable(path: string, keys: readonly string[]): Table {
  const ending = extname(path).toLowerCase();
  if ([".jsonl", ".ndjson", ".json"].includes(ending)) return jsonLines(path, keys);
  if ([".csv", ".tsv", ".tab", ".txt"].includes(ending)) return delimited(path, keys);
  throw unreadable(path, "only CSV, TSV and JSON lines can be split", "reprise data split --help");
}
