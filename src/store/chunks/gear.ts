import { createHash } from "node:crypto";

/**
 * FastCDC (Xia et al., USENIX ATC 2016): content-defined chunking by a gear hash, with normalised chunk sizes. A boundary
 * depends on the 32 bytes before it, so what is inserted in one place moves no boundary far from it. Sizes were measured
 * (docs/decisions/0010-versions-of-data.md). The table and the sizes are part of the format: with others nothing that is
 * kept already would be found again.
 */
const LEAST = 16 << 10;
const AVERAGE = 64 << 10;
export const MOST_CHUNK_BYTES = 256 << 10;

/** The paper's normalisation level 2: a boundary is four times as rare before the average, and four times as common after it. */
const HARD = topBits(18);
const EASY = topBits(14);

function topBits(count: number): number {
  return ~((1 << (32 - count)) - 1) | 0;
}

let gear: Int32Array | null = null;

function gearTable(): Int32Array {
  if (gear !== null) return gear;
  gear = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++)
    gear[byte] = createHash("sha256").update(`reprise gear ${byte}`).digest().readInt32BE(0);
  return gear;
}

/** Where the chunk that begins at `from` ends; `bytes` go on for MOST_CHUNK_BYTES after it, or are the last of the content. */
export function chunkEnd(bytes: Uint8Array, from: number): number {
  const table = gearTable();
  if (bytes.length - from <= LEAST) return bytes.length;
  const end = Math.min(bytes.length, from + MOST_CHUNK_BYTES);
  const middle = Math.min(end, from + AVERAGE);
  let hash = 0;
  let at = from + LEAST;
  for (; at < middle; at++) {
    hash = ((hash << 1) + (table[bytes[at] as number] as number)) | 0;
    if ((hash & HARD) === 0) return at + 1;
  }
  for (; at < end; at++) {
    hash = ((hash << 1) + (table[bytes[at] as number] as number)) | 0;
    if ((hash & EASY) === 0) return at + 1;
  }
  return end;
}
