import { createHash } from "node:crypto";
import { type Digest, digestFromHex, digestHex, isDigest } from "#record";
import { type DataVersion, isDataName } from "#store";
import { type ManifestFile, refused } from "../manifest.ts";

const FORMAT = "reprise/remote-data@1";
const FILE = /^data\/([0-9a-f]{64})\/([1-9]\d{0,8})\.([0-9a-f]{64})\.json$/;

/** What the name alone of a description says: which version of which data is there, and which content that is. */
export interface DataName {
  readonly file: string;
  /** SHA-256 of the name: a name may be too long for a file, and case may not count there. */
  readonly name: string;
  readonly version: number;
  readonly manifest: Digest;
}

/** What a remote says of one version of data (docs/format/remote.md). What it names proves itself by its digest. */
export interface DataDescription extends Pick<DataVersion, "name" | "version" | "kind" | "entries" | "bytes" | "at"> {
  readonly format: typeof FORMAT;
  /** In its project, where it lay in one: "data/pets". */
  readonly path: string | null;
  readonly host: string;
  readonly manifest: ManifestFile;
  readonly parts: readonly ManifestFile[];
}

export const hashOfName = (name: string): string => createHash("sha256").update(name, "utf8").digest("hex");

export function fileOfVersion({ name, version, manifest }: Pick<DataVersion, "name" | "version" | "manifest">): string {
  return `data/${hashOfName(name)}/${version}.${digestHex(manifest)}.json`;
}

/** null: no name that a push gives. */
export function parseDataName(file: string): DataName | null {
  const [, name = "", version, manifest = ""] = FILE.exec(file) ?? [];
  return version === undefined ? null : { file, name, version: Number(version), manifest: digestFromHex(manifest) };
}

export const descriptionOf = (fields: Omit<DataDescription, "format">): DataDescription => ({
  format: FORMAT,
  ...fields,
});

const isText = (value: unknown): value is string => typeof value === "string";
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function isFile(value: unknown): value is ManifestFile {
  if (typeof value !== "object" || value === null) return false;
  const { digest, bytes } = value as Record<string, unknown>;
  return isText(digest) && isDigest(digest) && isCount(bytes);
}

function tableIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // said below
  }
  return {};
}

/** The description in a text, every field of its kind, and of what its name says. Throws REMOTE_CORRUPT, REMOTE_NEWER. */
export function parseDescription(text: string, at: DataName, where: string): DataDescription {
  const value = tableIn(text);
  const { format, name, version, kind, entries, bytes, at: when, path, host, manifest, parts } = value;
  if (format !== FORMAT && isText(format) && /^reprise\/remote-data@\d+$/.test(format))
    throw refused(
      "REMOTE_NEWER",
      `${where}: data there was pushed by a newer Reprise (${format})`,
      "npm install --global reprise@latest",
    );
  const damaged = (why: string): Error => refused("REMOTE_CORRUPT", `${where}: ${at.file} ${why}`);
  if (format !== FORMAT) throw damaged("describes no data");
  const isNamed = isText(name) && isDataName(name) && hashOfName(name) === at.name && version === at.version;
  if (!isNamed || !isFile(manifest) || manifest.digest !== at.manifest) throw damaged("is of other data");
  const isWhole = isCount(entries) && isCount(bytes) && isText(when) && !Number.isNaN(Date.parse(when)) && isText(host);
  if (!isWhole || (kind !== "file" && kind !== "folder") || (path !== null && !isText(path)))
    throw damaged("is damaged");
  if (!Array.isArray(parts) || !parts.every(isFile)) throw damaged("has no proper parts");
  return descriptionOf({ name, version: at.version, kind, entries, bytes, at: when, path, host, manifest, parts });
}
