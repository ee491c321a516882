import { mkdtempSync, statSync } from "node:fs";
import { join } from "node:path";
import { RepriseError } from "#record";
import { typed } from "./column-type.ts";
import { type CsvLayout, csvTable } from "./csv.ts";
import { type Engine, named } from "./engine.ts";
import { evenLines, plainFile } from "./plain.ts";
import { beginOf, jsonSource, parquetSource, recordsIn, type TableFormat } from "./source.ts";

export type ColumnKind = "number" | "text" | "boolean" | "time" | "nested" | "empty";

export interface Column {
  readonly name: string;
  /** Its name in SQL. */
  readonly id: string;
  /** The engine's word, such as BIGINT. */
  readonly type: string;
  /** empty: there is no value in it that would tell. */
  readonly kind: ColumnKind;
}

/** A table, and the rows of it that are asked about. */
export interface TableQuestion {
  readonly path: string;
  /** As SQL reads it. */
  readonly source: string;
  readonly columns: readonly Column[];
  /** SQL that a row has to meet. */
  readonly where?: string;
}

/** A table file as it is found: `name` tells its format, `folder` takes what has to be laid out to be read. */
export interface TableFile {
  readonly path: string;
  readonly name: string;
  readonly format: TableFormat;
  readonly folder: string;
  readonly layout: CsvLayout;
}

function kindOf(type: string): ColumnKind {
  if (type === "NULL") return "empty";
  if (/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL)/.test(type) && !type.endsWith("[]"))
    return "number";
  if (type === "BOOLEAN") return "boolean";
  if (/^(DATE|TIME|TIMESTAMP|INTERVAL)/.test(type) && !type.endsWith("[]")) return "time";
  return /^(VARCHAR|UUID|ENUM|BLOB)/.test(type) && !type.endsWith("[]") ? "text" : "nested";
}

/** The sentence of the engine that a user can do something with. */
function told(error: unknown): { why: string; hint: string } {
  const text = error instanceof Error ? error.message : String(error);
  const at = /on Line: (\d+)/.exec(text)?.[1];
  const cells = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(text);
  if (cells !== null) {
    const [expected, found] = [Number(cells[1]), Number(cells[2])];
    const hint =
      found > expected
        ? "if its first lines are no head: reprise data stats FILE --skip 1 --no-header; if it is parted otherwise: --delimiter ';'"
        : "if rows may end early: reprise data stats FILE --pad-rows";
    return { why: `line ${at ?? "?"} has ${found} cells, its head ${expected}`, hint };
  }
  if (/quote/i.test(text.split("\n")[0] ?? "") || /Value with unterminated/i.test(text))
    return {
      why: `a quote in line ${at ?? "?"} is not closed as it should be, or cells are parted by another character`,
      hint: "reprise data stats FILE --delimiter ' '",
    };
  if (/unicode|utf-?8/i.test(text))
    return { why: "it is not UTF-8", hint: "reprise data stats FILE --encoding latin-1" };
  return { why: text.split("\n")[0] ?? "", hint: "reprise data stats --help" };
}

export function unreadable(path: string, error: unknown): RepriseError {
  if (error instanceof RepriseError) return error;
  const { why, hint } = told(error);
  return new RepriseError("TABLE_UNREADABLE", "usage", `${path}: ${why}`, hint, { cause: error });
}

/** Files up to this length are read once, and asked in memory. */
const KEPT_BYTES = 128 << 20;

async function describe(engine: Engine, source: string): Promise<Column[]> {
  const rows = await engine.query(`DESCRIBE SELECT * FROM ${source}`);
  return rows.map((row) => {
    const [name, said] = [String(row["column_name"]), String(row["column_type"])];
    // What JSON says nothing but null of has this type; nested values have it too.
    return { name, id: name, type: said, kind: kindOf(said) };
  });
}

/** In Parquet not-a-number is what pandas writes and reads as missing. */
function withoutNan(source: string, columns: readonly Column[]): string {
  const floats = columns.filter(({ type }) => type === "DOUBLE" || type === "FLOAT");
  if (floats.length === 0) return source;
  const mended = floats.map(
    ({ id }) => `CASE WHEN isnan(${named(id)}) THEN NULL ELSE ${named(id)} END AS ${named(id)}`,
  );
  return `(SELECT * REPLACE (${mended.join(", ")}) FROM ${source})`;
}

async function emptied(engine: Engine, source: string, columns: readonly Column[]): Promise<Column[]> {
  const asked = columns.filter(({ type }) => type === "JSON");
  if (asked.length === 0) return [...columns];
  const counts = asked.map(({ id }, index) => `count(NULLIF(CAST(${named(id)} AS VARCHAR), 'null')) AS n${index}`);
  const [row = {}] = await engine.query(`SELECT ${counts.join(", ")} FROM ${source}`);
  const empty = new Set(asked.filter((_, index) => Number(row[`n${index}`]) === 0).map(({ id }) => id));
  return columns.map((column) => (empty.has(column.id) ? { ...column, type: "NULL", kind: "empty" } : column));
}

/** The engine wants all lines of a file to end in one way: where they do not, they are made to. */
async function evened<T>(path: string, folder: string, read: (path: string) => Promise<T>): Promise<T> {
  try {
    return await read(path);
  } catch (error) {
    if (error instanceof RepriseError) throw error;
    const even = await evenLines(path, mkdtempSync(join(folder, "even-")));
    if (even === null) throw error;
    return read(even);
  }
}

async function opened(engine: Engine, file: TableFile): Promise<TableQuestion | null> {
  const { path: given, name, format, folder, layout } = file;
  const path =
    format === "parquet" ? given : await plainFile(given, name, mkdtempSync(join(folder, "plain-")), layout.encoding);
  const kept = async (source: string): Promise<string> =>
    statSync(path).size <= KEPT_BYTES ? engine.keep(source) : source;
  switch (format) {
    case "csv":
    case "tsv": {
      const raw = csvTable(path, name, format === "tsv", layout);
      const { source, types } = await evened(path, folder, async (even) => {
        const table = even === path ? raw : csvTable(even, name, format === "tsv", layout);
        return typed(engine, await kept(table.source), raw.names.length);
      });
      const columns = raw.names.map((column, index): Column => {
        const type = types[index] ?? "VARCHAR";
        return { name: column, id: `c${index}`, type, kind: kindOf(type) };
      });
      return { path: name, source, columns };
    }
    case "json":
    case "jsonl": {
      const records = format === "jsonl" ? "newline_delimited" : recordsIn(beginOf(path).toString("utf8"));
      if (records === null) return null;
      const source = await kept(jsonSource(path, records));
      return { path: name, source, columns: await emptied(engine, source, await describe(engine, source)) };
    }
    case "parquet": {
      const columns = await describe(engine, parquetSource(path));
      return { path: name, source: withoutNan(parquetSource(path), columns), columns };
    }
  }
}

/** Opens a table; null: JSON that is none. Throws TABLE_UNREADABLE. */
export async function tableAt(engine: Engine, file: TableFile): Promise<TableQuestion | null> {
  try {
    return await opened(engine, file);
  } catch (error) {
    throw unreadable(file.name, error);
  }
}
