import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { systemCode } from "./failure.ts";

/** Writes all of the bytes: one call may write fewer. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done);
}

/** Makes the names in a folder survive a power cut. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } catch (error) {
    // Some network file systems know no fsync of a folder: there the rename itself is all there is.
    if (systemCode(error) !== "EINVAL" && systemCode(error) !== "ENOTSUP") throw error;
  } finally {
    closeSync(fd);
  }
}

/** Writes a new file and makes its content, not yet its name, survive a power cut. */
export function writeFileSynced(path: string, bytes: Uint8Array): void {
  const fd = openSync(path, "wx", 0o600);
  try {
    writeAll(fd, bytes);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Makes a folder and those above it that are missing; says which was the uppermost. Node's own recursive mkdir calls a
 * read-only file system "no such file or directory".
 */
export function makeFolders(path: string): string | undefined {
  try {
    mkdirSync(path, { mode: 0o700 });
    return path;
  } catch (error) {
    if (systemCode(error) === "EEXIST" && statSync(path).isDirectory()) return undefined;
    if (systemCode(error) !== "ENOENT" || dirname(path) === path) throw error;
  }
  const uppermost = makeFolders(dirname(path));
  return makeFolders(path) === undefined ? uppermost : (uppermost ?? path);
}

/** Moves a synced file into place, making the folder when it is missing. The folders to sync are added to `unsynced`. */
export function moveInto(from: string, to: string, unsynced: Set<string>): void {
  const folder = dirname(to);
  try {
    renameSync(from, to);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    makeFolders(folder);
    unsynced.add(dirname(folder));
    renameSync(from, to);
  }
  unsynced.add(folder);
}
