import { pairsOfPieces } from "../source.ts";
import type { ArrayData, ElementReader } from "./element.ts";
import { ulpsBetween } from "./ulp.ts";

/** How two arrays of one type and shape part, over all their elements. */
export interface Apart {
  /** The first element that differs, by its place in memory. */
  readonly first: number;
  readonly a: string;
  readonly b: string;
  readonly count: number;
  /** Largest distance; infinite where one is no number. */
  readonly distance: number;
  readonly ulps: number;
  /** Largest distance in relation to the larger of the two. */
  readonly relative: number;
}

/** Elements looked at as one before each of them is: most of what differs little is equal in long pieces. */
const RUN = 4096;

/** Reads both arrays piece by piece; null when they are equal bit by bit. */
export function apartOf(a: ArrayData, b: ArrayData, reader: ElementReader): Apart | null {
  const found = new Parting(reader);
  for (const pair of pairsOfPieces(a.data, b.data, reader.size)) found.look(pair.a, pair.b, pair.from);
  return found.count === 0 ? null : found;
}

class Parting implements Apart {
  first = -1;
  a = "";
  b = "";
  count = 0;
  distance = 0;
  ulps = 0;
  relative = 0;

  constructor(readonly reader: ElementReader) {}

  look(a: Uint8Array, b: Uint8Array, from: number): void {
    const { size } = this.reader;
    const [left, right] = [viewOf(a), viewOf(b)];
    const step = RUN * size;
    for (let start = 0; start < a.length; start += step) {
      const end = Math.min(a.length, start + step);
      if (Buffer.compare(a.subarray(start, end), b.subarray(start, end)) === 0) continue;
      for (let at = start; at < end; at += size) if (!sameBits(left, right, at, size)) this.#add(left, right, at, from);
    }
  }

  #add(left: DataView, right: DataView, at: number, from: number): void {
    const { reader } = this;
    const [x, y] = [Number(reader.read(left, at)), Number(reader.read(right, at))];
    if (this.count === 0) {
      this.first = (from + at) / reader.size;
      this.a = say(reader.read(left, at));
      this.b = say(reader.read(right, at));
    }
    this.count += 1;
    const gap = Math.abs(x - y);
    if (!(gap <= this.distance)) this.distance = Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap;
    if (!reader.float || !Number.isFinite(gap)) return;
    const ulps = ulpsBetween(left, right, at, reader.size);
    if (ulps > this.ulps) this.ulps = ulps;
    const relative = gap / Math.max(Math.abs(x), Math.abs(y));
    if (relative > this.relative) this.relative = relative;
  }
}

/** Minus zero differs from zero by its bits. */
const say = (value: number | bigint): string => (Object.is(value, -0) ? "-0" : String(value));

function sameBits(a: DataView, b: DataView, at: number, size: number): boolean {
  if (size === 4) return a.getInt32(at) === b.getInt32(at);
  if (size === 2) return a.getInt16(at) === b.getInt16(at);
  if (size === 1) return a.getInt8(at) === b.getInt8(at);
  return a.getInt32(at) === b.getInt32(at) && a.getInt32(at + 4) === b.getInt32(at + 4);
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
