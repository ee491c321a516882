import type { Cursor } from "../bytes.ts";
import type { Judge } from "../comparison.ts";
import { Unreadable } from "../unseen.ts";
import { varint, zigzag } from "./thrift.ts";

/** Reads numbers of a few bits, packed or as runs of one number; levels, dictionary indices and booleans are such. */
export function readRuns(cursor: Cursor, width: number, count: number): Uint32Array {
  if (width > 32) throw new Unreadable("Parquet: numbers of more than 32 bits");
  const out = new Uint32Array(count);
  let at = 0;
  while (at < count) {
    const head = Number(varint(cursor));
    const size = Math.floor(head / 2);
    if (head % 2 === 1) {
      // Eight at a time; some writers leave out the last bytes of the last eight.
      const wanted = Math.min(size * 8, count - at);
      const bytes = cursor.take(Math.min(size * width, cursor.left));
      if (bytes.length * 8 < wanted * width) throw new Unreadable("Parquet: packed numbers end early");
      unpackBits(bytes, width, out.subarray(at, at + wanted));
      at += wanted;
    } else {
      if (size === 0) throw new Unreadable("Parquet: a run of nothing");
      let value = 0;
      for (let byte = 0; byte < Math.ceil(width / 8); byte += 1) value += cursor.u8() * 2 ** (8 * byte);
      out.fill(value, at, Math.min(count, at + size));
      at += size;
    }
  }
  return out;
}

function unpackBits(bytes: Uint8Array, width: number, out: Uint32Array): void {
  let [held, bits, at] = [0, 0, 0];
  const size = 2 ** width;
  for (let index = 0; index < out.length; index += 1) {
    while (bits < width) {
      held += (bytes[at] ?? 0) * 2 ** bits;
      at += 1;
      bits += 8;
    }
    const rest = Math.floor(held / size);
    out[index] = held - rest * size;
    held = rest;
    bits -= width;
  }
}

const BLOCK_LIMIT = 2 ** 20;

/** Reads whole numbers kept as their distances from one another. Sums wrap round at the width of the type. */
export function readDeltas(cursor: Cursor, wanted: number, width: 4 | 8, judge: Judge): BigInt64Array {
  const [block, parts, count] = [Number(varint(cursor)), Number(varint(cursor)), Number(varint(cursor))];
  const each = block / parts;
  if (count !== wanted || !(block <= BLOCK_LIMIT) || !Number.isInteger(each / 8) || each === 0)
    throw new Unreadable("Parquet: distances of another form than stated");
  judge.spendSteps(count, "Parquet");
  const out = new BigInt64Array(count);
  let value = zigzag(varint(cursor));
  if (count > 0) out[0] = value;
  for (let at = 1; at < count; ) {
    const least = zigzag(varint(cursor));
    const widths = cursor.take(parts);
    for (let part = 0; part < parts && at < count; part += 1) {
      const bits = widths[part] ?? 0;
      if (bits > 64) throw new Unreadable("Parquet: distances of more than 64 bits");
      const packed = new BitReader(cursor.take((each / 8) * bits), bits);
      for (let index = 0; index < each && at < count; index += 1) {
        value = BigInt.asIntN(width * 8, value + least + packed.next());
        out[at] = value;
        at += 1;
      }
    }
  }
  return out;
}

class BitReader {
  #held = 0n;
  #bits = 0;
  #at = 0;

  constructor(
    readonly bytes: Uint8Array,
    readonly width: number,
  ) {}

  next(): bigint {
    if (this.width === 0) return 0n;
    while (this.#bits < this.width) {
      this.#held |= BigInt(this.bytes[this.#at] ?? 0) << BigInt(this.#bits);
      this.#at += 1;
      this.#bits += 8;
    }
    const value = BigInt.asUintN(this.width, this.#held);
    this.#held >>= BigInt(this.width);
    this.#bits -= this.width;
    return value;
  }
}
