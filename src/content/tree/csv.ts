import { type Difference, differs, type Judge, within } from "../comparison.ts";
import { countsPositives, nameClass, unitOfName } from "../name-class.ts";
import { isMoment, lasted, type Origin } from "../origin.ts";
import { matchLines } from "../text/line.ts";
import { benignNumber } from "./key.ts";
import { type Scalar, scalar } from "./node.ts";
import { type Beside, isOfSameWork } from "./work.ts";

/** Compares tables cell by cell. A column of times, durations or speeds is one by its header, and only where plausible. */
export function compareTables(a: string, b: string, separator: string, judge: Judge): Difference | null {
  const names = headersOf(a, separator);
  const headers = names.map((name, column) => plausible(name, column, [a, b], separator, judge));
  const [left, right] = [eachRow(a, separator), eachRow(b, separator)];
  for (let index = 0; ; index += 1) {
    const [one, other] = [left.next(), right.next()];
    if (one.done === true && other.done === true) return null;
    if (one.done === true || other.done === true) {
      const counts = [index + rest(one, left), index + rest(other, right)];
      return differs("number of rows", `${counts[0]}`, `${counts[1]}`);
    }
    judge.spendSteps(1, "table");
    const difference = compareRows(one.value, other.value, headers, judge);
    if (difference !== null) return within(`row ${index + 1}`, difference);
  }
}

function rest(next: IteratorResult<unknown>, rows: Iterator<unknown>): number {
  let count = 0;
  for (let row = next; row.done !== true; row = rows.next()) count += 1;
  return count;
}

/** A header of time names what is predicted where no run had the time for it. */
function plausible(name: string, column: number, [a, b]: [string, string], separator: string, judge: Judge): string {
  if (nameClass(name) !== "time") return name;
  const [left, right] = [eachRow(a, separator), eachRow(b, separator)];
  const fit = fits(left, column, name, judge.origins.a) && fits(right, column, name, judge.origins.b);
  return fit ? name : `predicted ${name}`;
}

/** What a run measured on many processors may add up to more than its own length, but not to any number of times it. */
const AT_ONCE = 16;

/** Whether the run had time for all durations of a column together, or they grow as what has passed does. */
function fits(rows: Iterable<readonly string[]>, column: number, name: string, origin: Origin): boolean {
  let [sum, last, most, grows] = [0, Number.NEGATIVE_INFINITY, 0, true];
  for (const row of rows) {
    const cell = (row[column] ?? "").replace(/^"(.*)"$/, "$1");
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
    const name = headerOf(column, a, b, headers, judge);
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

/** The header of a cell: a bare "speed" is the run's own only beside the time that shows it. */
function headerOf(
  column: number,
  a: readonly string[],
  b: readonly string[],
  headers: readonly string[],
  judge: Judge,
): string {
  const name = headers[column] ?? "";
  if (nameClass(name) !== "pace") return name;
  const beside = a.map((cell, at): Beside => ({ name: headers[at] ?? "", a: numeric(cell), b: numeric(b[at] ?? "") }));
  const speed = beside[column];
  return speed !== undefined && isOfSameWork(speed, beside, judge.origins) ? `${name} per second` : name;
}

const numeric = (cell: string): Scalar => scalar("number", cell, NUMBER.test(cell) ? Number(cell) : Number.NaN);

const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

/** The first row of several cells, when none of them is a number. */
function headersOf(table: string, separator: string): readonly string[] {
  let first: readonly string[] | null = null;
  let start: string | null = null;
  for (const row of eachRow(table, separator)) {
    start ??= row.join(",");
    first ??= row;
    if (row.length > 1) first = row;
    if (row.length > 1) break;
  }
  if (first === null) return [];
  if (first.some((cell) => NUMBER.test(cell))) return [];
  // Stable-Baselines3: #{"t_start": …} and columns r, l, t, the last one in seconds.
  if (start?.startsWith('#{"t_start"') === true) return first.map((cell) => (cell === "t" ? "elapsed" : cell));
  // CatBoost: iter, Passed, Remaining.
  if (first.some((cell) => /^remaining$/i.test(cell)))
    return first.map((cell) => cell.replace(/^passed$/i, "passed_time").replace(/^remaining$/i, "time_remaining"));
  const names = first;
  return names.map((cell) => (countsPositives(cell, names) ? `number of ${cell.slice(0, 1)}p` : cell));
}

/** Rows of RFC 4180: cells may be quoted, and then hold separators, line ends and doubled quotes. */
export const rowsOf = (text: string, separator: string): string[][] => [...eachRow(text, separator)];

function* eachRow(text: string, separator: string): Generator<string[]> {
  for (let at = 0; at < text.length; ) {
    if (text[at] === "#") {
      const end = text.indexOf("\n", at);
      yield [text.slice(at, end < 0 ? text.length : end).trimEnd()];
      at = end < 0 ? text.length : end + 1;
      continue;
    }
    const row: string[] = [];
    for (;;) {
      const { cell, next } = cellAt(text, at, separator);
      row.push(cell);
      at = next + 1;
      if (text[next] !== separator) break;
    }
    yield row;
  }
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
