import { closeSync, fstatSync, type Stats, statSync } from "node:fs";
import { resolve } from "node:path";
import { type Digest, type Known, RepriseError, unknown } from "#record";
import { systemCode } from "../failure.ts";
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

/** Links are followed. What cannot be digested is unknown, with the reason; only the store's own failures are thrown. */
export interface FileDigests {
  /** The digest of a file that still looks as it did when it was read, else null. */
  cachedDigest(path: string, stat: Stats): Digest | null;
  /** `stat` was taken before the file was read; `readAt` is when, in ms. A file that was changed just then is not remembered. */
  rememberDigest(path: string, stat: Stats, digest: Digest, readAt?: number): void;
  /** Reads only files that do not look as they did; those above `mostBytes` are left out. */
  digestFiles(paths: Iterable<string>, options?: { readonly mostBytes?: number }): Map<string, Known<SeenFile>>;
  /**
   * The same, and keeps the content of files up to so many bytes as objects, in one reading. `keep` decides on each file
   * that is small enough. Durable on return.
   */
  keepFiles(
    paths: Iterable<string>,
    options: { readonly limitBytes: number; readonly keep?: (path: string, bytes: number) => boolean },
  ): Map<string, Known<KeptFile>>;
}

type Digesting<T> = (
  path: string,
  stat: Stats,
  cached: Digest | null,
) => { readonly file: T; readonly fresh: boolean } | null;

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

/** Reads a file and makes sure that it is the one that was looked at, all along. */
function hashAsSeen(path: string, seen: Stats): StoredFile | null {
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

  constructor(openCache: () => StatCache, objects: Objects) {
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

  digestFiles(paths: Iterable<string>, { mostBytes = Number.POSITIVE_INFINITY } = {}): Map<string, Known<SeenFile>> {
    return this.#each(paths, (path, stat, cached) => {
      if (stat.size > mostBytes) return null;
      const { size: bytes, ctimeMs } = stat;
      if (cached !== null) return { file: { digest: cached, bytes, ctimeMs }, fresh: false };
      const file = hashAsSeen(path, stat);
      if (file === null) throw new Changing();
      return { file: { ...file, ctimeMs }, fresh: true };
    });
  }

  keepFiles(
    paths: Iterable<string>,
    options: { readonly limitBytes: number; readonly keep?: (path: string, bytes: number) => boolean },
  ): Map<string, Known<KeptFile>> {
    const batch = this.#objects.batch();
    try {
      const found = this.#each(paths, (path, stat, cached) => {
        const wanted = stat.size <= options.limitBytes && options.keep?.(path, stat.size) !== false;
        if (cached !== null && (!wanted || this.#objects.retain(cached))) {
          return { file: { digest: cached, bytes: stat.size, stored: wanted }, fresh: false };
        }
        const file = wanted ? batch.putFile(path) : hashAsSeen(path, stat);
        if (file === null || (wanted && stampOf(statSync(path)) !== stampOf(stat))) throw new Changing();
        return { file: { ...file, stored: wanted }, fresh: true };
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
    const found = new Map<string, Known<T>>();
    const fresh: Remembered[] = [];
    for (const [index, path] of asked.entries()) {
      const key = keys[index] ?? path;
      const digested = digestOne(key, lookup, digesting, startedAt, fresh);
      if (digested !== null) found.set(path, digested);
    }
    cache.remember(fresh);
    return found;
  }
}

function digestOne<T extends StoredFile>(
  path: string,
  lookup: (path: string, stamp: string) => Digest | null,
  digesting: Digesting<T>,
  startedAt: number,
  fresh: Remembered[],
): Known<T> | null {
  // Twice: a file may change while it is read, and be quiet then.
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const stat = statSync(path);
      if (!stat.isFile()) return unknown("it is not a regular file");
      const stamp = stampOf(stat);
      const done = digesting(path, stat, lookup(path, stamp));
      if (done === null) return null;
      if (done.fresh && settledBefore(stat, startedAt)) fresh.push({ path, stamp, digest: done.file.digest });
      return done.file;
    } catch (error) {
      if (error instanceof Changing) continue;
      if (error instanceof RepriseError && error.code !== "STORE_NOT_A_FILE") throw error;
      return unknown(reason(error));
    }
  }
  return unknown("it changed while it was read");
}
