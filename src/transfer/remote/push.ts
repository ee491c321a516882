import { type Digest, digestOf, RepriseError, type RunId, type RunRecord, writtenRecord } from "#record";
import type { ObjectReader, Store } from "#store";
import { type ManifestOptions, makeManifest, type PackedRun } from "../make-manifest.ts";
import { Parcel } from "../parcel.ts";
import { Lease } from "./lease.ts";
import type { Remote } from "./remote.ts";
import { sendObjects } from "./send.ts";

export interface PushOptions extends ManifestOptions {
  readonly store: Store;
  readonly remote: Remote;
  readonly onProgress?: (words: string) => void;
}

export interface Pushed {
  readonly run: RunId;
  readonly state: "new" | "known";
  readonly objects: number;
  readonly bytes: number;
  readonly left: PackedRun["manifest"]["left"];
}

function opened(parcel: Parcel, digest: Digest): ObjectReader {
  const content = parcel.contents.get(digest);
  if (content === undefined) throw new Error(`${digest} is not in the parcel`);
  return content.open();
}

async function pushOne(record: RunRecord, options: PushOptions, lease: Lease): Promise<Pushed> {
  const { store, remote, onProgress } = options;
  const parcel = new Parcel();
  try {
    const packed = await makeManifest(store, record, parcel, options);
    const { manifest } = packed;
    for (const text of [packed.record, ...packed.files.values()]) parcel.put(Buffer.from(text));
    const { objects, bytes } = await sendObjects(parcel.list(), {
      remote,
      lease,
      open: (digest) => opened(parcel, digest),
      onSent: (sent, total) =>
        onProgress?.(`${record.id.slice(-8)}: ${Math.round((100 * sent) / Math.max(1, total))} % of ${total} bytes`),
    });
    await lease.hold();
    await remote.writeManifest(manifest);
    return { run: record.id, state: "new", objects, bytes, left: manifest.left };
  } finally {
    parcel.discard();
  }
}

/**
 * Runs to a remote: objects first, each run's manifest last, so that what breaks off is no run there, and is gone on from
 * the next time. Throws PACK_CONFLICT where another run has its id there.
 */
export async function pushRuns(records: readonly RunRecord[], options: PushOptions): Promise<Pushed[]> {
  const { remote } = options;
  await remote.make();
  const there = new Set(await remote.runs());
  const lease = await Lease.take(remote.shelf, "push", remote.scratch);
  try {
    const pushed: Pushed[] = [];
    for (const record of records) {
      if (there.has(record.id) && (await isSame(record, remote)))
        pushed.push({ run: record.id, state: "known", objects: 0, bytes: 0, left: [] });
      else pushed.push(await pushOne(record, options, lease));
    }
    return pushed;
  } finally {
    await lease.release();
  }
}

/** Whether the run that is there is this one; where it cannot be opened from here it is taken for it. */
async function isSame(record: RunRecord, remote: Remote): Promise<boolean> {
  let digest: Digest | undefined;
  try {
    digest = (await remote.manifest(record.id))?.record.digest;
  } catch (error) {
    if (error instanceof RepriseError && error.code === "REMOTE_LOCKED") return true;
    if (error instanceof RepriseError && error.code === "PACK_INVALID") return false;
    throw error;
  }
  if (digest === undefined) return false;
  if (digest === digestOf(writtenRecord(record))) return true;
  throw new RepriseError(
    "PACK_CONFLICT",
    "storage",
    `${remote.name} has a run ${record.id} with another record`,
    "another remote",
  );
}
