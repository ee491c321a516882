import { createHash } from "node:crypto";
import { chmodSync, closeSync, fchmodSync, fstatSync, openSync, readSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { threadId } from "node:worker_threads";
import { type Digest, digestFromHex } from "#record";
import { writeAll } from "../durable.ts";
import { systemCode } from "../failure.ts";
import { clone, copyOpen, digestNow, hashFile } from "./hashing-copy.ts";
import { corruptObject, missingObject } from "./object-error.ts";
import type { PackedPlace } from "./packed-objects.ts";

function open(path: string, digest: Digest): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    if (systemCode(error) === "ENOENT") throw missingObject(digest);
    throw error;
  }
}

/** The bytes of an object's file, or of its part of a pack, if they are those that its name says. */
export function readChecked(path: string, digest: Digest, part?: PackedPlace): Uint8Array {
  const fd = open(path, digest);
  try {
    const bytes = new Uint8Array(part?.bytes ?? fstatSync(fd).size);
    const start = part?.offset ?? 0;
    let filled = 0;
    while (filled < bytes.length) {
      const got = readSync(fd, bytes, filled, bytes.length - filled, start + filled);
      if (got === 0) break;
      filled += got;
    }
    const read = bytes.subarray(0, filled);
    if (digestNow(read) !== digest) throw corruptObject(digest);
    return read;
  } finally {
    closeSync(fd);
  }
}

/** The bytes of an object in pieces, if they are those that its name says. */
export function joinChecked(length: number, digest: Digest, pieces: Iterable<Uint8Array>): Uint8Array {
  const bytes = new Uint8Array(length);
  let filled = 0;
  for (const piece of pieces) {
    if (filled + piece.length > length) throw corruptObject(digest);
    bytes.set(piece, filled);
    filled += piece.length;
  }
  if (filled !== length || digestNow(bytes) !== digest) throw corruptObject(digest);
  return bytes;
}

/**
 * Restores an object from its file, from its part of a pack, or from its pieces. The name appears once the content is known to be right,
 * with the mode exactly.
 */
export function restoreChecked(
  from: string | Iterable<Uint8Array>,
  digest: Digest,
  path: string,
  mode: number,
  part?: PackedPlace,
): void {
  const content = part === undefined || typeof from !== "string" ? null : readChecked(from, digest, part);
  // Not a longer form of the name: that may be as long as names can be.
  const partial = join(dirname(path), `.reprise-${process.pid}-${threadId}-partial`);
  if (content === null && typeof from === "string" && cloneChecked(from, digest, partial, mode)) {
    renameSync(partial, path);
    return;
  }
  const target = openNew(partial);
  try {
    try {
      if (content !== null) writeAll(target, content);
      else if (typeof from === "string") copyChecked(from, digest, target);
      else writePieces(from, digest, target);
      fchmodSync(target, mode);
    } finally {
      closeSync(target);
    }
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

/** Smaller ones are copied as fast. */
const LEAST_CLONED_BYTES = 1 << 20;

/**
 * Shares the blocks of an object with the new file, where the file system can: no space, and no time but for checking. Whoever
 * writes to the file gets blocks of his own, so the object stays as it is.
 */
function cloneChecked(from: string, digest: Digest, partial: string, mode: number): boolean {
  const size = statSync(from, { throwIfNoEntry: false })?.size ?? 0;
  if (size < LEAST_CLONED_BYTES) return false;
  rmSync(partial, { force: true });
  if (!clone(from, partial)) return false;
  try {
    if (hashFile(partial).digest !== digest) throw corruptObject(digest);
    chmodSync(partial, mode);
    return true;
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

function writePieces(pieces: Iterable<Uint8Array>, digest: Digest, target: number): void {
  const hashing = createHash("sha256");
  for (const piece of pieces) {
    hashing.update(piece);
    writeAll(target, piece);
  }
  if (digestFromHex(hashing.digest("hex")) !== digest) throw corruptObject(digest);
}

/** What lies there is of a process that had our number and was killed: everything here is synchronous. */
function openNew(path: string): number {
  try {
    return openSync(path, "wx", 0o600);
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    rmSync(path);
    return openSync(path, "wx", 0o600);
  }
}

function copyChecked(from: string, digest: Digest, target: number): void {
  const source = open(from, digest);
  try {
    if (copyOpen(source, target).digest !== digest) throw corruptObject(digest);
  } finally {
    closeSync(source);
  }
}
