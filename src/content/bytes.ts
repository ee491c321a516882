import { type Data, part, readData, wholeOf } from "./source.ts";
import { OverBudget, Unreadable } from "./unseen.ts";

/** What is read at once from a source: little where one jumps about, more where one goes straight on. */
const LEAST = 4096;
const MOST = 1 << 18;
/** The most that is taken in one piece. */
const HELD = 2 ** 28;
/** From here on a part of a source stays where it is until it is looked at. */
const LARGE = 4096;

/** A cursor over bytes that objects, instead of reading past the end. Little-endian unless told. */
export class Cursor {
  at = 0;
  readonly length: number;
  /** What of the bytes lies in memory: all, or a window that moves. */
  #window: Uint8Array;
  #view: DataView;
  #base = 0;
  #size = LEAST;

  constructor(readonly data: Data) {
    this.length = data.length;
    this.#window = data instanceof Uint8Array ? data : new Uint8Array();
    this.#view = viewOf(this.#window);
  }

  get left(): number {
    return this.length - this.at;
  }

  /** All the bytes, in memory. */
  get bytes(): Uint8Array {
    return wholeOf(this.data);
  }

  take(length: number): Uint8Array {
    this.#skip(length);
    const from = this.at - length;
    if (this.data instanceof Uint8Array) return this.data.subarray(from, this.at);
    if (length > HELD) throw new OverBudget(`a piece of ${length} bytes: more than may be held`);
    if (length > MOST) return readData(this.data, from, this.at);
    const start = this.#load(from, length);
    return this.#window.subarray(start, start + length);
  }

  /** The next bytes as a content of their own: of a source only what is small is read. */
  span(length: number): Data {
    if (this.data instanceof Uint8Array) return this.take(length);
    // A copy: else a few bytes would hold a whole window.
    if (length < LARGE) return this.take(length).slice();
    this.#skip(length);
    return part(this.data, this.at - length, this.at);
  }

  /** What was passed since a position. */
  since(from: number): Uint8Array {
    return readData(this.data, from, this.at);
  }

  /** The bytes up to the next one of this value, which is passed too; null when there is none. */
  upTo(byte: number): Uint8Array | null {
    const from = this.at;
    for (let at = from; at < this.length; ) {
      const start = this.#load(at, 1);
      const found = this.#window.indexOf(byte, start);
      if (found >= 0) {
        const end = this.#base + found;
        const bytes = this.take(end - from);
        this.at = end + 1;
        return bytes;
      }
      at = this.#base + this.#window.length;
    }
    return null;
  }

  u8(): number {
    const start = this.#next(1);
    return this.#view.getUint8(start);
  }

  u16(): number {
    const start = this.#next(2);
    return this.#view.getUint16(start, true);
  }

  u32(): number {
    const start = this.#next(4);
    return this.#view.getUint32(start, true);
  }

  i32(): number {
    const start = this.#next(4);
    return this.#view.getInt32(start, true);
  }

  /** An unsigned 64-bit number, refused when a double cannot hold it. */
  u64(): number {
    const start = this.#next(8);
    const value = Number(this.#view.getBigUint64(start, true));
    if (!Number.isSafeInteger(value)) throw new Unreadable(`a length beyond all measure at byte ${this.at - 8}`);
    return value;
  }

  #skip(length: number): void {
    if (!Number.isSafeInteger(length) || length < 0 || length > this.left)
      throw new Unreadable(`ends early at byte ${this.at}`);
    this.at += length;
  }

  /** Passes some bytes and tells where they stand in the window. */
  #next(length: number): number {
    if (this.left < length) throw new Unreadable(`ends early at byte ${this.at}`);
    this.at += length;
    return this.#load(this.at - length, length);
  }

  /** Where a position stands in the window, which then reaches so far. */
  #load(from: number, length: number): number {
    const start = from - this.#base;
    if (start >= 0 && start + length <= this.#window.length) return start;
    const straight = start >= 0 && start <= this.#window.length;
    this.#size = straight ? Math.min(MOST, this.#size * 2) : LEAST;
    const to = Math.min(this.length, from + Math.max(this.#size, length));
    this.#window = readData(this.data, from, to);
    this.#view = viewOf(this.#window);
    this.#base = from;
    return 0;
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text that bytes are, when they are UTF-8 without NUL; else null. */
export function textOf(bytes: Uint8Array): string | null {
  return bytes.includes(0) ? null : utf8Of(bytes);
}

/** The text that bytes are, when they are UTF-8; else null. */
export function utf8Of(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes);
  } catch {
    return null;
  }
}

export const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && Buffer.compare(a, b) === 0;
