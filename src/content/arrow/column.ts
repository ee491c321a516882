import { equalBytes } from "../bytes.ts";
import type { Judge } from "../comparison.ts";
import { Unreadable } from "../unseen.ts";
import type { Field } from "./schema.ts";

/** Values of one column in one batch, as they lie in its buffers. */
export interface Column {
  readonly field: Field;
  readonly length: number;
  /** One bit a row: whether there is a value. null: everywhere. */
  readonly valid: Uint8Array | null;
  /** Values of fixed length, bits, indices; offsets into `data` or into the child; views. */
  readonly main: DataView;
  /** Of values of different lengths: their bytes, several of them behind views. */
  readonly data: readonly Uint8Array[];
  readonly children: readonly Column[];
  /** The values that indices stand for, grown by parts. */
  readonly dictionary: readonly Column[];
}

const bitAt = (bytes: Uint8Array, index: number): boolean => (((bytes[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;

export const isThere = (column: Column, row: number): boolean =>
  column.field.layout !== "null" && (column.valid === null || bitAt(column.valid, row));

export const flagAt = ({ main }: Column, row: number): boolean => ((main.getUint8(row >> 3) >> (row & 7)) & 1) === 1;

/** The bytes of a value that is there. */
export function bytesAt(column: Column, row: number): Uint8Array {
  const { main, field } = column;
  if (field.layout === "fixed") return new Uint8Array(main.buffer, main.byteOffset + row * field.width, field.width);
  if (field.layout === "view") return viewAt(column, row);
  const [from, to] = rangeAt(column, row);
  const data = column.data[0] ?? new Uint8Array();
  if (to > data.length) throw new Unreadable("Arrow: a value behind the end of its buffer");
  return data.subarray(from, to);
}

function viewAt({ main, data }: Column, row: number): Uint8Array {
  const length = main.getInt32(row * 16, true);
  if (length < 0) throw new Unreadable("Arrow: a value of a negative length");
  if (length <= 12) return new Uint8Array(main.buffer, main.byteOffset + row * 16 + 4, length);
  const from = main.getInt32(row * 16 + 12, true);
  const bytes = data[main.getInt32(row * 16 + 8, true)];
  if (bytes === undefined || from < 0 || from + length > bytes.length)
    throw new Unreadable("Arrow: a value behind the end of its buffer");
  return bytes.subarray(from, from + length);
}

/** From which element of the child, or byte of the data, a value goes, and to which. */
function rangeAt({ main, field }: Column, row: number): readonly [number, number] {
  if (field.layout === "fixed list") return [row * field.width, (row + 1) * field.width];
  const offset = (at: number): number =>
    field.width === 4 ? main.getInt32(at * 4, true) : Number(main.getBigInt64(at * 8, true));
  const [from, to] = [offset(row), offset(row + 1)];
  if (from < 0 || to < from) throw new Unreadable("Arrow: offsets that go back");
  return [from, to];
}

/** The elements of a list: its child, and from where to where. */
export function elementsAt(column: Column, row: number): readonly [Column, number, number] {
  const [from, to] = rangeAt(column, row);
  const child = column.children[0];
  if (child === undefined || to > child.length) throw new Unreadable("Arrow: a list behind the end of its elements");
  return [child, from, to];
}

/** Where the value lies that an index stands for. */
export function lookUp({ main, field, dictionary }: Column, row: number): readonly [Column, number] {
  let at = indexAt(main, field, row);
  for (const part of dictionary) {
    if (at >= 0 && at < part.length) return [part, at];
    at -= part.length;
  }
  throw new Unreadable("Arrow: not in the dictionary");
}

function indexAt(main: DataView, { width, reads }: Field, row: number): number {
  const signed = reads.startsWith("i");
  if (width === 1) return signed ? main.getInt8(row) : main.getUint8(row);
  if (width === 2) return signed ? main.getInt16(row * 2, true) : main.getUint16(row * 2, true);
  return width === 4 ? main.getInt32(row * 4, true) : Number(main.getBigInt64(row * 8, true));
}

/** Whether two values are the same, bit for bit; both columns are of one type. */
export function sameValue(a: Column, i: number, b: Column, j: number, judge: Judge): boolean {
  const there = isThere(a, i);
  if (there !== isThere(b, j)) return false;
  if (!there) return true;
  switch (a.field.layout) {
    case "bits":
      return flagAt(a, i) === flagAt(b, j);
    case "dictionary": {
      const [[left, x], [right, y]] = [lookUp(a, i), lookUp(b, j)];
      return sameValue(left, x, right, y, judge);
    }
    case "struct":
      return a.children.every((child, index) => sameValue(child, i, b.children[index] ?? child, j, judge));
    case "list":
    case "fixed list": {
      const [[left, from, to], [right, start, end]] = [elementsAt(a, i), elementsAt(b, j)];
      if (to - from !== end - start) return false;
      judge.spendSteps(Math.ceil((to - from) / 16), "Arrow");
      for (let at = 0; at < to - from; at += 1) if (!sameValue(left, from + at, right, start + at, judge)) return false;
      return true;
    }
    default:
      return equalBytes(bytesAt(a, i), bytesAt(b, j));
  }
}
