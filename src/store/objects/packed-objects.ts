import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Digest, digestHex, digestOf } from "#record";
import { systemCode } from "../failure.ts";
import { settledBefore } from "../files/file-stamp.ts";
import { markFresh } from "./fresh-mark.ts";
import { entriesOf, entryOf, FOOT_BYTES, indexBytes, PACK_HEAD, PACK_NAME, type PackEntry } from "./pack-format.ts";

/** Where an object's bytes lie. */
export interface PackedPlace {
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
}

interface Pack {
  readonly path: string;
  /** null: damaged. */
  readonly index: Buffer | null;
  markedAt: number;
}

/** A pack that was there so long ago is taken to be there; only gc removes any, and `missing` looks always. */
const TRUST_MS = 5;

/** A pack that was marked as new so long ago need not be marked again. */
const MARK_MS = 1_000;

/** The packs of a store. Other processes add and remove some at any time. */
export class PackedObjects {
  readonly #folder: string;
  #packs = new Map<string, Pack>();
  /** The folder's time when it was listed; null: list again. */
  #listed: number | null = null;
  #lookedAt: number | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  find(digest: Digest): PackedPlace | undefined {
    if (!this.#lookedJustNow()) this.look();
    const found = this.#search(digest);
    if (found !== undefined) return found.place;
    this.look();
    return this.#search(digest)?.place;
  }

  /** As of the last look. */
  holds(digest: Digest): boolean {
    return this.#search(digest) !== undefined;
  }

  /**
   * Whether a pack holds it, with that length; if so gc takes the pack for new. With a length it is asked for before the bytes
   * are put: then it may be overlooked in a pack of this very moment, and is only kept twice.
   */
  refresh(digest: Digest, bytes?: number): boolean {
    if (bytes === undefined || !this.#lookedJustNow()) this.find(digest);
    const marked = this.#mark(digest, bytes);
    if (marked !== "gone") return marked;
    // gc may just have put it into another pack.
    this.look();
    return this.#mark(digest, bytes) === true;
  }

  /** gone: its pack was there when we looked. */
  #mark(digest: Digest, bytes?: number): boolean | "gone" {
    const { pack, place } = this.#search(digest) ?? {};
    if (place === undefined || pack === undefined || (bytes !== undefined && place.bytes !== bytes)) return false;
    if (Math.abs(Date.now() - pack.markedAt) < MARK_MS) return true;
    const stat = statSync(place.path, { throwIfNoEntry: false });
    if (stat === undefined || !markFresh(place.path, stat)) return "gone";
    pack.markedAt = Date.now();
    return true;
  }

  *all(): Iterable<{ readonly path: string; readonly digests: readonly Digest[] | null }> {
    for (const { path, entries } of this.contents())
      yield { path, digests: entries === null ? null : entries.map(({ digest }) => digest) };
  }

  /** What each pack holds; null: it is damaged. */
  *contents(): Iterable<{ readonly path: string; readonly entries: readonly PackEntry[] | null }> {
    this.look();
    for (const { path, index } of this.#packs.values())
      yield { path, entries: index === null ? null : Array.from(entriesOf(index)) };
  }

  /** Sees what other processes did. What gc takes away meanwhile may be in a pack that was not there yet: then once more. */
  look(): void {
    if (!this.#list()) this.#list();
  }

  /** Whether all that was listed was there. */
  #list(): boolean {
    const now = Date.now();
    const stat = statSync(this.#folder, { throwIfNoEntry: false });
    this.#lookedAt = now;
    if (stat === undefined) {
      this.#packs.clear();
      this.#listed = null;
      return true;
    }
    if (stat.mtimeMs === this.#listed) return true;
    const names = readdirSync(this.#folder).filter((name) => PACK_NAME.test(name));
    const before = this.#packs;
    this.#packs = new Map();
    for (const name of names) {
      const pack = before.get(name) ?? readPack(join(this.#folder, name), name);
      if (pack !== null) this.#packs.set(name, pack);
    }
    const isWhole = this.#packs.size === names.length;
    this.#listed = isWhole && settledBefore(stat, now) ? stat.mtimeMs : null;
    return isWhole;
  }

  #lookedJustNow(): boolean {
    return this.#lookedAt !== null && Date.now() - this.#lookedAt <= TRUST_MS;
  }

  #search(digest: Digest): { readonly pack: Pack; readonly place: PackedPlace } | undefined {
    if (this.#packs.size === 0) return undefined;
    const key = Buffer.from(digestHex(digest), "hex");
    for (const pack of this.#packs.values()) {
      const entry = pack.index === null ? undefined : entryOf(pack.index, key);
      if (entry !== undefined) return { pack, place: { path: pack.path, offset: entry.offset, bytes: entry.bytes } };
    }
    return undefined;
  }
}

/** null: it is gone. */
function readPack(path: string, name: string): Pack | null {
  try {
    return { path, index: readIndex(path, name), markedAt: 0 };
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    if (systemCode(error) === undefined) return { path, index: null, markedAt: 0 };
    throw error;
  }
}

function readIndex(path: string, name: string): Buffer | null {
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    if (size < PACK_HEAD.length + FOOT_BYTES) return null;
    const foot = Buffer.alloc(FOOT_BYTES);
    readSync(fd, foot, 0, FOOT_BYTES, size - FOOT_BYTES);
    const length = indexBytes(foot);
    const start = size - FOOT_BYTES - length;
    if (start < PACK_HEAD.length) return null;
    const index = Buffer.alloc(length);
    readSync(fd, index, 0, length, start);
    return digestHex(digestOf(index)) === PACK_NAME.exec(name)?.[1] ? index : null;
  } finally {
    closeSync(fd);
  }
}
