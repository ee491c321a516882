import { type Digest, digestFromHex, digestHex, digestOf } from "#record";

/** The pieces that a large object is kept in, in order (docs/format/store.md). */
export interface ChunkList {
  readonly bytes: number;
  readonly chunks: readonly Chunk[];
}

export interface Chunk {
  readonly digest: Digest;
  readonly bytes: number;
}

const HEAD = "reprise/chunks@1\n";
const LINE = /^([0-9a-f]{64}) (\d{1,15})$/;
/** The digest of all that stands above it: a flipped bit must not lead to other chunks. */
const FOOT_BYTES = 64 + 1;

export function encodeChunkList(chunks: readonly Chunk[]): string {
  const body = HEAD + chunks.map(({ digest, bytes }) => `${digestHex(digest)} ${bytes}\n`).join("");
  return `${body}${digestHex(digestOf(body))}\n`;
}

/** null: damaged. */
export function decodeChunkList(text: string): ChunkList | null {
  const body = text.slice(0, -FOOT_BYTES);
  if (!body.startsWith(HEAD) || text.slice(-FOOT_BYTES) !== `${digestHex(digestOf(body))}\n`) return null;
  const chunks: Chunk[] = [];
  let total = 0;
  for (const line of body.slice(HEAD.length).split("\n")) {
    if (line === "") continue;
    const parts = LINE.exec(line);
    if (parts?.[1] === undefined) return null;
    const bytes = Number(parts[2]);
    chunks.push({ digest: digestFromHex(parts[1]), bytes });
    total += bytes;
  }
  return { bytes: total, chunks };
}
