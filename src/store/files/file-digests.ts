import { closeSync, fstatSync, type Stats, statSync } from "node:fs";
import { resolve } from "node:path";
import { type Digest, digestFromHex, isUnknown, type Known, RepriseError, type Unknown, unknown } from "#record";
import { systemCode } from "../failure.ts";
import { HashPool, type ToHash } from "../hashing/hash-pool.ts";
import type { Hashed } from "../hashing/hash-share.ts";
import { allLookSame, lookShare, lookThrough, newLooks } from "../hashing/look-share.ts";
import { PATIENCE_MS, type Threads } from "../hashing/threads.ts";
import { hashOpen, openToRead } from "../objects/hashing-copy.ts";
import type { Objects, StoredFile } from "../objects/objects.ts";
import { settledBefore, stampOf } from "./file-stamp.ts";
import type { Remembered, StatCache } from "./stat-cache.ts";

/** As it was when it was digested; ms since the epoch. */
export interface SeenFile extends StoredFile {
  readonly ctimeMs: number;
}

export interface KeptFile extends StoredFile {
  readonly stored: boolean;
}

export interface KeepOptions {
  readonly limitBytes: number;
  readonly keep?: (path: string, bytes: number) => boolean;
  /** Large ones in pieces where their versions are expected to share some. */
  readonly pieces?: boolean;
}

/** Links are followed. What cannot be digested is unknown, with the reason; only the store's own failures are thrown. */
export interface FileDigests {
  /** The digest of a file that still looks as it did when it was read, else null. */
  cachedDigest(path: string, stat: Stats): Digest | null;
  /** `stat` was taken before the file was read; `readAt` is when, in ms. A file that was changed just then is not remembered. */
  rememberDigest(path: string, stat: Stats, digest: Digest, readAt?: number): void;
  /** Reads only files that do not look as they did; those above `mostBytes` are left out. */
  digestFiles(paths: Iterable<string>, options?: { readonly mostBytes?: number }): Map<string, Known<SeenFile>>;
  /** Stamps of a tree, as its user has put them together, when it was all as a manifest says; null: not known. */
  treeStamps(root: string, manifest: Digest): readonly string[] | null;
  /** Only of files that had been quiet before they were looked at (isSettled): a later change must show in a stamp. */
  rememberTree(root: string, manifest: Digest, stamps: readonly string[]): void;
  /** Begins to look whether entries look as they did (blocks as of LookShare). What is returned helps, and says it in the end. */
  beginLooking(root: string, blocks: readonly string[]): () => boolean;
  /**
   * The same, and keeps the content of files up to so many bytes as objects, in one reading. `keep` decides on each file
   * that is small enough. Durable on return.
   */
  keepFiles(paths: Iterable<string>, options: KeepOptions): Map<string, Known<KeptFile>>;
}

interface Digesting<T> {
  /** Whether a file whose digest is not known will be read, and nothing else done with it. */
  readonly onlyRead: (path: string, stat: Stats) => boolean;
  /** `ahead`: what was read of it in advance, by several threads. */
  readonly digest: (
    path: string,
    stat: Stats,
    cached: Digest | null,
    ahead?: Hashed,
  ) => { readonly file: T; readonly fresh: boolean } | null;
}

/** Some 30,000 entries. */
const LEAST_BLOCKS = 8;

interface Looked {
  readonly stat: Stats;
  readonly cached: Digest | null;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  ENOTDIR: "it does not exist",
  EACCES: "it may not be read",
  EPERM: "it may not be read",
  ELOOP: "its links go round in a circle",
  EIO: "reading it failed",
};

/** node:path needs a microsecond for each of tens of thousands. */
const tidy = (path: string): string =>
  /^\/(?:(?!\.\.?(?:\/|$))[^/]+\/)*(?!\.\.?$)[^/]+$/.test(path) ? path : resolve(path);

const reason = (error: unknown): string => REASONS[systemCode(error) ?? ""] ?? `reading it failed: ${String(error)}`;

/** Reads a file, unless that is done, and makes sure that it is the one that was looked at, all along. */
function hashAsSeen(path: string, seen: Stats, ahead?: Hashed): StoredFile | null {
  if (ahead !== undefined && stampOf(ahead.look) === stampOf(seen))
    return { digest: digestFromHex(ahead.hex), bytes: seen.size };
  const fd = openToRead(path);
  try {
    const file = hashOpen(fd);
    return stampOf(fstatSync(fd)) === stampOf(seen) ? file : null;
  } finally {
    closeSync(fd);
  }
}

class Changing extends Error {}

export class CachedFileDigests implements FileDigests {
  readonly #openCache: () => StatCache;
  readonly #objects: Objects;
  readonly #pool: HashPool;
  readonly #threads: Threads;

  constructor(openCache: () => StatCache, objects: Objects, threads: Threads) {
    this.#threads = threads;
    this.#pool = new HashPool(threads);
    this.#openCache = openCache;
    this.#objects = objects;
  }

  cachedDigest(path: string, stat: Stats): Digest | null {
    const key = resolve(path);
    return this.#openCache().lookup([key])(key, stampOf(stat));
  }

  rememberDigest(path: string, stat: Stats, digest: Digest, readAt = Date.now()): void {
    if (!settledBefore(stat, readAt)) return;
    this.#openCache().remember([{ path: resolve(path), stamp: stampOf(stat), digest }]);
  }

  treeStamps(root: string, manifest: Digest): readonly string[] | null {
    return this.#openCache().tree(root, manifest);
  }

  rememberTree(root: string, manifest: Digest, stamps: readonly string[]): void {
    this.#openCache().rememberTree(root, manifest, stamps);
  }

  beginLooking(root: string, blocks: readonly string[]): () => boolean {
    const looks = newLooks();
    // Fewer are looked at before another thread has started (measured).
    if (blocks.length >= LEAST_BLOCKS && this.#threads.start(blocks.length - 1) > 0)
      this.#threads.shareAll(lookShare(root, blocks, looks));
    return () => {
      lookThrough(root, looks, (index) => blocks[index]);
      return allLookSame(blocks.length, looks, PATIENCE_MS);
    };
  }

  digestFiles(paths: Iterable<string>, { mostBytes = Number.POSITIVE_INFINITY } = {}): Map<string, Known<SeenFile>> {
    return this.#each(paths, {
      onlyRead: (_, stat) => stat.size <= mostBytes,
      digest: (path, stat, cached, ahead) => {
        if (stat.size > mostBytes) return null;
        const { size: bytes, ctimeMs } = stat;
        if (cached !== null) return { file: { digest: cached, bytes, ctimeMs }, fresh: false };
        const file = hashAsSeen(path, stat, ahead);
        if (file === null) throw new Changing();
        return { file: { ...file, ctimeMs }, fresh: true };
      },
    });
  }

  keepFiles(paths: Iterable<string>, options: KeepOptions): Map<string, Known<KeptFile>> {
    const batch = this.#objects.batch();
    // Asked once: whoever decides may count what it has let through.
    const wants = new Map<string, boolean>();
    const isWanted = (path: string, { size }: Stats): boolean => {
      const wanted = size <= options.limitBytes && (wants.get(path) ?? options.keep?.(path, size) !== false);
      wants.set(path, wanted);
      return wanted;
    };
    try {
      const found = this.#each(paths, {
        onlyRead: (path, stat) => !isWanted(path, stat),
        digest: (path, stat, cached, ahead) => {
          const wanted = isWanted(path, stat);
          if (cached !== null && (!wanted || this.#objects.retain(cached))) {
            return { file: { digest: cached, bytes: stat.size, stored: wanted }, fresh: false };
          }
          const file = wanted
            ? batch.putFile(path, { pieces: options.pieces === true })
            : hashAsSeen(path, stat, ahead);
          if (file === null || (wanted && stampOf(statSync(path)) !== stampOf(stat))) throw new Changing();
          return { file: { ...file, stored: wanted }, fresh: true };
        },
      });
      batch.flush();
      return found;
    } finally {
      batch.abort();
    }
  }

  #each<T extends StoredFile>(paths: Iterable<string>, digesting: Digesting<T>): Map<string, Known<T>> {
    const cache = this.#openCache();
    const asked = [...new Set(paths)];
    const keys = asked.map(tidy);
    const lookup = cache.lookup(keys);
    const startedAt = Date.now();
    const results: (Known<T> | null)[] = [];
    const fresh: Remembered[] = [];
    const toRead: (ToHash & { readonly index: number })[] = [];
    for (const [index, path] of keys.entries()) {
      const looked = look(path, lookup);
      if (isUnknown(looked)) results[index] = looked;
      else if (looked.cached === null && digesting.onlyRead(path, looked.stat))
        toRead.push({ path, bytes: looked.stat.size, index });
      else results[index] = digestOne(path, looked, lookup, digesting, startedAt, fresh);
    }
    const ahead = this.#pool.hash(toRead);
    for (const { path, index } of toRead)
      results[index] = digestOne(path, null, lookup, digesting, startedAt, fresh, ahead.get(path));
    cache.remember(fresh);
    return new Map(
      asked.flatMap((path, index) => {
        const result = results[index];
        return result == null ? [] : [[path, result] as const];
      }),
    );
  }
}

type Lookup = (path: string, stamp: string) => Digest | null;

/** Before it is read. */
function look(path: string, lookup: Lookup): Looked | Unknown {
  try {
    const stat = statSync(path);
    return stat.isFile() ? { stat, cached: lookup(path, stampOf(stat)) } : unknown("it is not a regular file");
  } catch (error) {
    return unknown(reason(error));
  }
}

function digestOne<T extends StoredFile>(
  path: string,
  first: Looked | null,
  lookup: Lookup,
  digesting: Digesting<T>,
  startedAt: number,
  fresh: Remembered[],
  ahead?: Hashed,
): Known<T> | null {
  // Twice: a file may change while it is read, and be quiet then.
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const looked = (attempt === 0 ? first : null) ?? look(path, lookup);
      if (isUnknown(looked)) return looked;
      const { stat, cached } = looked;
      const done = digesting.digest(path, stat, cached, ahead);
      if (done === null) return null;
      if (done.fresh && settledBefore(stat, startedAt))
        fresh.push({ path, stamp: stampOf(stat), digest: done.file.digest });
      return done.file;
    } catch (error) {
      if (error instanceof Changing) continue;
      if (error instanceof RepriseError && error.code !== "STORE_NOT_A_FILE") throw error;
      return unknown(reason(error));
    }
  }
  return unknown("it changed while it was read");
}
