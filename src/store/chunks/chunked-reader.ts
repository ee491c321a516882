import { createHash } from "node:crypto";
import { type Digest, digestFromHex } from "#record";
import type { ObjectReader } from "../objects/objects.ts";
import type { ChunkList } from "./chunk-list.ts";

type OpenChunk = (digest: Digest) => ObjectReader;

/** The pieces one after another, unchecked; the bytes are good until the next one is asked for. */
export function* piecesOf(list: ChunkList, openChunk: OpenChunk): Iterable<Uint8Array> {
  let most = 0;
  for (const { bytes } of list.chunks) most = Math.max(most, bytes);
  const buffer = Buffer.allocUnsafeSlow(most);
  for (const { digest } of list.chunks) {
    const reader = openChunk(digest);
    try {
      yield reader.read(0, reader.length, buffer);
    } finally {
      reader.close();
    }
  }
}

/** An object in pieces by position. One piece at a time is open. */
export class ChunkedReader implements ObjectReader {
  readonly length: number;
  readonly #starts: Float64Array;
  #open: { readonly index: number; readonly reader: ObjectReader } | null = null;

  constructor(
    readonly digest: Digest,
    private readonly list: ChunkList,
    private readonly openChunk: OpenChunk,
  ) {
    this.length = list.bytes;
    this.#starts = new Float64Array(list.chunks.length);
    let at = 0;
    for (const [index, { bytes }] of list.chunks.entries()) {
      this.#starts[index] = at;
      at += bytes;
    }
  }

  read(from: number, to: number, into?: Uint8Array): Uint8Array {
    const length = Math.max(0, Math.min(to, this.length) - from);
    const bytes = into !== undefined && into.length >= length ? into.subarray(0, length) : Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const index = this.#indexOf(from + filled);
      const start = this.#starts[index] ?? 0;
      const reader = this.#reader(index);
      const at = from + filled - start;
      const got = reader.read(at, Math.min(reader.length, at + length - filled), bytes.subarray(filled));
      if (got.length === 0) break;
      filled += got.length;
    }
    return bytes.subarray(0, filled);
  }

  intact(): boolean {
    const hashing = createHash("sha256");
    for (const piece of piecesOf(this.list, this.openChunk)) hashing.update(piece);
    return digestFromHex(hashing.digest("hex")) === this.digest;
  }

  close(): void {
    this.#open?.reader.close();
    this.#open = null;
  }

  #indexOf(position: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #reader(index: number): ObjectReader {
    if (this.#open?.index === index) return this.#open.reader;
    this.close();
    const chunk = this.list.chunks[index];
    if (chunk === undefined) throw new RangeError("beyond the end of an object");
    this.#open = { index, reader: this.openChunk(chunk.digest) };
    return this.#open.reader;
  }
}
