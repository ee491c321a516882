import { closeSync, createWriteStream, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { digestHex, type LeftBehind, RepriseError, type RunRecord } from "#record";
import type { ObjectReader, Store } from "#store";
import { type ManifestOptions, makeManifest, type PackedRun } from "../make-manifest.ts";
import { Parcel } from "../parcel.ts";
import { compressor } from "./compression.ts";
import { type SigningKey, shownId, sign } from "./minisign.ts";
import { ending, header, padding } from "./tar.ts";

export interface PackOptions extends ManifestOptions {
  readonly store: Store;
  readonly record: RunRecord;
  /** Absolute; its ending says how it is compressed. */
  readonly output: string;
  readonly key?: SigningKey;
}

export interface Packed {
  readonly objects: number;
  readonly bytes: number;
  readonly signedBy: string | null;
  readonly left: readonly LeftBehind[];
}

const PIECE = 1 << 20;

export const objectName = (hex: string): string => `objects/${hex.slice(0, 2)}/${hex.slice(2)}`;

function* checked(reader: ObjectReader, name: string): Generator<Buffer> {
  if (!reader.intact())
    throw new RepriseError("STORE_CORRUPT_OBJECT", "storage", `${name} is not what its digest says`, "reprise fsck");
  for (let from = 0; from < reader.length; from += PIECE)
    yield Buffer.from(reader.read(from, Math.min(reader.length, from + PIECE)));
}

/** The tar, block by block: the manifest first, so that a reader knows of everything what it must be. */
function* blocks(packed: PackedRun, parcel: Parcel, key: SigningKey | undefined, seconds: number): Generator<Buffer> {
  const { manifest, record, files } = packed;
  const text = (name: string, content: string): Buffer[] => {
    const bytes = Buffer.from(content);
    return [header({ name, bytes: bytes.length }, seconds), bytes, padding(bytes.length)];
  };
  const body = `${JSON.stringify(manifest, null, 1)}\n`;
  yield* text("manifest.json", body);
  if (key !== undefined)
    yield* text("manifest.json.minisig", sign(Buffer.from(body), key, `reprise pack of ${manifest.run}`));
  yield* text("record.json", record);
  for (const { path } of manifest.files) yield* text(path, files.get(path) ?? "");
  for (const { digest, bytes } of manifest.objects) {
    const reader = parcel.contents.get(digest)?.open();
    if (reader === undefined) continue;
    try {
      yield header({ name: objectName(digestHex(digest)), bytes }, seconds);
      yield* checked(reader, digest);
      yield padding(bytes);
    } finally {
      reader.close();
    }
  }
  yield ending();
}

/** Beside itself first: what breaks off leaves no half a file under its name. */
async function write(path: string, content: Generator<Buffer>): Promise<void> {
  const part = `${path}.part-${process.pid}`;
  try {
    await pipeline(Readable.from(content), compressor(path), createWriteStream(part, { flags: "wx", mode: 0o644 }));
    const fd = openSync(part, "r");
    fsyncSync(fd);
    closeSync(fd);
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    if (error instanceof RepriseError) throw error;
    const what = `${path} cannot be written: ${(error as Error).message}`;
    throw new RepriseError("OUTPUT_UNWRITABLE", "storage", what, `df -h '${path}'`, { cause: error });
  }
}

/** Writes a run into one file that another machine can do it again from. */
export async function packRun(options: PackOptions): Promise<Packed> {
  const parcel = new Parcel();
  try {
    const { store, record, output, key } = options;
    const packed = await makeManifest(store, record, parcel, options);
    await write(output, blocks(packed, parcel, key, Date.parse(record.endedAt) / 1000));
    const { objects, left } = packed.manifest;
    return {
      objects: objects.length,
      bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0),
      signedBy: key === undefined ? null : shownId(key.id),
      left,
    };
  } finally {
    parcel.discard();
  }
}
