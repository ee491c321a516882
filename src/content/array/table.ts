import { wholeOf } from "../source.ts";
import { Unreadable } from "../unseen.ts";
import { readNpy } from "./npy.ts";

/** A saved .npy file of predictions: a row an input. */
export interface Table {
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

export function tableOf(saved: Uint8Array): Table {
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

/** NumPy makes all texts of an array as wide as the longest one: what that is says nothing of the others. */
export const TEXT = /^(?<kind>[<>|=]?[US])\d+$/;

/** Bits of an element: of labels that are text, without what fills them up, and of those that are whole numbers. */
export function bits({ dtype, bytes, at, size }: Table, row: number, column: number): string {
  const from = at(row, column);
  let to = from + size;
  if (TEXT.test(dtype)) while (to > from && bytes[to - 1] === 0) to -= 1;
  return Buffer.from(bytes.subarray(from, to)).toString("hex");
}
