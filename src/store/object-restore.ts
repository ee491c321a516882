import { closeSync, fchmodSync, fstatSync, openSync, readSync, renameSync, rmSync } from "node:fs";
import type { Digest } from "#record";
import { systemCode } from "./failure.ts";
import { copyOpen, digestNow } from "./hashing-copy.ts";
import { corruptObject, missingObject } from "./object-error.ts";

function open(path: string, digest: Digest): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    if (systemCode(error) === "ENOENT") throw missingObject(digest);
    throw error;
  }
}

/** The bytes of an object's file, if they are those that its name says. */
export function readChecked(path: string, digest: Digest): Uint8Array {
  const fd = open(path, digest);
  try {
    const bytes = new Uint8Array(fstatSync(fd).size);
    let filled = 0;
    while (filled < bytes.length) {
      const got = readSync(fd, bytes, filled, bytes.length - filled, null);
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

/** Copies an object's file to a path. The name appears once the content is known to be right, with the mode exactly. */
export function restoreChecked(from: string, digest: Digest, path: string, mode: number): void {
  const source = open(from, digest);
  const partial = `${path}.reprise-${process.pid}-partial`;
  try {
    const target = openSync(partial, "wx", 0o600);
    try {
      if (copyOpen(source, target).digest !== digest) throw corruptObject(digest);
      fchmodSync(target, mode);
    } finally {
      closeSync(target);
    }
    renameSync(partial, path);
  } catch (error) {
    if (systemCode(error) !== "EEXIST") rmSync(partial, { force: true });
    throw error;
  } finally {
    closeSync(source);
  }
}
