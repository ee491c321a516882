import type { Digest } from "#record";
import { guarded, systemCode } from "../failure.ts";
import type { Layout } from "../layout.ts";
import { hashFile } from "./hashing-copy.ts";
import { LooseObjects } from "./loose-objects.ts";
import { corruptObject, missingObject } from "./object-error.ts";
import { ObjectGathering } from "./object-gathering.ts";
import { ObjectIntake } from "./object-intake.ts";
import { FileReader } from "./object-reader.ts";
import { readChecked, restoreChecked } from "./object-restore.ts";
import type { ObjectBatch, ObjectReader, Objects, ObjectWriter, StoredFile } from "./objects.ts";
import { PackWriter } from "./pack-writer.ts";
import { PackedObjects } from "./packed-objects.ts";

/** Objects in a folder on this machine's disk: a file each, or many small ones in a pack. */
export class DiskObjects implements Objects {
  readonly #layout: Layout;
  readonly #loose: LooseObjects;
  readonly #packed: PackedObjects;
  readonly #intake: ObjectIntake;

  constructor(layout: Layout) {
    this.#layout = layout;
    this.#loose = new LooseObjects(layout);
    this.#packed = new PackedObjects(layout.packs);
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
    return new ObjectGathering(this.#intake, () => new PackWriter(this.#layout.packs, waitingPath));
  }

  has(digest: Digest): boolean {
    return this.#size(digest) !== undefined;
  }

  retain(digest: Digest): boolean {
    return this.#intake.write(() => this.#refresh(digest));
  }

  missing(digests: Iterable<Digest>): Digest[] {
    return this.#read(() => {
      this.#packed.look();
      const held = (digest: Digest): boolean => this.#packed.holds(digest) || this.#loose.size(digest) !== undefined;
      return Array.from(digests).filter((digest) => !held(digest));
    });
  }

  size(digest: Digest): number {
    const bytes = this.#size(digest);
    if (bytes === undefined) throw missingObject(digest);
    return bytes;
  }

  read(digest: Digest): Uint8Array {
    return this.#read(() => {
      const part = this.#packed.find(digest);
      return readChecked(part?.path ?? this.#loose.pathOf(digest), digest, part);
    });
  }

  open(digest: Digest): ObjectReader {
    return this.#read(() => {
      const part = this.#packed.find(digest);
      try {
        return new FileReader(part?.path ?? this.#loose.pathOf(digest), digest, part);
      } catch (error) {
        if (systemCode(error) === "ENOENT") throw missingObject(digest);
        throw error;
      }
    });
  }

  readTo(digest: Digest, path: string, mode = 0o644): void {
    const part = this.#read(() => this.#packed.find(digest));
    restoreChecked(part?.path ?? this.#loose.pathOf(digest), digest, path, mode, part);
  }

  *digests(): Iterable<Digest> {
    const packed = new Set([...this.#packed.all()].flatMap(({ digests }) => digests ?? []));
    yield* packed;
    for (const { digest } of this.#loose.all()) if (!packed.has(digest)) yield digest;
  }

  /** Reads it and throws when it is not what its name says. */
  check(digest: Digest): void {
    if (this.#packed.find(digest) !== undefined) this.read(digest);
    else if (this.#read(() => hashFile(this.#loose.pathOf(digest))).digest !== digest) throw corruptObject(digest);
  }

  /** Packs whose index cannot be believed: all in them counts as missing. */
  damagedPacks(): string[] {
    return [...this.#packed.all()].flatMap(({ path, digests }) => (digests === null ? [path] : []));
  }

  close(): void {
    this.#loose.close();
  }

  #size(digest: Digest): number | undefined {
    return this.#read(() => this.#packed.find(digest)?.bytes ?? this.#loose.size(digest));
  }

  #refresh(digest: Digest, bytes?: number): boolean {
    return this.#packed.refresh(digest, bytes) || this.#loose.refresh(digest, bytes);
  }

  #read<T>(work: () => T): T {
    return guarded(this.#layout.root, "read", work);
  }
}
