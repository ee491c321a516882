import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { type Digest, digestFromHex, digestHex, digestOf, RepriseError, type RunRecord } from "#record";
import type { Store } from "#store";
import { type Manifest, type ManifestFile, parseManifest, refused } from "../manifest.ts";
import { checkedRecord, receive } from "../receive.ts";
import { ByteSource } from "./byte-source.ts";
import { decompressed } from "./compression.ts";
import { shownId, signatureFault, signatureId, type VerifyKey } from "./minisign.ts";
import { objectName } from "./pack.ts";
import { BLOCK, type Entry, readHeader } from "./tar.ts";

export interface UnpackOptions {
  readonly store: Store;
  /** Absolute. */
  readonly file: string;
  /** As it was named. */
  readonly shown: string;
  readonly key?: VerifyKey;
  /** Most bytes that it may hold unpacked; left out: what a file of its size may be expected to. */
  readonly limit?: number;
}

export interface Unpacked {
  readonly record: RunRecord;
  readonly state: "new" | "known";
  readonly objects: number;
  readonly bytes: number;
  /** Checked with the key that was given. */
  readonly signedBy: string | null;
  /** Signed, but no key was given to check it with. */
  readonly unchecked: string | null;
  readonly left: Manifest["left"];
  readonly host: string;
}

const GIB = 2 ** 30;
const MOST_MANIFEST = 256 * 2 ** 20;
const MOST_TEXT = 256 * 2 ** 20;
const SMALL = 1 << 16;
const PIECE = 1 << 20;

const limitFor = (file: string): number => Math.max(4 * GIB, 200 * statSync(file).size);

class PackReader {
  readonly #seen = new Set<string>();
  #skip = 0;
  #waiting: Entry | null | undefined;

  constructor(readonly source: ByteSource) {}

  /** The next entry without going on to it; null: the pack ends here. */
  async peek(): Promise<Entry | null> {
    if (this.#waiting !== undefined) return this.#waiting;
    await this.source.exactly(this.#skip);
    this.#skip = 0;
    const entry = readHeader(await this.source.exactly(BLOCK));
    if (entry !== null && this.#seen.has(entry.name)) throw refused("PACK_UNSAFE", `it holds '${entry.name}' twice`);
    if (entry !== null) this.#seen.add(entry.name);
    this.#waiting = entry;
    return entry;
  }

  /** The entry that must come next. */
  async expect(name: string, bytes?: number): Promise<Entry> {
    const entry = await this.peek();
    if (entry === null) throw refused("PACK_DAMAGED", `it ends before '${name}'`);
    if (entry.name !== name) throw refused("PACK_TAMPERED", `it holds '${entry.name}' where '${name}' belongs`);
    if (bytes !== undefined && entry.bytes !== bytes)
      throw refused("PACK_TAMPERED", `'${name}' has ${entry.bytes} bytes, and its manifest says ${bytes}`);
    this.#waiting = undefined;
    this.#skip = (BLOCK - (entry.bytes % BLOCK)) % BLOCK;
    return entry;
  }

  async small(name: string, most: number): Promise<Buffer> {
    const { bytes } = await this.expect(name);
    if (bytes > most) throw refused("PACK_TOO_LARGE", `'${name}' in it has ${bytes} bytes`);
    return Buffer.from(await this.source.exactly(bytes));
  }
}

async function manifestOf(
  reader: PackReader,
  key: VerifyKey | undefined,
): Promise<{ manifest: Manifest; signed: string | null }> {
  const bytes = await reader.small("manifest.json", MOST_MANIFEST);
  const isSigned = (await reader.peek())?.name === "manifest.json.minisig";
  const signature = isSigned ? (await reader.small("manifest.json.minisig", SMALL)).toString("utf8") : null;
  if (key !== undefined) {
    if (signature === null)
      throw refused(
        "PACK_UNSIGNED",
        "it is not signed, and a key was given to check it with",
        "ask for one made by reprise pack --sign KEY",
      );
    const fault = signatureFault(bytes, signature, key);
    if (fault !== null) throw refused("PACK_TAMPERED", fault);
  }
  return {
    manifest: parseManifest(bytes.toString("utf8")),
    signed: signature === null ? null : (signatureId(signature) ?? "?"),
  };
}

async function text(reader: PackReader, name: string, { digest, bytes }: ManifestFile): Promise<string> {
  if (bytes > MOST_TEXT) throw refused("PACK_TOO_LARGE", `'${name}' in it has ${bytes} bytes`);
  await reader.expect(name, bytes);
  const content = await reader.source.exactly(bytes);
  if (digestOf(content) !== digest) throw refused("PACK_TAMPERED", `'${name}' is not what its digest says`);
  return content.toString("utf8");
}

const tampered = (digest: Digest): RepriseError => refused("PACK_TAMPERED", `the object ${digest} has another content`);

async function takeLarge(store: Store, source: ByteSource, { digest, bytes }: ManifestFile): Promise<void> {
  const writer = store.objects.writer();
  const hash = createHash("sha256");
  try {
    for (let left = bytes; left > 0; ) {
      const part = await source.some(Math.min(left, PIECE));
      if (part.length === 0) throw refused("PACK_DAMAGED", "it ends in the middle");
      hash.update(part);
      writer.write(part);
      left -= part.length;
    }
    // Before it gets its name: a wrong one leaves nothing behind.
    if (digestFromHex(hash.digest("hex")) !== digest) throw tampered(digest);
    writer.finish();
  } finally {
    writer.abort();
  }
}

async function takeObjects(store: Store, reader: PackReader, objects: readonly ManifestFile[]): Promise<void> {
  const batch = store.objects.batch();
  try {
    for (const object of objects) {
      await reader.expect(objectName(digestHex(object.digest)), object.bytes);
      if (object.bytes > SMALL) await takeLarge(store, reader.source, object);
      else {
        const bytes = await reader.source.exactly(object.bytes);
        if (digestOf(bytes) !== object.digest) throw tampered(object.digest);
        batch.put(bytes);
      }
    }
    batch.flush();
  } finally {
    batch.abort();
  }
}

/** To the very end: only there the compression's own checksum is looked at, and nothing hides behind the last block. */
async function nothingMore(source: ByteSource): Promise<void> {
  for (let part = await source.some(PIECE); part.length > 0; part = await source.some(PIECE))
    if (part.some((byte) => byte !== 0)) throw refused("PACK_TAMPERED", "it goes on after its end");
}

/** A pack whose own numbers go beyond the budget is refused before any of it is taken. */
function checkBudget(manifest: Manifest, limit: number): number {
  const total = manifest.objects.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= limit) return total;
  throw refused(
    "PACK_TOO_LARGE",
    `it says that it holds ${total} bytes, far more than a file of its size should`,
    "if you trust where it comes from: reprise unpack FILE --limit SIZE",
  );
}

/**
 * Takes a packed run into a store. Nothing in it is run, no path of it is written to, and nothing is kept of one that is
 * refused but objects under their right digests, which gc removes.
 */
export async function unpackRun(options: UnpackOptions): Promise<Unpacked> {
  const { store, file, key } = options;
  if (!existsSync(file) || !statSync(file).isFile())
    throw new RepriseError("PACK_MISSING", "missing", `there is no file ${options.shown}`, "reprise unpack FILE");
  const limit = options.limit ?? limitFor(file);
  const source = new ByteSource(decompressed(file), limit);
  const reader = new PackReader(source);
  try {
    const { manifest, signed } = await manifestOf(reader, key);
    const bytes = checkBudget(manifest, limit);
    const record = await text(reader, "record.json", manifest.record);
    checkedRecord(manifest, record);
    for (const one of manifest.files) await text(reader, one.path, one);
    await takeObjects(store, reader, manifest.objects);
    const after = await reader.peek();
    if (after !== null) throw refused("PACK_TAMPERED", `it holds '${after.name}', which its manifest does not name`);
    await nothingMore(source);
    const signedBy = key === undefined ? null : key.id === null ? signed : shownId(key.id);
    const received = receive(store, manifest, record, { via: "pack", from: options.shown, signedBy });
    const unchecked = key === undefined ? signed : null;
    const { left, host } = manifest;
    return { ...received, objects: manifest.objects.length, bytes, signedBy, unchecked, left, host };
  } finally {
    await source.close();
  }
}
