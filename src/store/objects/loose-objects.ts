import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Digest, digestFromHex, digestHex } from "#record";
import { makeFolders, moveInto, syncFolder } from "../durable.ts";
import type { Layout } from "../layout.ts";
import { markFresh } from "./fresh-mark.ts";

export interface LooseObject {
  readonly digest: Digest;
  readonly path: string;
}

/** One file an object, `objects/ab/cdef…`, and the place where files wait before they become one. */
export class LooseObjects {
  readonly #objects: string;
  readonly #temporary: string;
  #waiting: string | undefined;
  #count = 0;

  constructor(layout: Layout) {
    this.#objects = layout.objects;
    this.#temporary = layout.temporary;
  }

  pathOf(digest: Digest): string {
    const hex = digestHex(digest);
    return join(this.#objects, hex.slice(0, 2), hex.slice(2));
  }

  /** Its bytes, or undefined when it is not there. */
  size(digest: Digest): number | undefined {
    const stat = statSync(this.pathOf(digest), { throwIfNoEntry: false });
    return stat?.isFile() === true ? stat.size : undefined;
  }

  /** Whether it is there with that length (a power cut may have left it empty); if so gc takes it for new. */
  refresh(digest: Digest, bytes?: number): boolean {
    const path = this.pathOf(digest);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isFile() !== true || (bytes !== undefined && stat.size !== bytes)) return false;
    return markFresh(path, stat);
  }

  /** A path of its own for a file that will become an object: same file system, out of everyone's way. */
  waitingPath(): string {
    // A gc that found nothing in progress for an hour may have taken it.
    if (this.#waiting === undefined || !existsSync(this.#waiting)) {
      makeFolders(this.#temporary);
      this.#waiting = mkdtempSync(join(this.#temporary, "put-"));
    }
    this.#count += 1;
    return join(this.#waiting, String(this.#count));
  }

  /** Gives a synced file its digest's name; the folders that must be synced for it are added to `unsynced`. */
  adopt(path: string, digest: Digest, unsynced: Set<string>): void {
    moveInto(path, this.pathOf(digest), unsynced);
  }

  adoptNow(path: string, digest: Digest): void {
    const unsynced = new Set<string>();
    this.adopt(path, digest, unsynced);
    for (const folder of unsynced) syncFolder(folder);
  }

  *all(): Iterable<LooseObject> {
    for (const prefix of readdirSync(this.#objects)) {
      if (!/^[0-9a-f]{2}$/.test(prefix)) continue;
      for (const rest of readdirSync(join(this.#objects, prefix))) {
        if (!/^[0-9a-f]{62}$/.test(rest)) continue;
        yield { digest: digestFromHex(prefix + rest), path: join(this.#objects, prefix, rest) };
      }
    }
  }

  close(): void {
    if (this.#waiting !== undefined) rmSync(this.#waiting, { recursive: true, force: true });
    this.#waiting = undefined;
  }
}
