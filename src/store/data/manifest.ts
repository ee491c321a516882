import { type Digest, isDigest, RepriseError } from "#record";
import type { Objects } from "../objects/objects.ts";
import { type DataEntry, decodeEntry, encodeEntry } from "./entry.ts";
import { comparePaths } from "./order.ts";

const FORMAT = "reprise/data@1";
/** A part ends after an entry whose name says so: versions that differ in few files share most parts. */
const PART_BITS = 11;
const MOST_IN_PART = 1 << 14;

export interface Manifest {
  readonly kind: "file" | "folder";
  readonly entries: number;
  /** Of all files together. */
  readonly bytes: number;
  readonly parts: readonly { readonly digest: Digest; readonly entries: number }[];
}

/** Entries come in the order of comparePaths; nothing of it counts before `finish`. */
export interface ManifestWriter {
  add(entry: DataEntry): void;
  /** Durable on return. */
  finish(): { readonly digest: Digest; readonly entries: number; readonly bytes: number };
}

/** FNV-1a. */
function endsPart(path: string): boolean {
  let hash = 0x811c9dc5;
  for (let at = 0; at < path.length; at++) hash = Math.imul(hash ^ path.charCodeAt(at), 0x01000193);
  return hash >>> (32 - PART_BITS) === 0;
}

export function manifestWriter(objects: Objects, kind: Manifest["kind"]): ManifestWriter {
  const batch = objects.batch();
  const parts: { digest: Digest; entries: number }[] = [];
  let lines: string[] = [];
  let last: string | null = null;
  const total = { entries: 0, bytes: 0 };
  const endPart = (): void => {
    if (lines.length > 0) parts.push({ digest: batch.put(lines.join("")), entries: lines.length });
    lines = [];
  };
  return {
    add(entry) {
      if (last !== null && comparePaths(last, entry.path) >= 0 && entry.raw === undefined)
        throw new RepriseError("INTERNAL", "internal", `entries of data out of order: ${last}, ${entry.path}`);
      last = entry.path;
      lines.push(encodeEntry(entry));
      total.entries += 1;
      total.bytes += entry.bytes;
      if (lines.length >= MOST_IN_PART || endsPart(entry.path)) endPart();
    },
    finish() {
      endPart();
      batch.flush();
      const digest = objects.put(`${JSON.stringify({ format: FORMAT, kind, ...total, parts })}\n`);
      return { digest, ...total };
    },
  };
}

const invalid = (digest: Digest, why: string): RepriseError =>
  new RepriseError("DATA_INVALID", "storage", `the version of data ${digest} cannot be read: ${why}`, "reprise fsck");

const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

const isPart = (part: unknown): part is Manifest["parts"][number] =>
  typeof part === "object" &&
  part !== null &&
  "digest" in part &&
  typeof part.digest === "string" &&
  isDigest(part.digest) &&
  "entries" in part &&
  isCount(part.entries);

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

const textOf = (objects: Objects, digest: Digest): string => Buffer.from(objects.read(digest)).toString("utf8");

/** Throws DATA_INVALID, DATA_NEWER, STORE_MISSING_OBJECT, STORE_CORRUPT_OBJECT. */
export const readManifest = (objects: Objects, digest: Digest): Manifest =>
  parseDataManifest(textOf(objects, digest), digest);

/** The manifest in a text. Throws DATA_INVALID, DATA_NEWER. */
export function parseDataManifest(text: string, digest: Digest): Manifest {
  const head = parsed(text);
  if (head === null) throw invalid(digest, "it is no manifest");
  const { format, kind, entries, bytes, parts } = head;
  if (format !== FORMAT && typeof format === "string" && /^reprise\/data@\d+$/.test(format))
    throw new RepriseError(
      "DATA_NEWER",
      "storage",
      `the version of data ${digest} was written by a newer Reprise (${format})`,
      "npm install --global reprise@latest",
    );
  if (format !== FORMAT) throw invalid(digest, "it is no manifest");
  if ((kind !== "file" && kind !== "folder") || !isCount(entries) || !isCount(bytes))
    throw invalid(digest, "its head is damaged");
  if (!Array.isArray(parts) || !parts.every(isPart)) throw invalid(digest, "its parts are damaged");
  return { kind, entries, bytes, parts };
}

/** In the order of paths, a part at a time in memory. */
export function* manifestEntries(objects: Objects, digest: Digest): Iterable<DataEntry> {
  for (const part of readManifest(objects, digest).parts)
    yield* partEntries(textOf(objects, part.digest), part, digest);
}

/** Those of one part of a manifest. Throws DATA_INVALID. */
export function* partEntries(text: string, part: Manifest["parts"][number], digest: Digest): Iterable<DataEntry> {
  const lines = text.split("\n");
  if (lines.pop() !== "" || lines.length !== part.entries) throw invalid(digest, `the part ${part.digest} is cut off`);
  for (const line of lines) {
    const entry = decodeEntry(line);
    if (entry === null) throw invalid(digest, `the part ${part.digest} has a line that is no entry`);
    yield entry;
  }
}

/** Every object that must be there for this version to be whole. */
export function* objectsOfManifest(objects: Objects, digest: Digest): Iterable<Digest> {
  yield digest;
  for (const part of readManifest(objects, digest).parts) yield part.digest;
  for (const entry of manifestEntries(objects, digest)) if (entry.digest !== null) yield entry.digest;
}
