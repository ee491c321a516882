import { type Data, readData } from "../source.ts";
import { Unreadable } from "../unseen.ts";
import {
  BASE_DISTANCE,
  BASE_LENGTH,
  type Codes,
  codesOf,
  EXTRA_DISTANCE,
  EXTRA_LENGTH,
  FIXED,
  ORDER,
} from "./huffman.ts";

const HISTORY = 1 << 15;
const ROOM = 1 << 18;
const LONGEST = 258;
const INPUT = 1 << 16;

/**
 * Unpacks a stream of deflate piece by piece, in the memory of two windows. Node's own can go on only with a promise, and
 * a comparison is synchronous.
 */
export class Inflater {
  /** Where the stream ends in the packed bytes, once it was unpacked. */
  end = -1;
  readonly #out = new Uint8Array(HISTORY + ROOM + LONGEST);
  #to = 0;
  #given = 0;
  #input: Uint8Array = new Uint8Array();
  #at = 0;
  #next: number;
  #hold = 0;
  #bits = 0;
  #last = false;
  /** Of a stored block: bytes left. */
  #stored = 0;
  #codes: { readonly lengths: Codes; readonly distances: Codes } | null = null;

  constructor(
    readonly packed: Data,
    from: number,
  ) {
    this.#next = from;
  }

  /** The next piece, good until the one after it is asked for; null at the end. */
  next(): Uint8Array | null {
    if (this.#given > HISTORY) {
      this.#out.copyWithin(0, this.#given - HISTORY, this.#given);
      this.#to -= this.#given - HISTORY;
      this.#given = HISTORY;
    }
    while (this.#to < this.#given + ROOM && this.#to + LONGEST <= this.#out.length && this.end < 0) this.#step();
    if (this.#to === this.#given) return null;
    const piece = this.#out.subarray(this.#given, this.#to);
    this.#given = this.#to;
    return piece;
  }

  #step(): void {
    if (this.#stored > 0) this.#copyStored();
    else if (this.#codes !== null) this.#decode(this.#codes);
    else if (this.#last) this.end = this.#next - (this.#input.length - this.#at) - Math.floor(this.#bits / 8);
    else this.#begin();
  }

  #begin(): void {
    this.#last = this.#take(1) === 1;
    const kind = this.#take(2);
    if (kind === 3) throw new Unreadable("deflate: a block of no kind");
    if (kind === 1) this.#codes = FIXED;
    else if (kind === 2) this.#codes = this.#ownCodes();
    else {
      this.#take(this.#bits % 8);
      const [length, check] = [this.#take(16), this.#take(16)];
      if (length !== (check ^ 0xffff)) throw new Unreadable("deflate: a stored block of two lengths");
      this.#stored = length;
    }
  }

  #copyStored(): void {
    const room = this.#out.length - LONGEST - this.#to;
    if (this.#bits > 0) {
      this.#out[this.#to] = this.#take(8);
      this.#to += 1;
      this.#stored -= 1;
      return;
    }
    if (this.#at >= this.#input.length && !this.#more()) throw new Unreadable("deflate: ends early");
    const some = this.#input.subarray(this.#at, this.#at + Math.min(room, this.#stored));
    this.#out.set(some, this.#to);
    this.#at += some.length;
    this.#to += some.length;
    this.#stored -= some.length;
  }

  #decode({ lengths, distances }: { readonly lengths: Codes; readonly distances: Codes }): void {
    const out = this.#out;
    const limit = out.length - LONGEST;
    while (this.#to < limit) {
      const symbol = this.#symbol(lengths);
      if (symbol < 256) {
        out[this.#to] = symbol;
        this.#to += 1;
        continue;
      }
      if (symbol === 256) {
        this.#codes = null;
        return;
      }
      const size = (BASE_LENGTH[symbol - 257] ?? -1) + this.#take(EXTRA_LENGTH[symbol - 257] ?? 0);
      const code = this.#symbol(distances);
      const back = (BASE_DISTANCE[code] ?? -1) + this.#take(EXTRA_DISTANCE[code] ?? 0);
      if (size < 3 || back < 1 || back > this.#to) throw new Unreadable("deflate: a repetition of what is not there");
      const to = this.#to + size;
      if (back >= size) out.copyWithin(this.#to, this.#to - back, to - back);
      else for (let at = this.#to; at < to; at += 1) out[at] = out[at - back] ?? 0;
      this.#to = to;
    }
  }

  #ownCodes(): { readonly lengths: Codes; readonly distances: Codes } {
    const [first, second, third] = [this.#take(5) + 257, this.#take(5) + 1, this.#take(4) + 4];
    if (first > 286 || second > 30) throw new Unreadable("deflate: more codes than there are");
    const own = new Uint8Array(19);
    for (const place of ORDER.slice(0, third)) own[place] = this.#take(3);
    const codes = codesOf(own, false);
    const all = new Uint8Array(first + second);
    for (let at = 0; at < all.length; ) {
      const symbol = this.#symbol(codes);
      if (symbol < 16) {
        all[at] = symbol;
        at += 1;
        continue;
      }
      if (symbol === 16 && at === 0) throw new Unreadable("deflate: a repetition of what is not there");
      const value = symbol === 16 ? (all[at - 1] ?? 0) : 0;
      const count = symbol === 16 ? 3 + this.#take(2) : symbol === 17 ? 3 + this.#take(3) : 11 + this.#take(7);
      if (at + count > all.length) throw new Unreadable("deflate: more codes than stated");
      all.fill(value, at, at + count);
      at += count;
    }
    if (all[256] === 0) throw new Unreadable("deflate: a block without an end");
    return { lengths: codesOf(all.subarray(0, first)), distances: codesOf(all.subarray(first)) };
  }

  #symbol({ table, longest }: Codes): number {
    this.#fill(longest);
    const entry = table[this.#hold & ((1 << longest) - 1)] ?? 0;
    const length = entry & 15;
    if (length === 0 || length > this.#bits) throw new Unreadable("deflate: no such code");
    this.#hold >>>= length;
    this.#bits -= length;
    return entry >> 4;
  }

  #take(count: number): number {
    this.#fill(count);
    if (this.#bits < count) throw new Unreadable("deflate: ends early");
    const value = this.#hold & ((1 << count) - 1);
    this.#hold >>>= count;
    this.#bits -= count;
    return value;
  }

  /** As many bits as there are, up to what is asked for: the last code may be shorter than the longest one. */
  #fill(count: number): void {
    while (this.#bits < count) {
      if (this.#at >= this.#input.length && !this.#more()) return;
      this.#hold |= (this.#input[this.#at] ?? 0) << this.#bits;
      this.#at += 1;
      this.#bits += 8;
    }
  }

  #more(): boolean {
    if (this.#next >= this.packed.length) return false;
    const to = Math.min(this.packed.length, this.#next + INPUT);
    this.#input = readData(this.packed, this.#next, to);
    this.#next = to;
    this.#at = 0;
    return true;
  }
}
