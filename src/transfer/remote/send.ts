import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { type Digest, RepriseError } from "#record";
import type { ObjectReader } from "#store";
import type { ManifestFile } from "../manifest.ts";
import type { Lease } from "./lease.ts";
import type { Remote } from "./remote.ts";

const PIECE = 1 << 20;
/** So many files, or so many bytes, lie aside at a time. */
const [PORTION_FILES, PORTION_BYTES] = [256, 256 * 2 ** 20];

export interface SendOptions {
  readonly remote: Remote;
  readonly lease: Lease;
  readonly open: (digest: Digest) => ObjectReader;
  /** Bytes that are there by now, of all that were asked for. */
  readonly onSent?: (bytes: number, total: number) => void;
}

function writeOut(reader: ObjectReader, digest: Digest, path: string): void {
  try {
    const fd = openSync(path, "wx", 0o600);
    try {
      if (!reader.intact())
        throw new RepriseError(
          "STORE_CORRUPT_OBJECT",
          "storage",
          `${digest} is not what its digest says`,
          "reprise fsck",
        );
      for (let from = 0; from < reader.length; from += PIECE) {
        const piece = reader.read(from, Math.min(reader.length, from + PIECE));
        for (let done = 0; done < piece.length; ) done += writeSync(fd, piece, done);
      }
    } finally {
      closeSync(fd);
    }
  } finally {
    reader.close();
  }
}

function portions(objects: readonly ManifestFile[]): ManifestFile[][] {
  const found: ManifestFile[][] = [];
  let [files, bytes] = [PORTION_FILES, 0];
  for (const object of objects) {
    if (files >= PORTION_FILES || bytes + object.bytes > PORTION_BYTES) {
      found.push([]);
      [files, bytes] = [0, 0];
    }
    found.at(-1)?.push(object);
    files += 1;
    bytes += object.bytes;
  }
  return found;
}

/** Objects to a remote, those that it lacks, each checked against its digest before it goes. */
export async function sendObjects(
  objects: readonly ManifestFile[],
  { remote, lease, open, onSent }: SendOptions,
): Promise<{ readonly objects: number; readonly bytes: number }> {
  const there = await remote.has(objects);
  const wanted = objects.filter(({ digest }) => !there.has(digest));
  const total = wanted.reduce((sum, { bytes }) => sum + bytes, 0);
  let sent = 0;
  for (const portion of portions(wanted)) {
    onSent?.(sent, total);
    const files = portion.map(({ digest }) => ({ digest, path: remote.fresh() }));
    try {
      for (const { digest, path } of files) writeOut(open(digest), digest, path);
      await remote.write(files);
    } finally {
      for (const { path } of files) rmSync(path, { force: true });
    }
    sent += portion.reduce((sum, { bytes }) => sum + bytes, 0);
    await lease.renew();
  }
  return { objects: wanted.length, bytes: total };
}
