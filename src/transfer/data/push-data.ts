import { relative } from "node:path";
import { isSafePath } from "#capture";
import { type Digest, RepriseError } from "#record";
import type { DataVersion, Store } from "#store";
import type { ManifestFile } from "../manifest.ts";
import { Lease } from "../remote/lease.ts";
import type { Remote } from "../remote/remote.ts";
import { sendObjects } from "../remote/send.ts";
import { type DataDescription, descriptionOf, fileOfVersion, hashOfName } from "./description.ts";
import { dataThere } from "./remote-data.ts";

/** So many objects are asked for, and sent, at a time: a version may have millions. */
const PORTION = 2048;
/** Somebody else writes under the same name for a moment. */
const [TRIES, WAIT_MS] = [8, 700];

export interface PushDataOptions {
  readonly store: Store;
  readonly remote: Remote;
  /** The name that it gets there; its own when left out. */
  readonly as?: string;
  readonly host: string;
  /** Where data lay in it is said there, for others who have it, too. */
  readonly project: string;
  readonly onProgress?: (words: string) => void;
}

export interface PushedData {
  /** As it is called there. */
  readonly data: string;
  readonly manifest: Digest;
  /** known: it was there. */
  readonly state: "new" | "known";
  readonly objects: number;
  readonly bytes: number;
}

const refOf = ({ name, version }: Pick<DataVersion, "name" | "version">): string => `${name}@${version}`;

function conflict(version: DataVersion, remote: Remote): RepriseError {
  const ref = refOf(version);
  return new RepriseError(
    "DATA_CONFLICT",
    "storage",
    `${remote.name} has another ${ref}; a number is never given to other data, so nothing was pushed`,
    `reprise data push ${ref} REMOTE --as ANOTHER-NAME`,
  );
}

/** Whether it is there. By the names alone, so also where it cannot be opened from here. Throws DATA_CONFLICT. */
async function isThere(version: DataVersion, remote: Remote): Promise<boolean> {
  const all = await dataThere(remote, version.name);
  const same = all.filter((one) => one.version === version.version);
  if (same.some(({ manifest }) => manifest !== version.manifest)) throw conflict(version, remote);
  return same.length > 0;
}

function pathIn(project: string, source: string): string | null {
  const path = relative(project, source);
  return isSafePath(path) ? path : null;
}

function describe(version: DataVersion, { store, host, project }: PushDataOptions): DataDescription {
  const { name, version: number, kind, entries, bytes, at, manifest, source } = version;
  const sized = (digest: Digest): ManifestFile => ({ digest, bytes: store.objects.size(digest) });
  return descriptionOf({
    name,
    version: number,
    kind,
    entries,
    bytes,
    at,
    path: pathIn(project, source),
    host,
    manifest: sized(manifest),
    parts: store.data.parts(manifest).map(sized),
  });
}

async function pushObjects(version: DataVersion, described: DataDescription, options: PushDataOptions, lease: Lease) {
  const { store, remote, onProgress } = options;
  const sum = { objects: 0, bytes: 0 };
  let passed = 0;
  const send = async (objects: readonly ManifestFile[]): Promise<void> => {
    onProgress?.(
      `${refOf(version)}: ${Math.round((100 * passed) / Math.max(1, version.bytes))} % of ${version.bytes} bytes`,
    );
    const sent = await sendObjects(objects, { remote, lease, open: (digest) => store.objects.open(digest) });
    sum.objects += sent.objects;
    sum.bytes += sent.bytes;
    passed += objects.reduce((all, { bytes }) => all + bytes, 0);
    await lease.renew();
  };
  let portion = new Map<Digest, ManifestFile>();
  for (const { digest, bytes } of store.data.entries(version.manifest)) {
    if (digest !== null) portion.set(digest, { digest, bytes });
    if (portion.size < PORTION) continue;
    await send([...portion.values()]);
    portion = new Map();
  }
  await send([...portion.values()]);
  await send([...new Map([...described.parts, described.manifest].map((one) => [one.digest, one])).values()]);
  return sum;
}

async function claim(name: string, remote: Remote): Promise<Lease> {
  for (let tried = 1; ; tried++) {
    try {
      return await Lease.take(remote.shelf, `data-${hashOfName(name)}`, remote.scratch);
    } catch (error) {
      if (!(error instanceof RepriseError) || error.code !== "REMOTE_BUSY" || tried === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS * Math.random() * tried));
    }
  }
}

async function pushOne(version: DataVersion, options: PushDataOptions, lease: Lease): Promise<PushedData> {
  const { remote } = options;
  const named = { data: refOf(version), manifest: version.manifest };
  const known = { ...named, state: "known", objects: 0, bytes: 0 } as const;
  if (await isThere(version, remote)) return known;
  const described = describe(version, options);
  const sent = await pushObjects(version, described, options, lease);
  // Two who push other data under one number: one after the other, and the second one sees the first.
  const ours = await claim(version.name, remote);
  try {
    await lease.hold();
    if (await isThere(version, remote)) return { ...known, ...sent };
    await ours.hold();
    await remote.writeText(fileOfVersion(version), JSON.stringify(described));
    return { ...named, state: "new", ...sent };
  } finally {
    await ours.release();
  }
}

/**
 * Versions of data to a remote: their content first, what names them last, so that what breaks off is no version there and
 * is gone on from. Throws DATA_CONFLICT, with nothing sent, where one of the numbers is other data there.
 */
export async function pushData(versions: readonly DataVersion[], options: PushDataOptions): Promise<PushedData[]> {
  const { remote, as } = options;
  const named = versions.map((version) => (as === undefined ? version : { ...version, name: as }));
  await remote.make();
  const lease = await Lease.take(remote.shelf, "push", remote.scratch);
  try {
    for (const version of named) await isThere(version, remote);
    const pushed: PushedData[] = [];
    for (const version of named) pushed.push(await pushOne(version, options, lease));
    return pushed;
  } finally {
    await lease.release();
  }
}
