import { closeSync, fchmodSync, fstatSync, openSync, readSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Digest } from "#record";
import { writeAll } from "../durable.ts";
import { systemCode } from "../failure.ts";
import { copyOpen, digestNow } from "./hashing-copy.ts";
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

/**
 * Restores an object from its file, or from its part of a pack. The name appears once the content is known to be right,
 * with the mode exactly.
 */
export function restoreChecked(from: string, digest: Digest, path: string, mode: number, part?: PackedPlace): void {
  const content = part === undefined ? null : readChecked(from, digest, part);
  // Not a longer form of the name: that may be as long as names can be.
  const partial = join(dirname(path), `.reprise-${process.pid}-partial`);
  const target = openNew(partial);
  try {
    try {
      if (content !== null) writeAll(target, content);
      else copyChecked(from, digest, target);
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
