import { closeSync } from "node:fs";
import type { Digest } from "#record";
import type { Chunk } from "../chunks/chunk-list.ts";
import { chunkOpen } from "../chunks/chunk-open.ts";
import { isWorthChunking } from "../chunks/chunk-worth.ts";
import { chunkTogether } from "../hashing/chunk-together.ts";
import type { Threads } from "../hashing/threads.ts";
import { digestNow, hashOpen } from "./hashing-copy.ts";
import { type ObjectIntake, openFile, type Taken } from "./object-intake.ts";
import type { ObjectBatch, StoredFile } from "./objects.ts";
import { type PackWriter, SMALL_BYTES } from "./pack-writer.ts";

/** A pack that is so long is finished before its batch: gc can then free one part of a large batch and keep another. */
const PACK_BYTES = 256 << 20;

/** Gives the lists of objects in pieces their names. */
type KeepLists = (lists: ReadonlyMap<Digest, readonly Chunk[]>) => void;

/** A batch on disk: small objects and pieces of large ones go into packs, unless they are few; other large ones stand alone. */
export class ObjectGathering implements ObjectBatch {
  readonly #intake: ObjectIntake;
  readonly #newPack: () => PackWriter;
  readonly #keepLists: KeepLists;
  readonly #threads: Threads;
  readonly #taken = new Map<Digest, Taken | null>();
  readonly #lists = new Map<Digest, readonly Chunk[]>();
  #pack: PackWriter | null = null;

  constructor(intake: ObjectIntake, newPack: () => PackWriter, keepLists: KeepLists, threads: Threads) {
    this.#intake = intake;
    this.#newPack = newPack;
    this.#keepLists = keepLists;
    this.#threads = threads;
  }

  put(given: Uint8Array | string): Digest {
    const bytes = typeof given === "string" ? Buffer.from(given) : given;
    if (bytes.length > SMALL_BYTES) return this.#add(this.#intake.takeBytes(bytes)).digest;
    const digest = digestNow(bytes);
    this.#addSmall(digest, bytes);
    return digest;
  }

  putFile(path: string, { pieces = false } = {}): StoredFile {
    const { fd, stat } = openFile(path);
    try {
      if (pieces && isWorthChunking(fd, stat.size)) return this.#addPieces(fd, stat.size);
      let small = false;
      if (stat.size <= SMALL_BYTES) {
        const file = hashOpen(fd, undefined, (digest, bytes) => {
          small = bytes.length <= SMALL_BYTES;
          if (small) this.#addSmall(digest, bytes);
          return true;
        });
        // Else it has grown meanwhile.
        if (small) return file;
      }
    } finally {
      closeSync(fd);
    }
    return this.#add(this.#intake.take(path));
  }

  flush(): void {
    const few = this.#pack?.takeFew() ?? [];
    const alone = [...this.#taken.values()].filter((one) => one !== null);
    for (const { content } of few) alone.push(this.#intake.takeBytes(content));
    this.#intake.settleAll(alone);
    if (few.length === 0) this.#intake.write(() => this.#pack?.finish());
    // Pieces first: a list never names what is not there.
    if (this.#lists.size > 0) this.#intake.write(() => this.#keepLists(this.#lists));
    this.#forget();
  }

  abort(): void {
    for (const one of this.#taken.values()) if (one !== null) this.#intake.drop(one);
    this.#pack?.abort();
    this.#forget();
  }

  #forget(): void {
    this.#taken.clear();
    this.#lists.clear();
    this.#pack = null;
  }

  #addSmall(digest: Digest, bytes: Uint8Array): void {
    if (this.#taken.has(digest) || this.#intake.known(digest, bytes.length)) return;
    this.#taken.set(digest, null);
    this.#intake.write(() => {
      this.#pack ??= this.#newPack();
      this.#pack.add(digest, bytes);
      if (this.#pack.bytes < PACK_BYTES) return;
      this.#pack.finish();
      this.#pack = null;
    });
  }

  #addPieces(fd: number, fileBytes: number): StoredFile {
    const take = (digest: Digest, bytes: Uint8Array): void => this.#addSmall(digest, bytes);
    const { chunks, ...file } = chunkTogether(fd, fileBytes, this.#threads, take) ?? chunkOpen(fd, take);
    if (!this.#taken.has(file.digest) && !this.#intake.known(file.digest, file.bytes))
      this.#lists.set(file.digest, chunks);
    return file;
  }

  #add(one: Taken): StoredFile {
    if (this.#taken.has(one.digest)) this.#intake.drop(one);
    else this.#taken.set(one.digest, one);
    return { digest: one.digest, bytes: one.bytes };
  }
}
