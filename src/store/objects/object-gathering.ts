import { closeSync } from "node:fs";
import type { Digest } from "#record";
import { digestNow, hashOpen } from "./hashing-copy.ts";
import { type ObjectIntake, openFile, type Taken } from "./object-intake.ts";
import type { ObjectBatch, StoredFile } from "./objects.ts";
import { type PackWriter, SMALL_BYTES } from "./pack-writer.ts";

/** A batch on disk: small objects go into one pack, unless they are few; large ones stand alone. */
export class ObjectGathering implements ObjectBatch {
  readonly #intake: ObjectIntake;
  readonly #newPack: () => PackWriter;
  readonly #taken = new Map<Digest, Taken | null>();
  #pack: PackWriter | null = null;

  constructor(intake: ObjectIntake, newPack: () => PackWriter) {
    this.#intake = intake;
    this.#newPack = newPack;
  }

  put(given: Uint8Array | string): Digest {
    const bytes = typeof given === "string" ? Buffer.from(given) : given;
    if (bytes.length > SMALL_BYTES) return this.#add(this.#intake.takeBytes(bytes)).digest;
    const digest = digestNow(bytes);
    this.#addSmall(digest, bytes);
    return digest;
  }

  putFile(path: string): StoredFile {
    const { fd, stat } = openFile(path);
    try {
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
    this.#forget();
  }

  abort(): void {
    for (const one of this.#taken.values()) if (one !== null) this.#intake.drop(one);
    this.#pack?.abort();
    this.#forget();
  }

  #forget(): void {
    this.#taken.clear();
    this.#pack = null;
  }

  #addSmall(digest: Digest, bytes: Uint8Array): void {
    if (this.#taken.has(digest) || this.#intake.known(digest, bytes.length)) return;
    this.#taken.set(digest, null);
    this.#intake.write(() => {
      this.#pack ??= this.#newPack();
      this.#pack.add(digest, bytes);
    });
  }

  #add(one: Taken): StoredFile {
    if (this.#taken.has(one.digest)) this.#intake.drop(one);
    else this.#taken.set(one.digest, one);
    return { digest: one.digest, bytes: one.bytes };
  }
}
