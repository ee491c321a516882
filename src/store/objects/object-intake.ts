import { createHash } from "node:crypto";
import {
  closeSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  rmSync,
  type Stats,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { type Digest, digestFromHex, RepriseError } from "#record";
import { syncFolder, writeAll } from "../durable.ts";
import { guarded, systemCode } from "../failure.ts";
import { clone, digestNow, hashFile, hashOpen, openToRead } from "./hashing-copy.ts";
import type { LooseObjects } from "./loose-objects.ts";
import type { ObjectWriter, StoredFile } from "./objects.ts";

/** A new object's bytes: in a waiting file that is not synced yet, or in the store already. */
export interface Taken extends StoredFile {
  readonly waiting: string | null;
}

/** Gets bytes into waiting files and gives those their names. Knows nothing of when to sync many. */
export class ObjectIntake {
  readonly #root: string;
  readonly #loose: LooseObjects;
  readonly #known: (digest: Digest, bytes: number) => boolean;
  /** Whether to ask the file system for shared blocks: not again once it has refused. */
  #clones = true;

  /** `known`: whether an object is there with that length; if so it counts as new. */
  constructor(root: string, loose: LooseObjects, known: (digest: Digest, bytes: number) => boolean) {
    this.#root = root;
    this.#loose = loose;
    this.#known = known;
  }

  write<T>(work: () => T): T {
    return guarded(this.#root, "write", work);
  }

  known(digest: Digest, bytes: number): boolean {
    return this.write(() => this.#known(digest, bytes));
  }

  /** Bytes into a waiting file, unless they are there. */
  takeBytes(given: Uint8Array | string): Taken {
    const bytes = typeof given === "string" ? Buffer.from(given) : given;
    const digest = digestNow(bytes);
    return this.write(() => {
      if (this.#known(digest, bytes.length)) return { digest, bytes: bytes.length, waiting: null };
      const waiting = this.#loose.waitingPath();
      this.#orRemove(waiting, () => writeFileSync(waiting, bytes, { flag: "wx", mode: 0o600 }));
      return { digest, bytes: bytes.length, waiting };
    });
  }

  drop({ waiting }: Taken): void {
    if (waiting !== null) rmSync(waiting, { force: true });
  }

  /** Copies a file, hashing what is copied. A small one that is there already costs no writing. */
  take(path: string): Taken {
    const fd = openFile(path).fd;
    try {
      const waiting = this.write(() => this.#loose.waitingPath());
      return this.#orRemove(waiting, () => this.#copy(fd, path, waiting));
    } finally {
      closeSync(fd);
    }
  }

  #copy(from: number, path: string, waiting: string): Taken {
    if (this.#clones && fstatSync(from).size >= 1 << 20) {
      this.#clones = this.write(() => clone(path, waiting));
      if (this.#clones) return { ...hashFile(waiting), waiting };
    }
    let to: number | undefined;
    let known = false;
    try {
      const stored = hashOpen(
        from,
        (piece) => {
          this.write(() => {
            to ??= openSync(waiting, "wx", 0o600);
            writeAll(to, piece);
          });
        },
        (digest, bytes) => {
          known = this.write(() => this.#known(digest, bytes.length));
          return known;
        },
      );
      return { ...stored, waiting: known ? null : waiting };
    } finally {
      if (to !== undefined) closeSync(to);
    }
  }

  /** Moves a file into the store, or copies it where a move would not be safe. */
  move(path: string): StoredFile {
    const { fd, stat } = openFile(path);
    try {
      // A link, or a file with a second name, could still be changed through the other name.
      if (lstatSync(path).isSymbolicLink() || stat.nlink > 1) return this.#copyAndUnlink(path);
      const stored = hashOpen(fd);
      const moved = this.write(() => {
        if (this.#known(stored.digest, stored.bytes)) return false;
        fchmodSync(fd, 0o600);
        fsyncSync(fd);
        try {
          this.#loose.adoptNow(path, stored.digest);
          return true;
        } catch (error) {
          if (systemCode(error) === "EXDEV") return null;
          throw error;
        }
      });
      if (moved === null) return this.#copyAndUnlink(path);
      if (!moved) unlinkSync(path);
      return stored;
    } finally {
      closeSync(fd);
    }
  }

  #copyAndUnlink(path: string): StoredFile {
    const stored = this.settle(this.take(path));
    unlinkSync(path);
    return stored;
  }

  /** Makes a taken file durable under its name. */
  settle(taken: Taken): StoredFile {
    const { digest, bytes, waiting } = taken;
    if (waiting !== null) {
      this.write(() => {
        this.#orRemove(waiting, () => {
          this.sync(waiting);
          this.#loose.adoptNow(waiting, digest);
        });
      });
    }
    return { digest, bytes };
  }

  sync(path: string): void {
    const fd = openSync(path, "r+");
    try {
      fchmodSync(fd, 0o600);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }

  writer(): ObjectWriter {
    const path = this.write(() => this.#loose.waitingPath());
    let fd: number | null = this.write(() => openSync(path, "wx", 0o600));
    const hashing = createHash("sha256");
    let bytes = 0;
    const abort = (): void => {
      if (fd === null) return;
      closeSync(fd);
      fd = null;
      rmSync(path, { force: true });
    };
    const open = (): number => {
      if (fd === null) throw new RepriseError("INTERNAL", "internal", "an object was written after its end");
      return fd;
    };
    return {
      abort,
      write: (chunk) => {
        const to = open();
        this.write(() => writeAll(to, chunk));
        hashing.update(chunk);
        bytes += chunk.length;
      },
      finish: () => {
        const to = open();
        const digest = digestFromHex(hashing.digest("hex"));
        this.write(() => {
          if (this.#known(digest, bytes)) return;
          fsyncSync(to);
          this.#loose.adoptNow(path, digest);
        });
        abort();
        return { digest, bytes };
      },
    };
  }

  /** Gives many taken files their names with one sync of each folder. */
  settleAll(taken: readonly Taken[]): void {
    this.write(() => {
      const unsynced = new Set<string>();
      for (const { waiting } of taken) if (waiting !== null) this.sync(waiting);
      for (const { waiting, digest } of taken) if (waiting !== null) this.#loose.adopt(waiting, digest, unsynced);
      for (const folder of unsynced) syncFolder(folder);
    });
  }

  #orRemove<T>(path: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    }
  }
}

/** The caller's file, open. Node's own error when it cannot be read; ours when it is none. */
export function openFile(path: string): { readonly fd: number; readonly stat: Stats } {
  const fd = openToRead(path);
  const stat = fstatSync(fd);
  if (stat.isFile()) return { fd, stat };
  closeSync(fd);
  throw new RepriseError(
    "STORE_NOT_A_FILE",
    "usage",
    `${path} is not a regular file: only those can be kept`,
    `ls -ld '${path}'`,
  );
}
