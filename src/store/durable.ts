import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
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

/** Moves a synced file into place, making the folder when it is missing. The folders to sync are added to `unsynced`. */
export function moveInto(from: string, to: string, unsynced: Set<string>): void {
  const folder = dirname(to);
  try {
    renameSync(from, to);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    unsynced.add(dirname(folder));
    renameSync(from, to);
  }
  unsynced.add(folder);
}
