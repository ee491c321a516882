import { readerOf } from "./element.ts";
import { bits, type Table } from "./table.ts";

/** What is said of predictions, and cannot be seen in them. */
export interface Said {
  /** From where on a single number decides for. */
  readonly threshold: number | null;
  /** That they decide at all: by the largest of several numbers, by a single one from 0 to 1 at one half. */
  readonly decides: boolean;
}

export const UNSAID: Said = { threshold: null, decides: false };

interface Decision {
  readonly name: string;
  readonly decide: (table: Table, row: number) => string;
}

function numberAt(table: Table, row: number, column: number): number {
  const reader = readerOf(table.dtype);
  return reader === null ? 0 : Number(reader.read(table.view, table.at(row, column)));
}

const numbersOf = (table: Table, row: number): number[] =>
  Array.from({ length: table.columns }, (_, column) => numberAt(table, row, column));

const isFloat = ({ dtype }: Table): boolean => readerOf(dtype)?.float === true;

/** Which columns of a row are no number: two rows decide the same there only where these are the same. */
export const nanColumns = (table: Table, row: number): string =>
  numbersOf(table, row)
    .flatMap((value, column) => (Number.isNaN(value) ? [column] : []))
    .join(",");

export function holdsNaN(table: Table, row: number): boolean {
  if (!isFloat(table)) return false;
  for (let column = 0; column < table.columns; column++) if (Number.isNaN(numberAt(table, row, column))) return true;
  return false;
}

const eachRow = (table: Table, has: (row: readonly number[]) => boolean): boolean => {
  for (let row = 0; row < table.rows; row++) if (!has(numbersOf(table, row))) return false;
  return true;
};

/** Sums of rounded shares: half floats have three digits. */
const nearOne = (sum: number, { size }: Table): boolean => Math.abs(sum - 1) <= (size <= 2 ? 2e-2 : 1e-3);

/**
 * Whether every row shares one among its columns, as probabilities of classes or their logarithms do. Coordinates or several
 * targets of a regression have a largest, too, and decide nothing by it.
 */
function areShares(table: Table): boolean {
  const plain = (row: readonly number[]): boolean => row.every((value) => value >= 0);
  const sum = (row: readonly number[]): number => row.reduce((all, value) => all + value, 0);
  const hasNaN = (row: readonly number[]): boolean => row.some(Number.isNaN);
  return (
    eachRow(table, (row) => hasNaN(row) || (plain(row) && nearOne(sum(row), table))) ||
    eachRow(table, (row) => hasNaN(row) || nearOne(sum(row.map(Math.exp)), table))
  );
}

/** How rows are decided; null: they are numbers that decide nothing, as far as anybody said or can see. */
export function decisionOf(tables: readonly [Table, Table], { threshold, decides }: Said): Decision | null {
  const [a] = tables;
  if (!isFloat(a))
    return {
      name: "label",
      decide: (table, row) => Array.from({ length: table.columns }, (_, column) => bits(table, row, column)).join(" "),
    };
  if (!tables.every(({ flat }) => flat)) return null;
  if (a.columns > 1) return decides || tables.every(areShares) ? ARGMAX : null;
  const chances = (table: Table): boolean => eachRow(table, ([value = 0]) => !(value < 0 || value > 1));
  const limit = threshold ?? (decides && tables.every(chances) ? 0.5 : null);
  if (limit === null) return null;
  return {
    name: `threshold ${limit}`,
    decide: (table, row) => (holdsNaN(table, row) ? "nan" : String(numberAt(table, row, 0) >= limit)),
  };
}

const ARGMAX: Decision = {
  name: "argmax",
  decide: (table, row) => {
    const none = nanColumns(table, row);
    if (none !== "") return `nan in ${none}`;
    let best = 0;
    for (let column = 1; column < table.columns; column++)
      if (numberAt(table, row, column) > numberAt(table, row, best)) best = column;
    return String(best);
  },
};
