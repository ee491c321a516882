import { Unreadable } from "./comparison.ts";

/** A cursor over bytes that objects, instead of reading past the end. Little-endian unless told. */
export class Cursor {
  at = 0;
  readonly view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  take(length: number): Uint8Array {
    if (!Number.isSafeInteger(length) || length < 0 || length > this.left)
      throw new Unreadable(`ends early at byte ${this.at}`);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  u8(): number {
    return this.#number(1, (at) => this.view.getUint8(at));
  }

  u16(): number {
    return this.#number(2, (at) => this.view.getUint16(at, true));
  }

  u32(): number {
    return this.#number(4, (at) => this.view.getUint32(at, true));
  }

  i32(): number {
    return this.#number(4, (at) => this.view.getInt32(at, true));
  }

  /** An unsigned 64-bit number, refused when a double cannot hold it. */
  u64(): number {
    const value = this.#number(8, (at) => Number(this.view.getBigUint64(at, true)));
    if (!Number.isSafeInteger(value)) throw new Unreadable(`a length beyond all measure at byte ${this.at - 8}`);
    return value;
  }

  #number(size: number, read: (at: number) => number): number {
    if (this.left < size) throw new Unreadable(`ends early at byte ${this.at}`);
    this.at += size;
    return read(this.at - size);
  }
}

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
