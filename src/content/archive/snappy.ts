import { Unreadable } from "../unseen.ts";

/** Unpacks one raw block of Snappy that is known to hold `length` bytes. */
export function unpackSnappy(packed: Uint8Array, length: number): Uint8Array {
  // A copy of three bytes gives at most 64: what claims more was made to fill the memory.
  if (length > packed.length * 32 + 64) throw new Unreadable("Snappy: of another length than stated");
  const out = new Uint8Array(length);
  let at = 0;
  while ((packed[at] ?? 0) >= 128) at += 1;
  at += 1;
  let end = 0;
  while (at < packed.length) {
    const tag = packed[at] ?? 0;
    at += 1;
    const extra = (tag & 3) === 0 ? Math.max(0, (tag >> 2) - 59) : tag & 3;
    const bytes = (tag & 3) === 3 ? 4 : extra;
    const number = little(packed, at, bytes);
    at += bytes;
    if ((tag & 3) === 0) {
      const size = (bytes === 0 ? tag >> 2 : number) + 1;
      if (at + size > packed.length || end + size > length) throw new Unreadable("Snappy: ends early");
      out.set(packed.subarray(at, at + size), end);
      at += size;
      end += size;
    } else {
      const size = (tag & 3) === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
      const back = (tag & 3) === 1 ? ((tag >> 5) << 8) + number : number;
      end = copyBack(out, end, back, size);
    }
  }
  if (end !== length) throw new Unreadable("Snappy: of another length than stated");
  return out;
}

/** Repeats what lies `back` bytes behind, which may overlap with what is being written; gives the new end. */
export function copyBack(out: Uint8Array, end: number, back: number, size: number): number {
  if (back < 1 || back > end || end + size > out.length) throw new Unreadable("a repetition of what is not there");
  if (back >= size) out.copyWithin(end, end - back, end - back + size);
  else for (let at = end; at < end + size; at += 1) out[at] = out[at - back] ?? 0;
  return end + size;
}

function little(bytes: Uint8Array, at: number, count: number): number {
  let number = 0;
  for (let index = count - 1; index >= 0; index -= 1) number = number * 256 + (bytes[at + index] ?? 0);
  return number;
}
