import { Cursor } from "../bytes.ts";
import type { Judge } from "../comparison.ts";
import { Unreadable } from "../unseen.ts";
import { copyBack } from "./snappy.ts";

/** Unpacks one raw block of LZ4 that is known to hold `length` bytes. */
export function unpackLz4(packed: Uint8Array, length: number): Uint8Array {
  if (length > packed.length * 255 + 64) throw new Unreadable("LZ4: of another length than stated");
  const out = new Uint8Array(length);
  if (unpackBlock(packed, out, 0) !== length) throw new Unreadable("LZ4: of another length than stated");
  return out;
}

/** Unpacks a block behind what `out` holds already, to which it may refer; gives the new end. */
function unpackBlock(packed: Uint8Array, out: Uint8Array, from: number): number {
  const cursor = new Cursor(packed);
  let end = from;
  while (cursor.left > 0) {
    const token = cursor.u8();
    const literal = cursor.take(lengthOf(cursor, token >> 4));
    if (end + literal.length > out.length) throw new Unreadable("LZ4: more than stated");
    out.set(literal, end);
    end += literal.length;
    if (cursor.left === 0) break;
    const back = cursor.u16();
    end = copyBack(out, end, back, lengthOf(cursor, token & 15) + 4);
  }
  return end;
}

function lengthOf(cursor: Cursor, short: number): number {
  let length = short;
  if (short < 15) return length;
  for (;;) {
    const more = cursor.u8();
    length += more;
    if (more < 255) return length;
  }
}

/** LZ4 as Hadoop frames it, in blocks with their lengths before them; some writers leave the frame out. */
export function unpackHadoopLz4(packed: Uint8Array, length: number): Uint8Array {
  try {
    const cursor = new Cursor(packed);
    const parts: Uint8Array[] = [];
    let left = length;
    while (cursor.left > 0) {
      const [size, taken] = [big(cursor), big(cursor)];
      if (size > left) throw new Unreadable("LZ4: no frame of Hadoop");
      parts.push(unpackLz4(cursor.take(taken), size));
      left -= size;
    }
    if (left > 0) throw new Unreadable("LZ4: no frame of Hadoop");
    return Buffer.concat(parts);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return unpackLz4(packed, length);
  }
}

const big = (cursor: Cursor): number => Buffer.from(cursor.take(4)).readUInt32BE();

/** Unpacks a frame of LZ4. Its checksums are passed over: what it holds is compared anyhow. */
export function unpackLz4Frame(packed: Uint8Array, length: number, judge: Judge): Uint8Array {
  judge.spendBytes(length, "LZ4");
  if (length > packed.length * 255 + 64) throw new Unreadable("LZ4: of another length than stated");
  const cursor = new Cursor(packed);
  if (cursor.u32() !== 0x184d2204) throw new Unreadable("LZ4: no frame");
  const flags = cursor.u8();
  if (flags >> 6 !== 1 || (flags & 1) !== 0) throw new Unreadable("LZ4: a frame of another version");
  cursor.take(1 + ((flags & 8) === 0 ? 0 : 8) + 1);
  const out = new Uint8Array(length);
  let end = 0;
  for (let size = cursor.u32(); size !== 0; size = cursor.u32()) {
    const block = cursor.take(size & 0x7fffffff);
    if (size >>> 31 === 0) end = unpackBlock(block, out, end);
    else {
      if (end + block.length > length) throw new Unreadable("LZ4: more than stated");
      out.set(block, end);
      end += block.length;
    }
    if ((flags & 16) !== 0) cursor.take(4);
  }
  if (end !== length) throw new Unreadable("LZ4: of another length than stated");
  return out;
}
