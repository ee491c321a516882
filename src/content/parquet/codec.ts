import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { unpackHadoopLz4, unpackLz4 } from "../archive/lz4.ts";
import { unpackSnappy } from "../archive/snappy.ts";
import type { Judge } from "../comparison.ts";
import { Unreadable, Unseen } from "../unseen.ts";

type Unpack = (packed: Uint8Array, length: number) => Uint8Array;

/** By the numbers of the format; 3 is LZO, which nobody writes. */
const CODECS: Readonly<Record<number, Unpack>> = {
  0: (packed) => packed,
  1: unpackSnappy,
  2: (packed, length) => gunzipSync(packed, { maxOutputLength: length }),
  4: (packed, length) => brotliDecompressSync(packed, { maxOutputLength: length }),
  5: unpackHadoopLz4,
  6: (packed, length) => zstdDecompressSync(packed, { maxOutputLength: length }),
  7: unpackLz4,
};

const LENGTH_LIMIT = 2 ** 30;

/** Unpacks a page, never to more than it says. */
export function unpack(codec: number, packed: Uint8Array, length: number, judge: Judge): Uint8Array {
  const how = CODECS[codec];
  if (how === undefined) throw new Unseen(`Parquet: compression ${codec} is not read in this version`);
  if (length < 0) throw new Unreadable("Parquet: a page of a negative length");
  judge.spendBytes(length > LENGTH_LIMIT ? Number.MAX_SAFE_INTEGER : length, "Parquet");
  if (length === 0) return new Uint8Array();
  const out = attempt(how, packed, length);
  if (out.length !== length) throw new Unreadable("Parquet: a page of another length than stated");
  return out;
}

function attempt(how: Unpack, packed: Uint8Array, length: number): Uint8Array {
  try {
    return how(packed, length);
  } catch (error) {
    throw error instanceof Unreadable ? error : new Unreadable(`Parquet: a damaged page: ${String(error)}`);
  }
}
