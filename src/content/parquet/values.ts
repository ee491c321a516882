import { Cursor } from "../bytes.ts";
import type { Judge } from "../comparison.ts";
import { Unreadable, Unseen } from "../unseen.ts";
import type { Leaf } from "./footer.ts";
import { readDeltas, readRuns } from "./runs.ts";

/** Values of one column as bits: each lies in `bytes` from its start to its end. */
export interface Values {
  readonly bytes: Uint8Array;
  /** 0: of different lengths, then by `starts`, one more than there are values. */
  readonly width: number;
  readonly starts: Uint32Array | null;
  /** Of values kept in a dictionary: which ones. */
  readonly indices: Uint32Array | null;
  readonly count: number;
}

/** The bits of a value. */
export function bitsAt(values: Values, index: number): Uint8Array {
  const at = values.indices === null ? index : (values.indices[index] ?? 0);
  const { bytes, width, starts } = values;
  return starts === null
    ? bytes.subarray(at * width, (at + 1) * width)
    : bytes.subarray(starts[at] ?? 0, starts[at + 1] ?? 0);
}

/** Whether two values have the same bits, without making anything: it is asked for every value. */
export function sameBits(a: Values, i: number, b: Values, j: number): boolean {
  const [x, y] = [a.indices === null ? i : (a.indices[i] ?? 0), b.indices === null ? j : (b.indices[j] ?? 0)];
  const [from, end] = a.starts === null ? [x * a.width, (x + 1) * a.width] : [a.starts[x] ?? 0, a.starts[x + 1] ?? 0];
  const [other, otherEnd] =
    b.starts === null ? [y * b.width, (y + 1) * b.width] : [b.starts[y] ?? 0, b.starts[y + 1] ?? 0];
  const length = end - from;
  if (length !== otherEnd - other) return false;
  for (let offset = 0; offset < length; offset += 1)
    if (a.bytes[from + offset] !== b.bytes[other + offset]) return false;
  return true;
}

const fixed = (bytes: Uint8Array, width: number, count: number): Values => ({
  bytes,
  width,
  starts: null,
  indices: null,
  count,
});

const varying = (bytes: Uint8Array, starts: Uint32Array): Values => ({
  bytes,
  width: 0,
  starts,
  indices: null,
  count: starts.length - 1,
});

/** Reads values as they lie one behind another. */
export function readPlain(cursor: Cursor, leaf: Leaf, count: number): Values {
  if (leaf.physical === 0) {
    const bits = cursor.take(Math.ceil(count / 8));
    return fixed(
      Uint8Array.from({ length: count }, (_, at) => ((bits[at >> 3] ?? 0) >> (at & 7)) & 1),
      1,
      count,
    );
  }
  if (leaf.physical !== 6) return fixed(cursor.take(count * leaf.width), leaf.width, count);
  if (count * 4 > cursor.left) throw new Unreadable("Parquet: values end early");
  const out = Buffer.alloc(cursor.left - count * 4);
  const starts = new Uint32Array(count + 1);
  let end = 0;
  for (let index = 0; index < count; index += 1) {
    const value = cursor.take(cursor.u32());
    out.set(value, end);
    end += value.length;
    starts[index + 1] = end;
  }
  return varying(out, starts);
}

/** Reads the values of a page by the number of its encoding. */
export function readValues(
  page: Uint8Array,
  encoding: number,
  leaf: Leaf,
  count: number,
  dictionary: Values | null,
  judge: Judge,
): Values {
  const cursor = new Cursor(page);
  if (encoding === 0) return readPlain(cursor, leaf, count);
  if (encoding === 2 || encoding === 8) return fromDictionary(cursor, count, dictionary);
  if (encoding === 3 && leaf.physical === 0) {
    const runs = new Cursor(cursor.take(cursor.u32()));
    return fixed(Uint8Array.from(readRuns(runs, 1, count)), 1, count);
  }
  if (encoding === 5 && (leaf.physical === 1 || leaf.physical === 2)) {
    const deltas = readDeltas(cursor, count, leaf.width === 4 ? 4 : 8, judge);
    const numbers = leaf.width === 4 ? Int32Array.from(deltas, Number) : deltas;
    return fixed(new Uint8Array(numbers.buffer, 0, numbers.byteLength), leaf.width, count);
  }
  if (encoding === 6 && leaf.physical === 6) return lengthsFirst(cursor, count, judge);
  if (encoding === 7 && (leaf.physical === 6 || leaf.physical === 7)) return prefixed(cursor, leaf, count, judge);
  if (encoding === 9 && leaf.width > 0) return split(cursor, leaf.width, count);
  throw new Unseen(`Parquet: encoding ${encoding} of column ${leaf.name} is not read in this version`);
}

function fromDictionary(cursor: Cursor, count: number, dictionary: Values | null): Values {
  if (dictionary === null) throw new Unreadable("Parquet: indices without a dictionary");
  // A page of nulls alone may leave out even the width.
  const indices = count === 0 ? new Uint32Array() : readRuns(cursor, cursor.u8(), count);
  if (indices.some((index) => index >= dictionary.count)) throw new Unreadable("Parquet: not in the dictionary");
  return { ...dictionary, indices, count };
}

/** Lengths as a table of starts. */
function startsOf(lengths: BigInt64Array, limit: number): Uint32Array {
  const starts = new Uint32Array(lengths.length + 1);
  let end = 0;
  for (const [index, length] of lengths.entries()) {
    end += Number(length);
    if (length < 0n || end > limit) throw new Unreadable("Parquet: values longer than their page");
    starts[index + 1] = end;
  }
  return starts;
}

function lengthsFirst(cursor: Cursor, count: number, judge: Judge): Values {
  const lengths = readDeltas(cursor, count, 4, judge);
  const starts = startsOf(lengths, cursor.left);
  return varying(cursor.take(starts[count] ?? 0), starts);
}

/** Each value as what it shares with the one before and what comes behind that. */
function prefixed(cursor: Cursor, leaf: Leaf, count: number, judge: Judge): Values {
  const shared = readDeltas(cursor, count, 4, judge);
  const suffixes = lengthsFirst(cursor, count, judge);
  const lengths = shared.map((length, index) => length + BigInt(bitsAt(suffixes, index).length));
  const total = lengths.reduce((sum, length) => sum + length, 0n);
  judge.spendBytes(Number(total), "Parquet");
  const starts = startsOf(lengths, 2 ** 30);
  const out = new Uint8Array(starts[count] ?? 0);
  let previous = 0;
  for (const [index, length] of shared.entries()) {
    const [from, same] = [starts[index] ?? 0, Number(length)];
    if (same < 0 || same > previous) throw new Unreadable("Parquet: a beginning that is not there");
    out.copyWithin(from, from - previous, from - previous + same);
    out.set(bitsAt(suffixes, index), from + same);
    previous = (starts[index + 1] ?? 0) - from;
  }
  if (leaf.physical === 6) return varying(out, starts);
  if (lengths.some((length) => Number(length) !== leaf.width))
    throw new Unreadable("Parquet: a value of another length");
  return fixed(out, leaf.width, count);
}

/** All first bytes, then all second ones, and so on. */
function split(cursor: Cursor, width: number, count: number): Values {
  const bytes = cursor.take(count * width);
  const out = new Uint8Array(bytes.length);
  for (let byte = 0; byte < width; byte += 1)
    for (let index = 0; index < count; index += 1) out[index * width + byte] = bytes[byte * count + index] ?? 0;
  return fixed(out, width, count);
}
