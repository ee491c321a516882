import { refused } from "../manifest.ts";

/** Bytes of a stream in portions of our choice; no more than one chunk of the stream is held. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);
  #total = 0;

  constructor(
    chunks: AsyncIterable<Buffer>,
    readonly limit: number,
  ) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Up to `most` bytes; empty at the end. */
  async some(most: number): Promise<Buffer> {
    while (this.#held.length === 0) {
      const next = await this.#next();
      if (next === null) return this.#held;
      this.#held = next;
    }
    const part = this.#held.subarray(0, most);
    this.#held = this.#held.subarray(part.length);
    return part;
  }

  /** Exactly so many. Throws PACK_DAMAGED when there are fewer. */
  async exactly(bytes: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let left = bytes; left > 0; ) {
      const part = await this.some(left);
      if (part.length === 0) throw refused("PACK_DAMAGED", "it ends in the middle");
      parts.push(part);
      left -= part.length;
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  async #next(): Promise<Buffer | null> {
    let next: IteratorResult<Buffer>;
    try {
      next = await this.#chunks.next();
    } catch (error) {
      throw refused("PACK_DAMAGED", `it cannot be unpacked: ${(error as Error).message}`, undefined, error);
    }
    if (next.done === true) return null;
    this.#total += next.value.length;
    if (this.#total > this.limit)
      throw refused(
        "PACK_TOO_LARGE",
        `unpacked it is larger than ${this.limit} bytes, far more than a file of its size should hold`,
        "if you trust where it comes from: reprise unpack FILE --limit SIZE",
      );
    return next.value;
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
