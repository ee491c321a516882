import { type Digest, RepriseError } from "#record";
import type { Chunk, ChunkList } from "../chunks/chunk-list.ts";
import { LEAST_CHUNKED_BYTES } from "../chunks/chunk-worth.ts";
import { ChunkedObjects } from "../chunks/chunked-objects.ts";
import { ChunkedReader, piecesOf } from "../chunks/chunked-reader.ts";
import { syncFolder } from "../durable.ts";
import { guarded, systemCode } from "../failure.ts";
import { Threads } from "../hashing/threads.ts";
import type { Layout } from "../layout.ts";
import { hashFile } from "./hashing-copy.ts";
import { LooseObjects } from "./loose-objects.ts";
import { corruptObject, missingObject } from "./object-error.ts";
import { ObjectGathering } from "./object-gathering.ts";
import { ObjectIntake } from "./object-intake.ts";
import { FileReader } from "./object-reader.ts";
import { joinChecked, readChecked, restoreChecked } from "./object-restore.ts";
import type { ObjectBatch, ObjectReader, Objects, ObjectWriter, StoredFile } from "./objects.ts";
import { PackWriter } from "./pack-writer.ts";
import { PackedObjects } from "./packed-objects.ts";

/** Objects in a folder on this machine's disk: a file each, many small ones in a pack, or in pieces. */
export class DiskObjects implements Objects {
  readonly #layout: Layout;
  readonly #loose: LooseObjects;
  readonly #packed: PackedObjects;
  readonly #chunked: ChunkedObjects;
  readonly #intake: ObjectIntake;
  readonly #threads: Threads;

  constructor(layout: Layout, threads = new Threads()) {
    this.#threads = threads;
    this.#layout = layout;
    this.#loose = new LooseObjects(layout);
    this.#packed = new PackedObjects(layout.packs);
    this.#chunked = new ChunkedObjects(layout.objects);
    this.#intake = new ObjectIntake(layout.root, this.#loose, (digest, bytes) => this.#refresh(digest, bytes));
  }

  put(bytes: Uint8Array | string): Digest {
    return this.#intake.settle(this.#intake.takeBytes(bytes)).digest;
  }

  putFile(path: string, options?: { readonly move?: boolean }): StoredFile {
    return options?.move === true ? this.#intake.move(path) : this.#intake.settle(this.#intake.take(path));
  }

  writer(): ObjectWriter {
    return this.#intake.writer();
  }

  batch(): ObjectBatch {
    const waitingPath = (): string => this.#loose.waitingPath();
    const newPack = (): PackWriter => new PackWriter(this.#layout.packs, waitingPath);
    return new ObjectGathering(this.#intake, newPack, (lists) => this.#keepLists(lists), this.#threads);
  }

  has(digest: Digest): boolean {
    const whole = (): boolean => this.#packed.find(digest) !== undefined || this.#loose.size(digest) !== undefined;
    return this.#read(() => whole() || this.#chunked.has(digest));
  }

  retain(digest: Digest): boolean {
    return this.#intake.write(() => this.#refresh(digest));
  }

  missing(digests: Iterable<Digest>): Digest[] {
    return this.#read(() => {
      this.#packed.look();
      const held = (digest: Digest): boolean => this.#packed.holds(digest) || this.#loose.size(digest) !== undefined;
      const inPieces = (digest: Digest): boolean => {
        const list = this.#chunked.list(digest);
        return list != null && list.chunks.every((chunk) => held(chunk.digest));
      };
      return Array.from(digests).filter((digest) => !held(digest) && !inPieces(digest));
    });
  }

  size(digest: Digest): number {
    const bytes = this.#size(digest);
    if (bytes === undefined) throw missingObject(digest);
    return bytes;
  }

  read(digest: Digest): Uint8Array {
    return this.#read(() => this.#twice(digest, () => this.#readOnce(digest)));
  }

  #readOnce(digest: Digest): Uint8Array {
    const part = this.#packed.find(digest);
    const list = part === undefined ? this.#listOf(digest) : null;
    if (list !== null) return joinChecked(list.bytes, digest, this.#pieces(list));
    return readChecked(part?.path ?? this.#loose.pathOf(digest), digest, part);
  }

  open(digest: Digest): ObjectReader {
    return this.#read(() => this.#twice(digest, () => this.#openOnce(digest)));
  }

  #openOnce(digest: Digest): ObjectReader {
    const part = this.#packed.find(digest);
    const list = part === undefined ? this.#listOf(digest) : null;
    if (list !== null) return new ChunkedReader(digest, list, (chunk) => this.open(chunk));
    try {
      return new FileReader(part?.path ?? this.#loose.pathOf(digest), digest, part);
    } catch (error) {
      if (systemCode(error) === "ENOENT") throw missingObject(digest);
      throw error;
    }
  }

  /** gc may have moved it into another pack between looking and opening: then it is looked for once more. */
  #twice<T>(digest: Digest, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof RepriseError) || error.code !== "STORE_MISSING_OBJECT") throw error;
      this.#packed.look();
      if (!this.#packed.holds(digest)) throw error;
      return work();
    }
  }

  readTo(digest: Digest, path: string, mode = 0o644): void {
    this.#twice(digest, () => this.#readToOnce(digest, path, mode));
  }

  #readToOnce(digest: Digest, path: string, mode: number): void {
    const part = this.#read(() => this.#packed.find(digest));
    const list = part === undefined ? this.#read(() => this.#listOf(digest)) : null;
    const from = list === null ? (part?.path ?? this.#loose.pathOf(digest)) : this.#pieces(list);
    restoreChecked(from, digest, path, mode, part);
  }

  piecesOf(digest: Digest): readonly StoredFile[] | null {
    return this.#read(() => (this.#packed.find(digest) === undefined ? this.#listOf(digest) : null)?.chunks ?? null);
  }

  *digests(): Iterable<Digest> {
    const seen = new Set([...this.#packed.all()].flatMap(({ digests }) => digests ?? []));
    yield* seen;
    for (const { digest } of this.#loose.all()) if (!seen.has(digest)) yield digest;
    for (const { digest } of this.#chunked.all())
      if (!seen.has(digest) && this.#loose.size(digest) === undefined) yield digest;
  }

  /** Reads it and throws when it is not what its name says. */
  check(digest: Digest): void {
    const list = this.#read(() => (this.#packed.find(digest) === undefined ? this.#listOf(digest) : null));
    if (this.#packed.find(digest) !== undefined) this.read(digest);
    else if (list !== null) this.#checkPieces(digest, list);
    else if (this.#read(() => hashFile(this.#loose.pathOf(digest))).digest !== digest) throw corruptObject(digest);
  }

  /** Packs whose index cannot be believed: all in them counts as missing. */
  damagedPacks(): string[] {
    return [...this.#packed.all()].flatMap(({ path, digests }) => (digests === null ? [path] : []));
  }

  /** The packs that hold one of these. */
  packsWith(digests: ReadonlySet<Digest>): string[] {
    return [...this.#packed.all()].flatMap(({ path, digests: held }) =>
      held?.some((digest) => digests.has(digest)) === true ? [path] : [],
    );
  }

  close(): void {
    this.#threads.close();
    this.#loose.close();
  }

  #size(digest: Digest): number | undefined {
    return this.#read(
      () => this.#packed.find(digest)?.bytes ?? this.#loose.size(digest) ?? this.#listOf(digest)?.bytes,
    );
  }

  #refresh(digest: Digest, bytes?: number): boolean {
    if (this.#packed.refresh(digest, bytes) || this.#loose.refresh(digest, bytes)) return true;
    if (bytes !== undefined && bytes < LEAST_CHUNKED_BYTES) return false;
    const list = this.#chunked.list(digest);
    if (list == null || (bytes !== undefined && list.bytes !== bytes)) return false;
    // The list first: while it is new gc spares what it names.
    return this.#chunked.markFresh(digest) && list.chunks.every((chunk) => this.#refresh(chunk.digest, chunk.bytes));
  }

  /** null: it is kept whole, or not at all. */
  #listOf(digest: Digest): ChunkList | null {
    if (this.#loose.size(digest) !== undefined) return null;
    const list = this.#chunked.list(digest);
    if (list === null) throw corruptObject(digest);
    return list ?? null;
  }

  #pieces(list: ChunkList): Iterable<Uint8Array> {
    return piecesOf(list, (chunk) => this.open(chunk));
  }

  /** Its pieces are objects that are checked themselves; here it is whether they make up this one. */
  #checkPieces(digest: Digest, list: ChunkList): void {
    for (const { digest: chunk, bytes } of list.chunks) if (this.#size(chunk) !== bytes) throw missingObject(chunk);
    const reader = new ChunkedReader(digest, list, (chunk) => this.open(chunk));
    if (!reader.intact()) throw corruptObject(digest);
  }

  #keepLists(lists: ReadonlyMap<Digest, readonly Chunk[]>): void {
    const unsynced = new Set<string>();
    for (const [digest, chunks] of lists) {
      const waiting = this.#loose.waitingPath();
      this.#chunked.stage(waiting, chunks);
      this.#chunked.adopt(waiting, digest, unsynced);
    }
    for (const folder of unsynced) syncFolder(folder);
  }

  #read<T>(work: () => T): T {
    return guarded(this.#layout.root, "read", work);
  }
}
