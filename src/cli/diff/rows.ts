import type { RowChange, TableDetail } from "#compare";
import { safe } from "../render/escape.ts";
import { cut } from "../render/width.ts";
import { plural } from "../render/words.ts";
import type { DiffLook } from "./look.ts";

const MOST_ROWS = 6;
const SIGN: Readonly<Record<RowChange["change"], string>> = { added: "+", removed: "-", changed: "~", moved: ">" };

/** What happened to a table, in a line. */
export function tableWords({ form, columns, rows }: TableDetail): string {
  const counts = (["changed", "added", "removed", "moved"] as const).flatMap((change) =>
    rows[change] === 0 ? [] : [`${rows[change]} ${change}`],
  );
  const names = (list: readonly string[]): string => list.map(safe).join(", ");
  const words = [
    ...(form.a === form.b ? [] : [`${safe(form.a)} → ${safe(form.b)}`]),
    rows.a === rows.b ? plural(rows.a, "row") : `${rows.a} → ${rows.b} rows`,
    ...(counts.length === 0 ? [] : [counts.join(", ")]),
    ...(columns.added.length === 0 ? [] : [`column added: ${names(columns.added)}`]),
    ...(columns.removed.length === 0 ? [] : [`column removed: ${names(columns.removed)}`]),
    ...columns.renamed.map(({ a, b }) => `column renamed: ${safe(a)} → ${safe(b)}`),
    ...columns.retyped.map(({ name, a, b }) => `column ${safe(name)}: ${a} → ${b}`),
    ...(columns.reordered ? ["columns in another order"] : []),
  ];
  const touched = counts.length + columns.added.length + columns.removed.length + columns.renamed.length > 0;
  if (counts.length === 1 && rows.moved > 0) words.push("the same rows in another order");
  if (!touched && !columns.reordered && form.a === form.b)
    words.push("every cell is equal: white space, quotes or line ends differ");
  return words.join("; ");
}

function cellText({ column, a, b }: RowChange["cells"][number], change: RowChange["change"]): string {
  const say = (cell: string | null): string => (cell === null ? "none" : cell === "" ? '""' : safe(cell));
  // Columns without names are counted from 0, as arrays do.
  const name = /^\d+$/.test(column) ? `[${column}]` : safe(column);
  return `${name} ${change === "changed" ? `${say(a)} → ${say(b)}` : say(a ?? b)}`;
}

function rowText(row: RowChange): string {
  const number = row.a === null ? row.b : row.a;
  const moved = row.a !== null && row.b !== null && row.a !== row.b ? ` → ${row.b}` : "";
  return `row ${number}${moved}  ${row.cells.map((cell) => cellText(cell, row.change)).join(", ")}`.trimEnd();
}

/** The first rows that differ. */
export function rowChangeLines({ first, rows }: TableDetail, look: DiffLook): string[] {
  const { green, red, yellow, dim } = look.colors;
  const paint = { added: green, removed: red, changed: yellow, moved: yellow };
  const shown = look.all ? first : first.slice(0, MOST_ROWS);
  const lines = shown.map(
    (row) => `      ${paint[row.change](SIGN[row.change])} ${cut(rowText(row), look.columns - 8)}`,
  );
  const total = rows.added + rows.removed + rows.changed + rows.moved;
  if (shown.length < total) {
    const how = shown.length < first.length ? `: ${look.more}` : "";
    lines.push(`      ${dim(`… ${plural(total - shown.length, "more row")}${how}`)}`);
  }
  return lines;
}
