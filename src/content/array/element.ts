import type { Data } from "../source.ts";

/** An array as it lies in a file: what each element is, how many there are in each direction, the bits. */
export interface ArrayData {
  /** As the format names it. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Memory order, "C" or "F"; with several directions it decides what an index means. */
  readonly order: "C" | "F";
  readonly data: Data;
}

export interface ElementReader {
  readonly size: number;
  readonly float: boolean;
  read(view: DataView, at: number): number | bigint;
}

const little: Readonly<Record<string, ElementReader>> = {
  f8: { size: 8, float: true, read: (view, at) => view.getFloat64(at, true) },
  f4: { size: 4, float: true, read: (view, at) => view.getFloat32(at, true) },
  f2: { size: 2, float: true, read: (view, at) => half(view.getUint16(at, true)) },
  bf16: { size: 2, float: true, read: (view, at) => bfloat(view.getUint16(at, true)) },
  i8: { size: 8, float: false, read: (view, at) => view.getBigInt64(at, true) },
  i4: { size: 4, float: false, read: (view, at) => view.getInt32(at, true) },
  i2: { size: 2, float: false, read: (view, at) => view.getInt16(at, true) },
  i1: { size: 1, float: false, read: (view, at) => view.getInt8(at) },
  u8: { size: 8, float: false, read: (view, at) => view.getBigUint64(at, true) },
  u4: { size: 4, float: false, read: (view, at) => view.getUint32(at, true) },
  u2: { size: 2, float: false, read: (view, at) => view.getUint16(at, true) },
  u1: { size: 1, float: false, read: (view, at) => view.getUint8(at) },
  b1: { size: 1, float: false, read: (view, at) => view.getUint8(at) },
};

const ALIASES: Readonly<Record<string, string>> = {
  F64: "f8",
  F32: "f4",
  F16: "f2",
  BF16: "bf16",
  I64: "i8",
  I32: "i4",
  I16: "i2",
  I8: "i1",
  U64: "u8",
  U32: "u4",
  U16: "u2",
  U8: "u1",
  BOOL: "b1",
  DoubleStorage: "f8",
  FloatStorage: "f4",
  HalfStorage: "f2",
  BFloat16Storage: "bf16",
  LongStorage: "i8",
  IntStorage: "i4",
  ShortStorage: "i2",
  CharStorage: "i1",
  ByteStorage: "u1",
  BoolStorage: "b1",
};

/** How to read an element of a type in little-endian order; null for those compared by their bits alone. */
export function readerOf(dtype: string): ElementReader | null {
  return little[ALIASES[dtype] ?? dtype.replace(/^[<|=]/, "")] ?? null;
}

function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const scratch = new DataView(new ArrayBuffer(4));
function bfloat(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}
