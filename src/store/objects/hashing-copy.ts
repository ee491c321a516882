import { createHash, hash } from "node:crypto";
import { closeSync, constants, copyFileSync, openSync, readSync } from "node:fs";
import { type Digest, digestFromHex } from "#record";
import { writeAll } from "../durable.ts";
import { systemCode } from "../failure.ts";
import type { StoredFile } from "./objects.ts";

/** One read for most files, and few for large ones; shared, since all of this is synchronous. */
const buffer = Buffer.allocUnsafeSlow(1 << 20);

/** Digest of bytes in one call: faster than a hash object for small ones. */
export const digestNow = (bytes: Uint8Array | string): Digest => digestFromHex(hash("sha256", bytes, "hex"));

/** Fills the buffer as far as the file reaches. */
function fill(fd: number): Buffer {
  let filled = 0;
  while (filled < buffer.length) {
    const got = readSync(fd, buffer, filled, buffer.length - filled, null);
    if (got === 0) break;
    filled += got;
  }
  return buffer.subarray(0, filled);
}

/**
 * Reads an open file from where it stands to its end and hashes it. `take` gets each piece; the bytes are only good until
 * it returns. When all fits in one piece, `whole` is asked first whether the digest already settles the matter.
 */
export function hashOpen(
  fd: number,
  take?: (piece: Uint8Array) => void,
  whole?: (digest: Digest, bytes: Uint8Array) => boolean,
): StoredFile {
  const first = fill(fd);
  if (first.length < buffer.length) {
    const digest = digestNow(first);
    if (whole?.(digest, first) !== true) take?.(first);
    return { digest, bytes: first.length };
  }
  const hashing = createHash("sha256");
  let bytes = 0;
  for (let piece = first; piece.length > 0; piece = fill(fd)) {
    hashing.update(piece);
    take?.(piece);
    bytes += piece.length;
  }
  return { digest: digestFromHex(hashing.digest("hex")), bytes };
}

/** Opens a file for reading; a pipe or terminal by that name does not hold us up. */
export const openToRead = (path: string): number =>
  openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);

export function hashFile(path: string): StoredFile {
  const fd = openToRead(path);
  try {
    return hashOpen(fd);
  } finally {
    closeSync(fd);
  }
}

/** Shares the blocks of a file with a new one where the file system can (btrfs, xfs, bcachefs). */
export function clone(from: string, to: string): boolean {
  try {
    copyFileSync(from, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") throw error;
    return false;
  }
}

/** Copies an open file into another and says what went over. */
export const copyOpen = (from: number, to: number): StoredFile => hashOpen(from, (piece) => writeAll(to, piece));
