import { crc32, inflateRawSync } from "node:zlib";
import type { Judge } from "../comparison.ts";
import { type Data, part, type Source, wholeOf } from "../source.ts";
import { Unreadable, Unseen } from "../unseen.ts";
import { Inflater } from "./inflater.ts";

/** What unpacks to no more than this is held in memory. */
export const HELD = 2 ** 25;
/** What is read at first of a stream whose end is not known: many may stand one after another in a file. */
const FIRST = 1 << 20;
/** Packed data that unpacks to more than this many times its size has to be paid for. */
const USUAL = 16;

/** What is packed at a place, as long as stated, unpacked as far as it is read. A wrong checksum shows at the end. */
export class Unpacked implements Source {
  #inflater: Inflater;
  #piece: Uint8Array = new Uint8Array();
  #from = 0;
  #passes = 1;
  #crc: number | null = 0;

  constructor(
    readonly packed: Data,
    readonly length: number,
    readonly judge: Judge,
    readonly crc: number | null,
  ) {
    judge.spendBytes(Math.max(0, length - packed.length * USUAL), "deflate");
    this.#inflater = new Inflater(packed, 0);
  }

  read(from: number, to: number, into?: Uint8Array): Uint8Array {
    const out = (into ?? new Uint8Array(to - from)).subarray(0, to - from);
    if (from < this.#from) this.#again();
    for (let at = from; at < to; ) {
      const end = this.#from + this.#piece.length;
      if (at >= end) {
        this.#advance();
        continue;
      }
      const some = this.#piece.subarray(at - this.#from, Math.min(this.#piece.length, to - this.#from));
      out.set(some, at - from);
      at += some.length;
    }
    return out;
  }

  #again(): void {
    this.#inflater = new Inflater(this.packed, 0);
    this.#piece = new Uint8Array();
    this.#from = 0;
    this.#passes += 1;
    this.#crc = null;
  }

  #advance(): void {
    this.#from += this.#piece.length;
    const piece = this.#inflater.next();
    if (piece === null) throw new Unreadable("deflate: of another length than stated");
    // Who jumps back and forth pays for what is unpacked again.
    if (this.#passes > 2) this.judge.spendBytes(piece.length, "deflate");
    this.#piece = piece;
    const end = this.#from + piece.length;
    if (end > this.length) throw new Unreadable("deflate: of another length than stated");
    if (this.#crc === null || this.crc === null) return;
    this.#crc = crc32(piece, this.#crc);
    if (end === this.length && this.#crc !== this.crc) throw new Unreadable("deflate: damaged, wrong checksum");
  }
}

interface Inflated {
  readonly data: Data;
  /** How much of the packed bytes the stream took. */
  readonly read: number;
  readonly crc: number;
}

/** A stream of deflate of unknown length: in memory when it is small, else as a source. */
export function inflatedAt(packed: Data, judge: Judge): Inflated {
  const small = inflatedSmall(packed, judge);
  if (small !== null) return small;
  const inflater = new Inflater(packed, 0);
  let length = 0;
  let crc = 0;
  const limit = packed.length * USUAL + Math.max(0, judge.bytesLeft);
  for (let piece = inflater.next(); piece !== null; piece = inflater.next()) {
    length += piece.length;
    if (length > limit) judge.spendBytes(2 ** 52, "deflate");
    crc = crc32(piece, crc);
  }
  const read = inflater.end;
  return { data: new Unpacked(part(packed, 0, read), length, judge, null), read, crc };
}

function inflatedSmall(packed: Data, judge: Judge): Inflated | null {
  const first =
    packed instanceof Uint8Array || packed.length <= FIRST ? null : inflatedIn(part(packed, 0, FIRST), judge);
  if (first !== null && first !== "ends early") return first;
  const found = packed.length > HELD ? null : inflatedIn(packed, judge);
  if (found === "ends early") throw new Unreadable("deflate: ends early");
  return found;
}

function inflatedIn(packed: Data, judge: Judge): Inflated | "ends early" | null {
  try {
    // With `info` node also tells how much of the input the stream took; its types do not say so.
    const { buffer, engine } = inflateRawSync(wholeOf(packed), {
      info: true,
      maxOutputLength: Math.max(1, Math.min(judge.bytesLeft, HELD)),
    }) as unknown as { readonly buffer: Uint8Array; readonly engine: { readonly bytesWritten: number } };
    judge.spendBytes(buffer.length, "deflate");
    return { data: buffer, read: engine.bytesWritten, crc: crc32(buffer) };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ERR_BUFFER_TOO_LARGE") return null;
    if (code === "Z_BUF_ERROR") return "ends early";
    throw error instanceof Unseen ? error : new Unreadable(`deflate: ${String(error)}`);
  }
}
