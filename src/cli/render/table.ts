import Table from "cli-table3";
import type { Colors } from "../output.ts";
import { cut, displayWidth } from "./width.ts";

export interface Column {
  readonly name: string;
  /** The column that is cut to fit: one of a table. */
  readonly flexible?: true;
  readonly right?: true;
  /** Colour of a cell, by its text. */
  readonly paint?: (text: string) => string;
}

const GAP = 2;
const LEAST = 9;
const BARE = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "",
} as const;

/** Plain columns that fit the terminal: the flexible one gives way. Cells must be escaped already. */
export function tableText(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  look: { readonly columns: number; readonly colors: Colors },
): string {
  const widths = columns.map((column, i) =>
    Math.max(displayWidth(column.name), ...rows.map((row) => displayWidth(row[i] ?? ""))),
  );
  const fixed =
    widths.reduce((sum, width, i) => sum + (columns[i]?.flexible === true ? 0 : width), 0) + GAP * (columns.length - 1);
  const room = Math.max(LEAST, look.columns - fixed);
  const table = new Table({
    chars: BARE,
    style: { "padding-left": 0, "padding-right": GAP, head: [], border: [], compact: true },
    head: columns.map((column) => look.colors.dim(column.name)),
    colAligns: columns.map((column) => (column.right === true ? "right" : "left")),
  });
  for (const row of rows) {
    table.push(
      columns.map((column, i) => {
        const text = row[i] ?? "";
        const cell = column.flexible === true ? cut(text, room) : text;
        return column.paint === undefined ? cell : column.paint(cell);
      }),
    );
  }
  return `${table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")}\n`;
}
