import { type Difference, differs } from "../comparison.ts";
import { type Data, equalData, firstApart, readData } from "../source.ts";
import { apartOf } from "./apart.ts";

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

/** The first difference of two arrays, with the largest distance between their numbers. */
export function compareArrays(a: ArrayData, b: ArrayData): Difference | null {
  if (a.dtype !== b.dtype) return differs("type of the elements", a.dtype, b.dtype);
  if (a.shape.join() !== b.shape.join()) return differs("shape", `[${a.shape.join(", ")}]`, `[${b.shape.join(", ")}]`);
  if (a.order !== b.order && a.shape.filter((length) => length > 1).length > 1)
    return differs("memory order", a.order, b.order);
  return compareData(a, b);
}

function compareData(a: ArrayData, b: ArrayData): Difference | null {
  const reader = readerOf(a.dtype);
  if (reader === null || a.data.length !== b.data.length || a.data.length % reader.size !== 0)
    return equalData(a.data, b.data) ? null : differentBytes(a.data, b.data);
  const found = apartOf(a, b, reader);
  if (found === null) return null;
  const { ulps, relative, count, distance } = found;
  const exact = ulps < 1e6 ? ulps : ulps.toExponential(1);
  const far = reader.float
    ? `, by up to ${exact} ulp${relative > 0 ? `, relative ${relative.toExponential(1)}` : ""}`
    : "";
  const where = `element ${position(found.first, a)} (${count} of ${a.data.length / reader.size} differ${far})`;
  return differs(where, found.a, found.b, Number.isFinite(distance) ? distance : null);
}

function position(index: number, { shape, order }: ArrayData): string {
  if (shape.length < 2) return `[${index}]`;
  const indices: number[] = [];
  let rest = index;
  for (const length of order === "C" ? shape.toReversed() : shape) {
    indices.push(rest % length);
    rest = Math.floor(rest / length);
  }
  return `[${(order === "C" ? indices.toReversed() : indices).join(", ")}]`;
}

/** Where two byte strings part. */
export function differentBytes(a: Data, b: Data): Difference {
  const found = firstApart(a, b);
  const at = found < 0 ? Math.min(a.length, b.length) : found;
  const shown = (data: Data): string => {
    const some = Buffer.from(readData(data, at, Math.min(data.length, at + 16))).toString("hex");
    return `${some === "" ? "end" : some} (${data.length} bytes)`;
  };
  return differs(`byte ${at}`, shown(a), shown(b));
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
