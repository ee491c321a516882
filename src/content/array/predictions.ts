import { wholeOf } from "../source.ts";
import { Unreadable } from "../unseen.ts";
import { readerOf } from "./element.ts";
import { readNpy } from "./npy.ts";
import { ulpsBetween } from "./ulp.ts";

/** How far the predictions of two models for the same inputs are apart. */
export interface PredictionsApart {
  readonly rows: number;
  /** Rows whose decision differs; null: what is decided is not known (numbers without a threshold). */
  readonly flips: number | null;
  /** "argmax", "threshold 0.5", "label"; null as above. */
  readonly decision: string | null;
  /** The first row that is decided otherwise, from 0. */
  readonly firstFlip: number | null;
  /** Largest distance of two numbers: infinite where one is no number, null for labels that are text. */
  readonly maxAbs: number | null;
  /** In units in the last place; null for what is no float. */
  readonly ulps: number | null;
  /** Where the largest distance is: row and column, from 0. */
  readonly worst: { readonly row: number; readonly column: number; readonly a: string; readonly b: string } | null;
}

interface Table {
  readonly dtype: string;
  readonly rows: number;
  readonly columns: number;
  /** A row is one list of numbers: of a picture of scores nobody knows which axis the classes are. */
  readonly flat: boolean;
  readonly size: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Where an element begins. */
  readonly at: (row: number, column: number) => number;
}

function tableOf(saved: Uint8Array): Table {
  const { dtype: written, fortran, shape, data } = readNpy(saved);
  const bytes = wholeOf(data);
  const dtype = /^'([^']*)'$/.exec(written)?.[1] ?? written;
  const rows = shape[0] ?? 1;
  const columns = shape.slice(1).reduce((product, length) => product * length, 1);
  if (rows * columns === 0) throw new Unreadable("there are no predictions");
  if (dtype.includes("O") || (fortran && shape.length > 2))
    throw new Unreadable(`predictions of type ${dtype} in this order`);
  const size = bytes.length / (rows * columns);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = (row: number, column: number): number => size * (fortran ? column * rows + row : row * columns + column);
  const flat = shape.slice(1).filter((length) => length > 1).length <= 1;
  return { dtype, rows, columns, flat, size, bytes, view, at };
}

type Decide = (table: Table, row: number) => string;

/** NumPy makes all texts of an array as wide as the longest one: what that is says nothing of the others. */
const TEXT = /^(?<kind>[<>|=]?[US])\d+$/;

/** Bits of an element: of labels that are text, without what fills them up, and of those that are whole numbers. */
function bits({ dtype, bytes, at, size }: Table, row: number, column: number): string {
  const from = at(row, column);
  let to = from + size;
  if (TEXT.test(dtype)) while (to > from && bytes[to - 1] === 0) to -= 1;
  return Buffer.from(bytes.subarray(from, to)).toString("hex");
}

function decisionOf(
  tables: readonly [Table, Table],
  threshold: number | null,
): { name: string; decide: Decide } | null {
  const [a] = tables;
  const reader = readerOf(a.dtype);
  if (reader === null || !reader.float) {
    const decide: Decide = (table, row) =>
      Array.from({ length: table.columns }, (_, column) => bits(table, row, column)).join(" ");
    return { name: "label", decide };
  }
  const number = (table: Table, row: number, column: number): number =>
    Number(reader.read(table.view, table.at(row, column)));
  if (!tables.every(({ flat }) => flat)) return null;
  if (a.columns > 1) {
    // A row with a NaN decides nothing that could be the same.
    const decide: Decide = (table, row) => {
      let best = 0;
      for (let column = 0; column < table.columns; column++) {
        if (Number.isNaN(number(table, row, column))) return "nan";
        if (number(table, row, column) > number(table, row, best)) best = column;
      }
      return String(best);
    };
    return { name: "argmax", decide };
  }
  const isShare = (table: Table): boolean => {
    for (let row = 0; row < table.rows; row++)
      if (!(number(table, row, 0) >= 0 && number(table, row, 0) <= 1)) return false;
    return true;
  };
  const limit = threshold ?? (tables.every(isShare) ? 0.5 : null);
  if (limit === null) return null;
  const decide: Decide = (table, row) => {
    const value = number(table, row, 0);
    return Number.isNaN(value) ? "nan" : String(value >= limit);
  };
  return { name: `threshold ${limit}`, decide };
}

/**
 * Compares two saved .npy files of predictions, a row an input. Throws Unreadable where they are none, or not of the same
 * type and shape.
 */
export function comparePredictions(a: Uint8Array, b: Uint8Array, threshold: number | null): PredictionsApart {
  const [left, right] = [tableOf(a), tableOf(b)];
  const say = ({ dtype, rows, columns }: Table): string =>
    `${rows} × ${columns} of ${TEXT.exec(dtype)?.groups?.["kind"] ?? dtype}`;
  if (say(left) !== say(right)) throw new Unreadable(`${say(left)} and ${say(right)}`);
  const { rows, columns, dtype, size } = left;
  const reader = readerOf(dtype);
  const decision = decisionOf([left, right], threshold);
  let [flips, firstFlip, maxAbs, ulps] = [0, null as number | null, 0, 0];
  let worst: PredictionsApart["worst"] = null;
  for (let row = 0; row < rows; row++) {
    if (decision !== null && decision.decide(left, row) !== decision.decide(right, row)) {
      flips += 1;
      firstFlip ??= row;
    }
    for (let column = 0; reader !== null && column < columns; column++) {
      if (bits(left, row, column) === bits(right, row, column)) continue;
      const [at, to] = [left.at(row, column), right.at(row, column)];
      const [x, y] = [Number(reader.read(left.view, at)), Number(reader.read(right.view, to))];
      const gap = Number.isNaN(x) && Number.isNaN(y) ? 0 : Math.abs(x - y);
      const apart = Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap;
      // Of doubles far from zero the count itself is rounded: what differs is one apart at least.
      if (reader.float && apart > 0 && Number.isFinite(apart))
        ulps = Math.max(ulps, 1, ulpsBetween(left.view, right.view, at, size));
      if (worst !== null && apart <= maxAbs) continue;
      maxAbs = apart;
      worst = { row, column, a: String(x), b: String(y) };
    }
  }
  return {
    rows,
    flips: decision === null ? null : flips,
    decision: decision?.name ?? null,
    firstFlip,
    maxAbs: reader === null ? null : maxAbs,
    ulps: reader?.float === true ? (Number.isFinite(maxAbs) ? ulps : null) : null,
    worst,
  };
}
