import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type Digest, digestFromHex } from "#record";
import { digestNow } from "./hashing-copy.ts";
import type { ObjectReader } from "./objects.ts";

/** What is hashed at a time. */
const PIECE = 1 << 20;

/** A file, or a part of one, as an object of that digest; it stays open until `close`. */
export class FileReader implements ObjectReader {
  readonly length: number;
  readonly #fd: number;
  readonly #offset: number;

  constructor(
    path: string,
    readonly digest: Digest,
    part?: { readonly offset: number; readonly bytes: number },
  ) {
    this.#fd = openSync(path, "r");
    this.#offset = part?.offset ?? 0;
    this.length = part?.bytes ?? fstatSync(this.#fd).size;
  }

  read(from: number, to: number, into?: Uint8Array): Uint8Array {
    const length = to - from;
    const bytes = into !== undefined && into.length >= length ? into.subarray(0, length) : Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const got = readSync(this.#fd, bytes, filled, length - filled, this.#offset + from + filled);
      if (got === 0) break;
      filled += got;
    }
    return bytes.subarray(0, filled);
  }

  intact(): boolean {
    const hashing = createHash("sha256");
    const into = Buffer.allocUnsafeSlow(Math.min(PIECE, this.length));
    for (let from = 0; from < this.length; from += PIECE)
      hashing.update(this.read(from, Math.min(this.length, from + PIECE), into));
    return digestFromHex(hashing.digest("hex")) === this.digest;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Bytes in memory as an object. */
export const memoryReader = (bytes: Uint8Array, digest: Digest): ObjectReader => ({
  length: bytes.length,
  read: (from, to) => bytes.subarray(from, to),
  intact: () => digestNow(bytes) === digest,
  close: () => {},
});
