import { createHash } from "node:crypto";
import { readSync } from "node:fs";
import { type Digest, digestFromHex } from "#record";
import { digestNow } from "../objects/hashing-copy.ts";
import type { StoredFile } from "../objects/objects.ts";
import type { Chunk } from "./chunk-list.ts";
import { chunkEnd, MOST_CHUNK_BYTES } from "./gear.ts";

const BUFFER_BYTES = 4 << 20;

export interface Chunked extends StoredFile {
  readonly chunks: readonly Chunk[];
}

/** One for all files: everything here is synchronous. */
let buffer: Buffer | null = null;

/** Reads an open file from where it stands to its end, in one pass: its digest and its chunks. The bytes handed out are good until `take` returns. */
export function chunkOpen(fd: number, take: (digest: Digest, bytes: Uint8Array) => void): Chunked {
  buffer ??= Buffer.allocUnsafeSlow(BUFFER_BYTES);
  const whole = createHash("sha256");
  const chunks: Chunk[] = [];
  let total = 0;
  let kept = 0;
  for (let ended = false; !ended; ) {
    let filled = kept;
    while (filled < buffer.length && !ended) {
      const got = readSync(fd, buffer, filled, buffer.length - filled, null);
      ended = got === 0;
      filled += got;
    }
    whole.update(buffer.subarray(kept, filled));
    total += filled - kept;
    const bytes = buffer.subarray(0, filled);
    let at = 0;
    // What follows a boundary may decide it: the last part waits for more, unless there is none.
    while (at < filled && (ended || filled - at >= MOST_CHUNK_BYTES)) {
      const end = chunkEnd(bytes, at);
      const chunk = bytes.subarray(at, end);
      const digest = digestNow(chunk);
      take(digest, chunk);
      chunks.push({ digest, bytes: chunk.length });
      at = end;
    }
    buffer.copyWithin(0, at, filled);
    kept = filled - at;
  }
  return { digest: digestFromHex(whole.digest("hex")), bytes: total, chunks };
}
