import type { Digest } from "#record";
import { guarded } from "./failure.ts";
import { hashFile } from "./hashing-copy.ts";
import type { Layout } from "./layout.ts";
import { LooseObjects } from "./loose-objects.ts";
import { corruptObject, missingObject } from "./object-error.ts";
import { ObjectIntake, type Taken } from "./object-intake.ts";
import { readChecked, restoreChecked } from "./object-restore.ts";
import type { ObjectBatch, Objects, ObjectWriter, StoredFile } from "./objects.ts";

/** Objects in a folder on this machine's disk. */
export class DiskObjects implements Objects {
  readonly #root: string;
  readonly #loose: LooseObjects;
  readonly #intake: ObjectIntake;

  constructor(layout: Layout) {
    this.#root = layout.root;
    this.#loose = new LooseObjects(layout);
    this.#intake = new ObjectIntake(layout.root, this.#loose);
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
    const intake = this.#intake;
    const taken = new Map<Digest, Taken>();
    const add = (one: Taken): StoredFile => {
      if (taken.has(one.digest)) intake.drop(one);
      else taken.set(one.digest, one);
      return { digest: one.digest, bytes: one.bytes };
    };
    return {
      put: (bytes) => add(intake.takeBytes(bytes)).digest,
      putFile: (path) => add(intake.take(path)),
      flush: () => {
        intake.settleAll([...taken.values()]);
        taken.clear();
      },
      abort: () => {
        for (const one of taken.values()) intake.drop(one);
        taken.clear();
      },
    };
  }

  has(digest: Digest): boolean {
    return this.#read(() => this.#loose.size(digest)) !== undefined;
  }

  retain(digest: Digest): boolean {
    return this.#intake.write(() => this.#loose.refresh(digest));
  }

  size(digest: Digest): number {
    const bytes = this.#read(() => this.#loose.size(digest));
    if (bytes === undefined) throw missingObject(digest);
    return bytes;
  }

  read(digest: Digest): Uint8Array {
    return this.#read(() => readChecked(this.#loose.pathOf(digest), digest));
  }

  readTo(digest: Digest, path: string, mode = 0o644): void {
    restoreChecked(this.#loose.pathOf(digest), digest, path, mode);
  }

  *digests(): Iterable<Digest> {
    for (const { digest } of this.#loose.all()) yield digest;
  }

  /** Reads it and throws when it is not what its name says. */
  check(digest: Digest): void {
    if (this.#read(() => hashFile(this.#loose.pathOf(digest))).digest !== digest) throw corruptObject(digest);
  }

  close(): void {
    this.#loose.close();
  }

  #read<T>(work: () => T): T {
    return guarded(this.#root, "read", work);
  }
}
