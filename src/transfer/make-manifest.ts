import { digestOf, type Json, type RunRecord, writtenRecord } from "#record";
import { originOf, type Store } from "#store";
import { gather, type LuggageOptions } from "./luggage.ts";
import { type Manifest, PACK_FORMAT, SAID_KINDS } from "./manifest.ts";
import { environmentFiles } from "./pack/environment-files.ts";
import { readme } from "./pack/readme.ts";
import type { Parcel } from "./parcel.ts";

export interface PackedRun {
  readonly manifest: Manifest;
  readonly record: string;
  /** Texts of `manifest.files`, by their names. */
  readonly files: ReadonlyMap<string, string>;
}

export interface ManifestOptions extends LuggageOptions {
  readonly version: string;
  readonly packedAt: string;
}

const entryOf = (text: string): { digest: ReturnType<typeof digestOf>; bytes: number } => ({
  digest: digestOf(text),
  bytes: Buffer.byteLength(text),
});

/** What its keeper found out about the run; of one that came from elsewhere also what was said there. */
function saidOf(store: Store, record: RunRecord): Json[] {
  const found = SAID_KINDS.flatMap((kind) => store.runs.facts(record.id, kind).map(({ value }) => value));
  return [...(originOf(store, record.id)?.said ?? []), ...found];
}

/** Everything of one run that goes to another machine; the bytes come to lie in the parcel. */
export async function makeManifest(
  store: Store,
  record: RunRecord,
  parcel: Parcel,
  options: ManifestOptions,
): Promise<PackedRun> {
  const luggage = await gather(store, record, parcel, options);
  const text = writtenRecord(record);
  const texts = [{ path: "README.md", text: readme(record, luggage, options.version) }, ...environmentFiles(record)];
  const manifest: Manifest = {
    format: PACK_FORMAT,
    run: record.id,
    name: record.name,
    version: options.version,
    packedAt: options.packedAt,
    host: record.hardware.hostname,
    record: entryOf(text),
    files: texts.map(({ path, text: content }) => ({ path, ...entryOf(content) })),
    ...luggage,
    said: saidOf(store, record),
    objects: parcel.list(),
  };
  return { manifest, record: text, files: new Map(texts.map(({ path, text: content }) => [path, content])) };
}
