import { Unreadable } from "../unseen.ts";

/** Codes of deflate as one table: what the next bits stand for (above four bits) and how many of them it takes. */
export interface Codes {
  readonly table: Uint16Array;
  readonly longest: number;
}

export const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
export const EXTRA_LENGTH = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
export const EXTRA_DISTANCE = Array.from({ length: 30 }, (_, code) => Math.max(0, (code >> 1) - 1));
export const BASE_LENGTH = [...bases(EXTRA_LENGTH.slice(0, 28), 3), 258];
export const BASE_DISTANCE = bases(EXTRA_DISTANCE, 1);

function bases(extra: readonly number[], first: number): number[] {
  let base = first;
  return extra.map((bits) => {
    base += 1 << bits;
    return base - (1 << bits);
  });
}

/**
 * Codes by their lengths alone, as deflate writes them. As strict as zlib: what no other reader unpacks is not unpacked here.
 * Only where `one` may stand alone can a code be missing.
 */
export function codesOf(lengths: Uint8Array, one = true): Codes {
  const count = new Uint16Array(16);
  for (const length of lengths) count[length] = (count[length] ?? 0) + 1;
  count[0] = 0;
  const longest = Math.max(
    1,
    count.findLastIndex((number) => number > 0),
  );
  let unused = 1;
  for (let bits = 1; bits <= 15; bits += 1) {
    unused = unused * 2 - (count[bits] ?? 0);
    if (unused < 0) throw new Unreadable("deflate: more codes than there are");
  }
  const none = lengths.every((length) => length === 0);
  if (unused > 0 && !none && !(one && longest === 1)) throw new Unreadable("deflate: codes that stand for nothing");
  const next = new Uint32Array(17);
  for (let bits = 1; bits <= 15; bits += 1) next[bits + 1] = ((next[bits] ?? 0) + (count[bits] ?? 0)) << 1;
  const table = new Uint16Array(1 << longest);
  for (const [symbol, length] of lengths.entries()) {
    if (length === 0) continue;
    const code = next[length] ?? 0;
    next[length] = code + 1;
    for (let at = reversed(code, length); at < table.length; at += 1 << length) table[at] = (symbol << 4) | length;
  }
  return { table, longest };
}

function reversed(code: number, length: number): number {
  let turned = 0;
  for (let bit = 0; bit < length; bit += 1) turned |= ((code >> bit) & 1) << (length - 1 - bit);
  return turned;
}

/** The codes of blocks that bring none. */
export const FIXED = {
  lengths: codesOf(
    Uint8Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8)),
  ),
  distances: codesOf(new Uint8Array(32).fill(5)),
};
