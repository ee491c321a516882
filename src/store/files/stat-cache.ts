import { rmSync } from "node:fs";
import { basename, dirname } from "node:path";
import { crc32 } from "node:zlib";
import { type Digest, digestHex, isDigest } from "#record";
import { Database } from "../database.ts";

/** One look-up each for few files of a folder, one query for many. */
const MANY = 8;
const SEP = "/";
const HEX = 64;
const MONTHS_MS = 90 * 24 * 3_600_000;

export interface Remembered {
  readonly path: string;
  readonly stamp: string;
  readonly digest: Digest;
}

export type Lookup = (path: string, stamp: string) => Digest | null;

/** Stamps and digests of files in a database of its own. Only a cache: when it fails, files are read again. */
export class StatCache {
  readonly #database: Database | null;
  readonly #readonly: boolean;
  /** The folder that was asked for last, whole: its files come in many small lots while a run reads them. */
  #last: { readonly folder: string; readonly known: Map<string, string> } | null = null;

  constructor(root: string, path: string, readonly: boolean) {
    this.#readonly = readonly;
    this.#database = openOrRenew(root, path, readonly);
  }

  /** For files that will be asked about; made for all of them at once. */
  lookup(paths: readonly string[]): Lookup {
    const database = this.#database;
    if (database === null) return () => null;
    const known = new Map<string, string>();
    const folders = new Map<string, ReadonlyMap<string, string>>();
    const byFolder = Map.groupBy(paths, (path) => dirname(path));
    try {
      for (const [folder, inside] of byFolder) {
        if (inside.length < MANY) for (const path of inside) loadOne(database, path, known);
        else folders.set(folder, this.#folder(database, folder));
      }
    } catch {
      return () => null;
    }
    return (path, stamp) => {
      const entry = known.get(path) ?? folders.get(dirname(path))?.get(path);
      if (entry === undefined || !entry.startsWith(`${stamp}${SEP}`)) return null;
      const hex = entry.slice(stamp.length + 1, stamp.length + 1 + HEX);
      const digest = `sha256:${hex}`;
      return isDigest(digest) && entry.endsWith(checked(path, stamp, hex)) ? digest : null;
    };
  }

  #folder(database: Database, folder: string): ReadonlyMap<string, string> {
    if (this.#last?.folder !== folder) this.#last = { folder, known: loadFolder(database, folder) };
    return this.#last.known;
  }

  remember(entries: readonly Remembered[]): void {
    const database = this.#database;
    if (database === null || this.#readonly || entries.length === 0) return;
    const now = Date.now();
    try {
      database.transaction(() => {
        const insert = database.prepared("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)");
        for (const { path, stamp, digest } of entries) {
          insert.run(dirname(path), basename(path), stamp, checked(path, stamp, digestHex(digest)), now);
        }
      });
      for (const { path, stamp, digest } of entries) {
        if (this.#last?.folder === dirname(path)) this.#last.known.set(path, entryOf(path, stamp, digest));
      }
    } catch {
      // A full disk, a lock held too long: the next one reads the files again.
    }
  }

  /** The stamps that a whole tree had when it was as some manifest says, in blocks; null: not known. */
  tree(root: string, manifest: Digest): readonly string[] | null {
    try {
      const rows = this.#database
        ?.prepared("SELECT stamps FROM tree_blocks WHERE root = ? AND manifest = ? ORDER BY block")
        .all(root, manifest);
      return rows === undefined || rows.length === 0 ? null : rows.map(({ stamps }) => String(stamps));
    } catch {
      return null;
    }
  }

  rememberTree(root: string, manifest: Digest, blocks: readonly string[]): void {
    const database = this.#database;
    if (database === null || this.#readonly) return;
    try {
      database.transaction(() => {
        database.prepared("DELETE FROM tree_blocks WHERE root = ?").run(root);
        const insert = database.prepared("INSERT INTO tree_blocks VALUES (?, ?, ?, ?, ?)");
        for (const [block, stamps] of blocks.entries()) insert.run(root, block, manifest, stamps, Date.now());
      });
    } catch {
      // As above.
    }
  }

  forgetOld(): void {
    if (this.#database === null || this.#readonly) return;
    try {
      this.#database.prepared("DELETE FROM files WHERE at < ?").run(Date.now() - MONTHS_MS);
      this.#database.prepared("DELETE FROM tree_blocks WHERE at < ?").run(Date.now() - MONTHS_MS);
    } catch {
      // As above.
    }
  }

  close(): void {
    this.#database?.close();
  }
}

/** A digest with a checksum: a bit that flips in the cache would be another file's content. */
const checked = (path: string, stamp: string, hex: string): string =>
  hex + crc32(`${path}${SEP}${stamp}${SEP}${hex}`).toString(16).padStart(8, "0");

const entryOf = (path: string, stamp: string, digest: Digest): string =>
  `${stamp}${SEP}${checked(path, stamp, digestHex(digest))}`;

function open(root: string, path: string, readonly: boolean): Database {
  const database = Database.open(root, path, { readonly, create: !readonly });
  try {
    if (!readonly) {
      database.exec(
        `CREATE TABLE IF NOT EXISTS files (
           folder TEXT NOT NULL, name TEXT NOT NULL, stamp TEXT NOT NULL, digest TEXT NOT NULL, at INTEGER NOT NULL,
           PRIMARY KEY (folder, name)
         ) STRICT, WITHOUT ROWID`,
      );
      database.exec(
        `CREATE TABLE IF NOT EXISTS tree_blocks (
           root TEXT NOT NULL, block INTEGER NOT NULL, manifest TEXT NOT NULL, stamps TEXT NOT NULL, at INTEGER NOT NULL,
           PRIMARY KEY (root, block)
         ) STRICT`,
      );
    }
    // As it was before its stamps were in blocks.
    if (!readonly) database.exec("DROP TABLE IF EXISTS trees");
    database.prepared("SELECT stamp, digest FROM files WHERE folder = ? AND name = ?");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function openOrRenew(root: string, path: string, readonly: boolean): Database | null {
  try {
    return open(root, path, readonly);
  } catch {
    if (readonly) return null;
  }
  try {
    for (const ending of ["", "-wal", "-shm"]) rmSync(path + ending, { force: true });
    return open(root, path, false);
  } catch {
    return null;
  }
}

function loadOne(database: Database, path: string, into: Map<string, string>): void {
  const row = database
    .prepared("SELECT stamp, digest FROM files WHERE folder = ? AND name = ?")
    .get(dirname(path), basename(path));
  if (row !== undefined) into.set(path, `${String(row.stamp)}${SEP}${String(row.digest)}`);
}

/** All of a folder as one text: a fraction of the time that as many rows take. No part can hold the separator. */
function loadFolder(database: Database, folder: string): Map<string, string> {
  const known = new Map<string, string>();
  const row = database
    .prepared(
      `SELECT group_concat(name || '${SEP}' || stamp || '${SEP}' || digest, '${SEP}') AS all_of_it FROM files WHERE folder = ?`,
    )
    .get(folder);
  const text = row?.all_of_it;
  if (typeof text !== "string") return known;
  const parts = text.split(SEP);
  const prefix = folder.endsWith("/") ? folder : `${folder}/`;
  for (let at = 0; at + 2 < parts.length; at += 3) {
    known.set(`${prefix}${parts[at]}`, `${parts[at + 1]}${SEP}${parts[at + 2]}`);
  }
  return known;
}
