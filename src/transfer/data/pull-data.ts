import { join } from "node:path";
import { isSafePath } from "#capture";
import { checkedEntries } from "#data";
import { type Digest, RepriseError } from "#record";
import type { Store } from "#store";
import { type ManifestFile, refused } from "../manifest.ts";
import type { Remote } from "../remote/remote.ts";
import { takeObjects } from "../remote/take.ts";
import type { DataDescription, DataName } from "./description.ts";
import { checkSingle, dataThere, describedData, manifestThere } from "./remote-data.ts";

const PORTION = 2048;

export interface PullDataOptions {
  readonly store: Store;
  readonly remote: Remote;
  /** NAME (its last version there), NAME@N, NAME@~N; empty: all versions of all. */
  readonly refs: readonly string[];
  /** The name that it gets here; its own when left out. */
  readonly as?: string;
  /** Where it is to lie when it is restored: in this folder, and never where others say. */
  readonly project: string;
  readonly onProgress?: (words: string) => void;
}

export interface PulledData {
  /** As it is called here. */
  readonly data: string;
  readonly manifest: Digest;
  readonly kind: "file" | "folder";
  readonly entries: number;
  /** Of all of it; `taken` is what came over. */
  readonly bytes: number;
  readonly host: string;
  readonly source: string;
  readonly state: "new" | "known";
  readonly objects: number;
  readonly taken: number;
}

function unknownData(remote: Remote, ref: string, has: readonly number[]): RepriseError {
  const what = has.length === 0 ? `has no data '${ref}'` : `has no such version as '${ref}': ${has.join(", ")}`;
  return new RepriseError("DATA_UNKNOWN", "missing", `${remote.name} ${what}`, `reprise remote ls ${remote.name}`);
}

/** The versions that a word means. Throws DATA_UNKNOWN, DATA_CONFLICT. */
async function resolveRef(ref: string, remote: Remote): Promise<DataName> {
  const [, name = "", back, number] = /^(.*?)(?:@(~?)(\d{1,9}))?$/s.exec(ref) ?? [];
  const all = await dataThere(remote, name);
  const numbers = [...new Set(all.map(({ version }) => version))];
  const wanted =
    number === undefined ? numbers.at(-1) : back === "~" ? numbers.at(-1 - Number(number)) : Number(number);
  const found = all.filter(({ version }) => version === wanted);
  const [one] = found;
  if (one === undefined) throw unknownData(remote, ref, numbers);
  checkSingle(found, remote, `${name}@${one.version}`);
  return one;
}

async function asked(refs: readonly string[], remote: Remote): Promise<DataName[]> {
  if (refs.length > 0) return Promise.all(refs.map((ref) => resolveRef(ref, remote)));
  const all = await dataThere(remote);
  for (const same of Map.groupBy(all, ({ name, version }) => `${name}@${version}`).values())
    checkSingle(same, remote, `one version of data (${same[0]?.file ?? ""})`);
  return all;
}

/** Where it is put when nothing else is said: never through a link's name, nor into what programs start unasked. */
function placeOf({ path, name }: DataDescription, project: string): string {
  const isPlain = path !== null && isSafePath(path) && !path.split("/").some((part) => part.startsWith("."));
  return join(project, isPlain ? path : name);
}

/** Everything of a version into the store, the names first: what is wrong with them is found before its content is asked for. */
async function takeVersion(described: DataDescription, { store, remote, onProgress }: PullDataOptions) {
  const { name, version, manifest, parts, kind, entries, bytes } = described;
  const shown = `${name}@${version}`;
  await manifestThere(remote, described);
  const heads = await takeObjects([manifest, ...parts], { store, remote });
  const sum = { objects: heads.objects, taken: heads.bytes };
  const counted = { entries: 0, bytes: 0 };
  for (const entry of checkedEntries(store.data.entries(manifest.digest), kind === "file")) {
    counted.entries += 1;
    counted.bytes += entry.bytes;
  }
  if (counted.entries !== entries || counted.bytes !== bytes || (kind === "file" && entries !== 1))
    throw refused("REMOTE_CORRUPT", `${remote.name}: ${shown} does not hold what it says`);
  let done = 0;
  const take = async (files: readonly ManifestFile[]): Promise<void> => {
    onProgress?.(`${shown}: ${Math.round((100 * done) / Math.max(1, bytes))} % of ${bytes} bytes`);
    const got = await takeObjects(files, { store, remote, pieces: true });
    sum.objects += got.objects;
    sum.taken += got.bytes;
    done += files.reduce((all, file) => all + file.bytes, 0);
  };
  let portion: ManifestFile[] = [];
  for (const { digest, bytes: size } of store.data.entries(manifest.digest)) {
    if (digest !== null) portion.push({ digest, bytes: size });
    if (portion.length < PORTION) continue;
    await take(portion);
    portion = [];
  }
  await take(portion);
  return sum;
}

async function pullOne(described: DataDescription, options: PullDataOptions): Promise<PulledData> {
  const { store, project, as } = options;
  const { version, manifest, kind, entries, bytes, host, at } = described;
  const name = as ?? described.name;
  const source = placeOf({ ...described, name }, project);
  const one = { name, version, manifest: manifest.digest, source, at: new Date(at).toISOString() };
  const named = { data: `${name}@${version}`, manifest: manifest.digest, kind, entries, bytes, host, source };
  if (knownHere(store, one)) return { ...named, state: "known", objects: 0, taken: 0 };
  const taken = await takeVersion(described, options);
  return { ...named, state: store.data.take(one) ? "new" : "known", ...taken };
}

/** Whether the store has it. Throws DATA_CONFLICT where it has other data under that number. */
function knownHere(store: Store, wanted: { name: string; version: number; manifest: Digest }): boolean {
  const meaning = store.data.meaning(wanted);
  if (meaning !== null && meaning !== wanted.manifest) {
    const ref = `${wanted.name}@${wanted.version}`;
    throw new RepriseError(
      "DATA_CONFLICT",
      "storage",
      `this store has, or had, another ${ref}; a number is never given to other data, so nothing was pulled`,
      `reprise data pull ${ref} REMOTE --as ANOTHER-NAME`,
    );
  }
  return store.data.list(wanted.name).some(({ version }) => version === wanted.version);
}

/**
 * Versions of data from a remote into a store, under the numbers that they have there. Every byte is checked, every name is;
 * what is here already is not asked for. Throws DATA_CONFLICT, with nothing taken, where a number is other data here.
 */
export async function pullData(options: PullDataOptions): Promise<PulledData[]> {
  const { store, remote, refs, as } = options;
  if (!(await remote.isMade()))
    throw new RepriseError(
      "REMOTE_EMPTY",
      "missing",
      `${remote.name} is no remote of Reprise: nothing was pushed there`,
      `reprise data push ${remote.name}`,
    );
  const names = new Map((await asked(refs, remote)).map((one) => [one.file, one]));
  const described: DataDescription[] = [];
  for (const one of names.values()) described.push(await describedData(remote, one));
  for (const { name, version, manifest } of described)
    knownHere(store, { name: as ?? name, version, manifest: manifest.digest });
  return store.data.addingAsync(async () => {
    const pulled: PulledData[] = [];
    for (const one of described) pulled.push(await pullOne(one, options));
    return pulled;
  });
}

/** What is kept at a remote, for people who look. */
export async function dataAt(remote: Remote): Promise<DataDescription[]> {
  const found: DataDescription[] = [];
  for (const one of await dataThere(remote)) found.push(await describedData(remote, one));
  return found.sort((a, b) => (a.name === b.name ? a.version - b.version : a.name < b.name ? -1 : 1));
}
