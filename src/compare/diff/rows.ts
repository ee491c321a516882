import { matchRows } from "./row-match.ts";
import type { Rows } from "./row-source.ts";

interface CellChange {
  readonly column: string;
  readonly a: string | null;
  readonly b: string | null;
}

export interface RowChange {
  readonly change: "added" | "removed" | "changed" | "moved";
  /** Number of the row on each side, from 1, without the header. */
  readonly a: number | null;
  readonly b: number | null;
  /** What differs in a changed row; the whole row of an added or removed one. */
  readonly cells: readonly CellChange[];
}

export interface TableDetail {
  readonly kind: "table";
  readonly form: { readonly a: string; readonly b: string };
  readonly columns: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly renamed: readonly { readonly a: string; readonly b: string }[];
    readonly retyped: readonly { readonly name: string; readonly a: string; readonly b: string }[];
    readonly reordered: boolean;
  };
  readonly rows: {
    readonly a: number;
    readonly b: number;
    readonly added: number;
    readonly removed: number;
    readonly changed: number;
    readonly moved: number;
  };
  /** The first of each kind. */
  readonly first: readonly RowChange[];
}

const FIRST = 20;
const MOST_CELLS = 12;

type ColumnType = "empty" | "integer" | "number" | "boolean" | "text";
const INTEGER = /^\s*[-+]?\d+\s*$/;
const NUMBER = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$|^\s*[-+]?(?:nan|inf(?:inity)?)\s*$/i;

function typeOf(rows: Rows, at: number): ColumnType {
  let type: ColumnType = "empty";
  for (let i = 0; i < rows.count; i++) {
    const cell = rows.cells(i)[at] ?? "";
    if (cell === "") continue;
    const kind = INTEGER.test(cell)
      ? "integer"
      : NUMBER.test(cell)
        ? "number"
        : /^(?:true|false)$/i.test(cell)
          ? "boolean"
          : "text";
    if (type === "empty" || type === kind) type = kind;
    else if ((type === "integer" && kind === "number") || (type === "number" && kind === "integer")) type = "number";
    else return "text";
  }
  return type;
}

/** Where the cells of the columns that both have lie, in the order of a. */
interface Pairing {
  readonly columns: TableDetail["columns"];
  readonly at: readonly (readonly [name: string, a: number, b: number])[];
}

function sameColumn(a: Rows, b: Rows, x: number, y: number): boolean {
  if (a.count !== b.count || a.count === 0) return false;
  for (let i = 0; i < a.count; i++) if (a.cells(i)[x] !== b.cells(i)[y]) return false;
  return true;
}

function pairColumns(a: Rows, b: Rows): Pairing | null {
  if (a.columns === null || b.columns === null) return null;
  const [left, right] = [a.columns, b.columns];
  if (new Set(left).size < left.length || new Set(right).size < right.length) return null;
  const added = new Set(right.filter((name) => !left.includes(name)));
  const removed = new Set(left.filter((name) => !right.includes(name)));
  const renamed: { a: string; b: string }[] = [];
  for (const name of removed) {
    // Under another name the same values in every row: called otherwise, not replaced.
    const other = [...added].find((candidate) => sameColumn(a, b, left.indexOf(name), right.indexOf(candidate)));
    if (other === undefined) continue;
    renamed.push({ a: name, b: other });
    removed.delete(name);
    added.delete(other);
  }
  const nameInB = (name: string): string => renamed.find((pair) => pair.a === name)?.b ?? name;
  const at = left
    .filter((name) => !removed.has(name))
    .map((name): [string, number, number] => [nameInB(name), left.indexOf(name), right.indexOf(nameInB(name))]);
  const retyped = at.flatMap(([name, x, y]) => {
    const [from, to] = [typeOf(a, x), typeOf(b, y)];
    return from === to ? [] : [{ name, a: from, b: to }];
  });
  const reordered = at.some(([, , y], i) => i > 0 && y < (at[i - 1]?.[2] ?? 0));
  return { columns: { added: [...added], removed: [...removed], renamed, retyped, reordered }, at };
}

/** With the columns that both have, in one order. */
function project(rows: Rows, at: readonly number[] | null): Rows {
  if (at === null || (at.length === rows.columns?.length && at.every((from, to) => from === to))) return rows;
  const cells = (index: number): string[] => {
    const row = rows.cells(index);
    return at.map((from) => row[from] ?? "");
  };
  return { form: rows.form, columns: at.map((from) => rows.columns?.[from] ?? ""), count: rows.count, cells };
}

function cellsOf(
  names: readonly string[] | null,
  a: readonly string[] | null,
  b: readonly string[] | null,
): CellChange[] {
  const length = Math.max(a?.length ?? 0, b?.length ?? 0);
  const all = Array.from(
    { length },
    (_, i): CellChange => ({
      column: names?.[i] ?? String(i),
      a: a?.[i] ?? null,
      b: b?.[i] ?? null,
    }),
  );
  return all.filter((cell) => a === null || b === null || cell.a !== cell.b).slice(0, MOST_CELLS);
}

/** What was done to a table: columns first, then rows by the columns that both have. */
export function diffRows(a: Rows, b: Rows): TableDetail {
  const pairing = pairColumns(a, b);
  const [x, y] = [
    project(a, pairing?.at.map((pair) => pair[1]) ?? null),
    project(b, pairing?.at.map((pair) => pair[2]) ?? null),
  ];
  const names = pairing?.at.map(([name]) => name) ?? null;
  const match = matchRows(x, y);
  const first = [
    ...match.changed.slice(0, FIRST).map(
      ([i, j]): RowChange => ({
        change: "changed",
        a: i + 1,
        b: j + 1,
        cells: cellsOf(names, x.cells(i), y.cells(j)),
      }),
    ),
    ...match.removed
      .slice(0, FIRST)
      .map((i): RowChange => ({ change: "removed", a: i + 1, b: null, cells: cellsOf(names, x.cells(i), null) })),
    ...match.added
      .slice(0, FIRST)
      .map((j): RowChange => ({ change: "added", a: null, b: j + 1, cells: cellsOf(names, null, y.cells(j)) })),
    ...match.moved.slice(0, FIRST).map(([i, j]): RowChange => ({ change: "moved", a: i + 1, b: j + 1, cells: [] })),
  ];
  return {
    kind: "table",
    form: { a: a.form, b: b.form },
    columns: pairing?.columns ?? { added: [], removed: [], renamed: [], retyped: [], reordered: false },
    rows: {
      a: a.count,
      b: b.count,
      added: match.added.length,
      removed: match.removed.length,
      changed: match.changed.length,
      moved: match.moved.length,
    },
    first,
  };
}
