import { type Digest, digestFromHex, digestHex } from "#record";

/**
 * A pack: many small objects in one file, so that one fsync serves them all (docs/format/store.md). Head, contents, index
 * sorted by digest, foot. Its name is the digest of the index, which is how a damaged index is noticed.
 */
export const PACK_HEAD = Buffer.from("reprise/pack@1\n");
export const PACK_NAME = /^([0-9a-f]{64})\.pack$/;
const ENTRY_BYTES = 48; // digest 32, offset 8, length 8, big-endian
export const FOOT_BYTES = 8; // number of entries

export interface PackEntry {
  readonly digest: Digest;
  readonly offset: number;
  readonly bytes: number;
}

export function encodeIndex(entries: readonly PackEntry[]): Buffer {
  const index = Buffer.alloc(entries.length * ENTRY_BYTES);
  const sorted = [...entries].sort((a, b) => (a.digest < b.digest ? -1 : 1));
  for (const [position, { digest, offset, bytes }] of sorted.entries()) {
    const at = position * ENTRY_BYTES;
    index.write(digestHex(digest), at, "hex");
    index.writeBigUInt64BE(BigInt(offset), at + 32);
    index.writeBigUInt64BE(BigInt(bytes), at + 40);
  }
  return index;
}

export function encodeFoot(count: number): Buffer {
  const foot = Buffer.alloc(FOOT_BYTES);
  foot.writeBigUInt64BE(BigInt(count));
  return foot;
}

/** How long the index is, by the foot. */
export const indexBytes = (foot: Buffer): number => Number(foot.readBigUInt64BE()) * ENTRY_BYTES;

const entryAt = (index: Buffer, at: number): PackEntry => ({
  digest: digestFromHex(index.toString("hex", at, at + 32)),
  offset: Number(index.readBigUInt64BE(at + 32)),
  bytes: Number(index.readBigUInt64BE(at + 40)),
});

export function* entriesOf(index: Buffer): Iterable<PackEntry> {
  for (let at = 0; at < index.length; at += ENTRY_BYTES) yield entryAt(index, at);
}

/** The first four bytes, by which most digests differ. A call of Buffer.compare costs thirty times as much. */
const startAt = (bytes: Buffer, at: number): number =>
  (bytes[at] as number) * 0x1000000 +
  (((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number));

/** `key` is the digest's 32 bytes. Digests are spread evenly: where one lies is guessed well from its first bytes. */
export function entryOf(index: Buffer, key: Buffer): PackEntry | undefined {
  const start = startAt(key, 0);
  let [low, high] = [0, index.length / ENTRY_BYTES];
  // What lies before `low` begins with `least` or less, what lies from `high` on with `most` or more.
  let [least, most] = [0, 2 ** 32];
  for (let guesses = 0; low < high; guesses++) {
    const share = guesses < MOST_GUESSES && most > least ? (start - least) / (most - least) : 0.5;
    const middle = Math.max(low, Math.min(high - 1, low + Math.floor((high - low) * share)));
    const at = middle * ENTRY_BYTES;
    const there = startAt(index, at);
    const order = start === there ? index.compare(key, 0, 32, at, at + 32) : there - start;
    if (order === 0) return entryAt(index, at);
    if (order < 0) [low, least] = [middle + 1, there];
    else [high, most] = [middle, there];
  }
  return undefined;
}

/** Then halving: an index that someone made up must not cost more than a look at a few entries. */
const MOST_GUESSES = 6;
