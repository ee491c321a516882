import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { Digest } from "#record";
import { digestNow } from "../objects/hashing-copy.ts";
import { entriesOf, FOOT_BYTES, indexBytes, PACK_HEAD, type PackEntry } from "../objects/pack-format.ts";
import { mendOneBit } from "./one-bit.ts";

export interface Salvaged {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

const BITS = 8;

/** The same bytes with each single bit flipped, one after the other. */
function* oneBitOff(bytes: Uint8Array): Iterable<Buffer> {
  for (let bit = 0; bit < bytes.length * BITS; bit++) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield changed;
  }
}

function readAt(fd: number, from: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(fd, bytes, 0, length, from));
}

/** The index of a pack, believed or not: by its foot, else by a foot with one bit turned back. */
function findIndex(fd: number, size: number): Buffer | null {
  if (size < PACK_HEAD.length + FOOT_BYTES) return null;
  const foot = readAt(fd, size - FOOT_BYTES, FOOT_BYTES);
  for (const candidate of [foot, ...oneBitOff(foot)]) {
    const length = indexBytes(candidate);
    const start = size - FOOT_BYTES - length;
    if (length === 0 || start < PACK_HEAD.length) continue;
    const index = readAt(fd, start, length);
    // Contents and index must meet: a wrong foot makes the index begin elsewhere.
    const first = [...entriesOf(index)].filter(({ offset, bytes }) => offset + bytes === start);
    if (first.length > 0) return index;
  }
  return null;
}

/**
 * What can be proved to be right in a pack that is damaged: an object whose bytes have its digest is right, whatever the
 * index as a whole says. A single flipped bit, in an entry or in small content, is turned back.
 */
export function* salvagePack(path: string): Iterable<Salvaged> {
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    const index = findIndex(fd, size);
    if (index === null) return;
    const content = ({ offset, bytes }: PackEntry): Buffer | null =>
      offset + bytes > size || bytes > size ? null : readAt(fd, offset, bytes);
    const proved = (entry: PackEntry): Salvaged | null => {
      const bytes = content(entry);
      return bytes !== null && digestNow(bytes) === entry.digest ? { digest: entry.digest, bytes } : null;
    };
    const width = index.length / [...entriesOf(index)].length;
    for (let at = 0; at < index.length; at += width) {
      const raw = index.subarray(at, at + width);
      const [entry] = entriesOf(raw);
      if (entry === undefined) continue;
      const whole = proved(entry) ?? mendedEntry(raw, proved) ?? mendedContent(entry, content(entry));
      if (whole !== null) yield whole;
    }
  } finally {
    closeSync(fd);
  }
}

function mendedEntry(raw: Buffer, proved: (entry: PackEntry) => Salvaged | null): Salvaged | null {
  for (const candidate of oneBitOff(raw)) {
    const [entry] = entriesOf(candidate);
    const found = entry === undefined ? null : proved(entry);
    if (found !== null) return found;
  }
  return null;
}

function mendedContent({ digest }: PackEntry, bytes: Buffer | null): Salvaged | null {
  const mended = bytes === null ? null : mendOneBit(bytes, digest);
  return mended === null ? null : { digest, bytes: mended };
}
