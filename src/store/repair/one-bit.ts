import type { Digest } from "#record";
import { digestNow } from "../objects/hashing-copy.ts";

/** Every bit is a digest of all the bytes: 16 KiB take two seconds. */
const MOST_BYTES = 16 << 10;

/** The bytes with the one bit turned back whose flip made them another digest's: SHA-256 proves that it is right. */
export function mendOneBit(bytes: Uint8Array, digest: Digest): Uint8Array | null {
  if (bytes.length > MOST_BYTES) return null;
  const mended = Uint8Array.from(bytes);
  for (let at = 0; at < mended.length; at++) {
    for (let bit = 1; bit < 256; bit <<= 1) {
      mended[at] = (mended[at] ?? 0) ^ bit;
      if (digestNow(mended) === digest) return mended;
      mended[at] = (mended[at] ?? 0) ^ bit;
    }
  }
  return null;
}
