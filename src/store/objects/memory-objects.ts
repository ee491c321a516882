import { readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Digest } from "#record";
import { digestNow } from "./hashing-copy.ts";
import { corruptObject, missingObject } from "./object-error.ts";
import { memoryReader } from "./object-reader.ts";
import type { ObjectBatch, ObjectReader, Objects, ObjectWriter, StoredFile } from "./objects.ts";

/** Objects that live as long as the process: for tests and for what shall leave no trace. */
export class MemoryObjects implements Objects {
  readonly #held = new Map<Digest, Uint8Array>();

  put(bytes: Uint8Array | string): Digest {
    const copy = new Uint8Array(Buffer.from(bytes));
    const digest = digestNow(copy);
    this.#held.set(digest, copy);
    return digest;
  }

  putFile(path: string, options?: { readonly move?: boolean }): StoredFile {
    const bytes = readFileSync(path);
    const digest = this.put(bytes);
    if (options?.move === true) rmSync(path);
    return { digest, bytes: bytes.length };
  }

  writer(): ObjectWriter {
    const chunks: Uint8Array[] = [];
    return {
      write: (chunk) => void chunks.push(new Uint8Array(chunk)),
      finish: () => {
        const bytes = Buffer.concat(chunks);
        return { digest: this.put(bytes), bytes: bytes.length };
      },
      abort: () => void chunks.splice(0),
    };
  }

  batch(): ObjectBatch {
    const pending: Uint8Array[] = [];
    const add = (bytes: Uint8Array): StoredFile => {
      pending.push(bytes);
      return { digest: digestNow(bytes), bytes: bytes.length };
    };
    return {
      put: (bytes) => add(new Uint8Array(Buffer.from(bytes))).digest,
      putFile: (path) => add(readFileSync(path)),
      flush: () => {
        for (const bytes of pending.splice(0)) this.put(bytes);
      },
      abort: () => void pending.splice(0),
    };
  }

  has(digest: Digest): boolean {
    return this.#held.has(digest);
  }

  retain(digest: Digest): boolean {
    return this.#held.has(digest);
  }

  missing(digests: Iterable<Digest>): Digest[] {
    return Array.from(digests).filter((digest) => !this.#held.has(digest));
  }

  size(digest: Digest): number {
    return this.#bytes(digest).length;
  }

  read(digest: Digest): Uint8Array {
    const bytes = this.#bytes(digest);
    if (digestNow(bytes) !== digest) throw corruptObject(digest);
    return new Uint8Array(bytes);
  }

  open(digest: Digest): ObjectReader {
    return memoryReader(this.#bytes(digest), digest);
  }

  readTo(digest: Digest, path: string, mode = 0o644): void {
    const bytes = this.read(digest);
    rmSync(path, { force: true });
    writeFileSync(path, bytes, { mode, flag: "wx" });
  }

  piecesOf(): null {
    return null;
  }

  digests(): Iterable<Digest> {
    return this.#held.keys();
  }

  #bytes(digest: Digest): Uint8Array {
    const bytes = this.#held.get(digest);
    if (bytes === undefined) throw missingObject(digest);
    return bytes;
  }
}
