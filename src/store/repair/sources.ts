import { copyFileSync, statSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { type Digest, isUnknown, knownOr, type RunRecord } from "#record";
import { DiskObjects } from "../objects/disk-objects.ts";
import { hashFile } from "../objects/hashing-copy.ts";
import { settle } from "../settle.ts";

/** Where a good copy of an object may be had. */
export interface ObjectSource {
  /** For messages. */
  readonly name: string;
  /** Writes what it has under that digest into a new file; false when it has nothing. It is checked again afterwards. */
  fetch(digest: Digest, into: string): boolean | Promise<boolean>;
}

/** Whether it could be done. */
const attempt = (work: () => void): boolean => {
  try {
    work();
    return true;
  } catch {
    return false;
  }
};

/** The objects of another store folder; its database is not needed. Throws STORE_MISSING, STORE_NOT_A_STORE, STORE_NEWER. */
export function storeSource(folder: string): ObjectSource {
  const objects = new DiskObjects(settle(resolve(folder), { create: false, readonly: true }, () => {}));
  return {
    name: folder,
    fetch: (digest, into) => attempt(() => objects.readTo(digest, into, 0o600)),
  };
}

/** A file that had some content once. */
export interface FilePlace {
  readonly path: string;
  readonly digest: Digest;
  /** null: not known. */
  readonly bytes: number | null;
}

/** The files that runs read and wrote, where they lay then. */
export function* filesOfRuns(records: Iterable<RunRecord>): Iterable<FilePlace> {
  for (const { command, inputs, outputs, code } of records) {
    const saved = isUnknown(code) ? [] : code.kind === "snapshot" ? code.files : code.untracked;
    for (const { path, digest, bytes } of [...knownOr(inputs, []), ...knownOr(outputs, []), ...saved]) {
      if (isUnknown(digest)) continue;
      yield { path: isAbsolute(path) ? path : join(command.project, path), digest, bytes: knownOr(bytes, null) };
    }
  }
}

/** Files that had the content once: whichever still has it. */
export function fileSource(files: Iterable<FilePlace>): ObjectSource {
  const places = new Map<Digest, Map<string, FilePlace>>();
  for (const place of files) {
    const known = places.get(place.digest) ?? new Map<string, FilePlace>();
    known.set(place.path, place);
    places.set(place.digest, known);
  }
  const has = ({ path, bytes, digest }: FilePlace): boolean => {
    try {
      const stat = statSync(path);
      return stat.isFile() && (bytes === null || stat.size === bytes) && hashFile(path).digest === digest;
    } catch {
      return false;
    }
  };
  return {
    name: "the files where they lay when they were recorded",
    fetch: (digest, into) => {
      for (const place of places.get(digest)?.values() ?? []) {
        if (has(place) && attempt(() => copyFileSync(place.path, into))) return true;
      }
      return false;
    },
  };
}
