import { type Difference, differs, type Judge, within } from "../comparison.ts";
import { nameClass, unitOfName } from "../name-class.ts";
import { isMoment, lasted, type Origin } from "../origin.ts";
import { matchLines } from "../text/line.ts";
import { benignNumber } from "./key.ts";
import { scalar } from "./node.ts";

/** Compares tables cell by cell. A column of times, durations or speeds is one by its header, and only where plausible. */
export function compareTables(a: string, b: string, separator: string, judge: Judge): Difference | null {
  const left = rowsOf(a, separator);
  const right = rowsOf(b, separator);
  const start = left.findIndex((row) => row.length > 1);
  const headers = headersOf(left, Math.max(0, start)).map((name, column) =>
    nameClass(name) !== "time" ||
    (fits(left, column, name, judge.origins.a) && fits(right, column, name, judge.origins.b))
      ? name
      : `predicted ${name}`,
  );
  for (const [index, row] of left.entries()) {
    judge.spendSteps(row.length, "table");
    const other = right[index];
    if (other === undefined) break;
    const difference = compareRows(row, other, headers, judge);
    if (difference !== null) return within(`row ${index + 1}`, difference);
  }
  return left.length === right.length ? null : differs("number of rows", String(left.length), String(right.length));
}

/** What a run measured on many processors may add up to more than its own length, but not to any number of times it. */
const AT_ONCE = 16;

/** Whether the run had time for all durations of a column together, or they grow as what has passed does. */
function fits(rows: readonly (readonly string[])[], column: number, name: string, origin: Origin): boolean {
  let [sum, last, most, grows] = [0, Number.NEGATIVE_INFINITY, 0, true];
  for (const row of rows) {
    const cell = row[column] ?? "";
    if (!NUMBER.test(cell)) continue;
    const value = Number(cell);
    if (isMoment(origin, value)) return true;
    grows &&= value >= last;
    most = Math.max(most, value);
    last = value;
    sum += Math.abs(value);
  }
  const unit = unitOfName(name) ?? (lasted(origin, most) ? 1 : 1e-3);
  return grows || lasted(origin, (sum * unit) / AT_ONCE);
}

function compareRows(
  a: readonly string[],
  b: readonly string[],
  headers: readonly string[],
  judge: Judge,
): Difference | null {
  if (a.length !== b.length) return differs("number of columns", String(a.length), String(b.length));
  for (const [column, cell] of a.entries()) {
    const other = b[column] ?? "";
    if (cell === other) continue;
    const name = headers[column] ?? "";
    const where = `column ${column + 1}${name === "" ? "" : ` (${name})`}`;
    const numbers = NUMBER.test(cell) && NUMBER.test(other);
    const [left, right] = [scalar("number", cell, Number(cell)), scalar("number", other, Number(other))];
    const why = numbers ? benignNumber(left, right, name, judge.origins) : null;
    if (why !== null) judge.mask(`${where}: ${why} ${cell} / ${other}`);
    else {
      const match = matchLines(cell, other, judge, name === "" ? undefined : name);
      if (!match.equal) return differs(where, cell, other, numbers ? Math.abs(Number(cell) - Number(other)) : null);
      for (const words of match.masks) judge.mask(`${where}: ${words}`);
    }
  }
  return null;
}

const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

/** The first row of several cells, when none of them is a number. */
function headersOf(rows: readonly (readonly string[])[], start: number): readonly string[] {
  const first = rows[start] ?? [];
  if (first.some((cell) => NUMBER.test(cell))) return [];
  // Stable-Baselines3: #{"t_start": …} and columns r, l, t, the last one in seconds.
  if (rows[0]?.join(",").startsWith('#{"t_start"')) return first.map((cell) => (cell === "t" ? "elapsed" : cell));
  // CatBoost: iter, Passed, Remaining.
  if (first.some((cell) => /^remaining$/i.test(cell)))
    return first.map((cell) => cell.replace(/^passed$/i, "passed_time").replace(/^remaining$/i, "time_remaining"));
  return first;
}

/** Rows of RFC 4180: cells may be quoted, and then hold separators, line ends and doubled quotes. */
export function rowsOf(text: string, separator: string): string[][] {
  const rows: string[][] = [];
  for (let at = 0; at < text.length; ) {
    const row: string[] = [];
    if (text[at] === "#") {
      const end = text.indexOf("\n", at);
      row.push(text.slice(at, end < 0 ? text.length : end).trimEnd());
      at = end < 0 ? text.length : end + 1;
      rows.push(row);
      continue;
    }
    for (;;) {
      const { cell, next } = cellAt(text, at, separator);
      row.push(cell);
      at = next + 1;
      if (text[next] !== separator) break;
    }
    rows.push(row);
  }
  return rows;
}

function cellAt(text: string, from: number, separator: string): { cell: string; next: number } {
  let at = from;
  if (text[from] === '"') {
    at = text.indexOf('"', from + 1);
    while (at > 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
    if (at < 0) at = text.length;
    else at += 1;
  }
  while (at < text.length && text[at] !== separator && text[at] !== "\n") at += 1;
  return { cell: text.slice(from, at).replace(/\r$/, ""), next: at };
}
