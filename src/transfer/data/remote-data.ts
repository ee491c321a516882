import { existsSync, readFileSync, rmSync } from "node:fs";
import { type Digest, RepriseError } from "#record";
import { type DataEntry, type DataManifest, parseDataManifest, partEntries } from "#store";
import { type ManifestFile, refused } from "../manifest.ts";
import type { Remote } from "../remote/remote.ts";
import { type DataDescription, type DataName, hashOfName, parseDataName, parseDescription } from "./description.ts";

const MOST_DESCRIPTION = 64 * 2 ** 20;
/** Of a manifest, and of one part of it: 16384 entries at most, with the longest names that there are. */
const MOST_TEXT = 128 * 2 ** 20;

/** The versions of data that are there, by number; of all names, or of one. */
export async function dataThere(remote: Remote, name?: string): Promise<DataName[]> {
  const found = await remote.contents.list(name === undefined ? "data/" : `data/${hashOfName(name)}/`);
  return found.flatMap(({ name: file }) => parseDataName(file) ?? []).sort((a, b) => a.version - b.version);
}

/** Throws DATA_CONFLICT where a number is two things: what one of two pushes left that broke off at the same moment. */
export function checkSingle(there: readonly DataName[], remote: Remote, shown: string): void {
  const [one, other] = there;
  if (one === undefined || other === undefined) return;
  throw new RepriseError(
    "DATA_CONFLICT",
    "storage",
    `${remote.name} has two of ${shown}: ${there.map(({ manifest }) => manifest).join(", ")}`,
    `remove one of them there: ${one.file}, ${other.file}`,
  );
}

export async function describedData(remote: Remote, at: DataName): Promise<DataDescription> {
  const text = await remote.text(at.file, MOST_DESCRIPTION);
  if (text === null) throw refused("REMOTE_MISSING", `${remote.name}: ${at.file} is gone`, "try again");
  return parseDescription(text, at, remote.name);
}

/** What is read as one text is bounded. */
function checkLength({ digest, bytes }: ManifestFile): void {
  if (bytes > MOST_TEXT) throw refused("REMOTE_CORRUPT", `${digest} has ${bytes} bytes`);
}

async function textOf(remote: Remote, object: ManifestFile): Promise<string> {
  checkLength(object);
  const path = remote.fresh();
  try {
    await remote.readTo([{ ...object, path }]);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  } finally {
    rmSync(path, { force: true });
  }
}

/** The manifest that a description stands for. Throws REMOTE_CORRUPT where the two do not say the same. */
export async function manifestThere(remote: Remote, described: DataDescription): Promise<DataManifest> {
  const { manifest: object, kind, entries, bytes, parts, name, version } = described;
  parts.forEach(checkLength);
  const manifest = parseDataManifest(await textOf(remote, object), object.digest);
  const isSame =
    manifest.kind === kind &&
    manifest.entries === entries &&
    manifest.bytes === bytes &&
    manifest.parts.length === parts.length &&
    manifest.parts.every(({ digest }, index) => digest === parts[index]?.digest);
  if (!isSame) throw refused("REMOTE_CORRUPT", `${remote.name}: ${name}@${version} is not what its manifest says`);
  return manifest;
}

/** The entries of one part, read there. */
export async function entriesThere(
  remote: Remote,
  part: DataManifest["parts"][number],
  bytes: number,
  manifest: Digest,
): Promise<Iterable<DataEntry>> {
  return partEntries(await textOf(remote, { digest: part.digest, bytes }), part, manifest);
}
