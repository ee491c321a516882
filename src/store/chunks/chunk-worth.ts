import { readSync } from "node:fs";
import { deflateRawSync } from "node:zlib";

/** Below this a file is kept whole: its list would save nothing worth a second file. */
export const LEAST_CHUNKED_BYTES = 1 << 20;

const SAMPLES = 3;
const SAMPLE_BYTES = 32 << 10;
/** Text and tables shrink to less than half; compressed images and weights, of which a new version shares nothing, hardly. */
const SHRINKS = 0.9;
const TAR = { at: 257, magic: "ustar" } as const;

/**
 * Whether versions of this file are expected to share pieces: a tar, whatever is in it, and all that deflate can shorten.
 * The choice decides how bytes are kept, never what they are called.
 */
export function isWorthChunking(fd: number, bytes: number): boolean {
  if (bytes < LEAST_CHUNKED_BYTES) return false;
  const sample = Buffer.allocUnsafe(SAMPLE_BYTES * SAMPLES);
  let filled = 0;
  for (let index = 0; index < SAMPLES; index++) {
    const at = Math.floor(((bytes - SAMPLE_BYTES) * index) / (SAMPLES - 1));
    filled += readSync(fd, sample, filled, SAMPLE_BYTES, at);
  }
  const taken = sample.subarray(0, filled);
  if (taken.toString("latin1", TAR.at, TAR.at + TAR.magic.length) === TAR.magic) return true;
  return deflateRawSync(taken, { level: 1 }).length < filled * SHRINKS;
}
