import { lstatSync, readdirSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { type Digest, digestHex } from "#record";
import type { Pin } from "./pin.ts";

/** The cache of the Hugging Face hub: FOLDER/models--ORG--NAME/snapshots/REVISION/…, links to FOLDER/…/blobs/ETAG. */
const PLACE = /^(.*\/((?:models|datasets|spaces)--[^/]+))\/(snapshots|blobs)\/([^/]+)(?:\/(.+))?$/;

function repositoryOf(folder: string): string {
  const [kind = "", ...name] = folder.split("--");
  return (kind === "models" ? "" : `${kind}/`) + name.join("/");
}

/** Where a link leads; null for a file that is none. */
function blobOf(path: string): string | null {
  try {
    return lstatSync(path).isSymbolicLink() ? basename(readlinkSync(path)) : null;
  } catch {
    return null;
  }
}

/** The first snapshot in which a blob has a name: some programs open the real path. */
function snapshotOf(repo: string, blob: string): string | null {
  const look = (folder: string, prefix: string): string | null => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const inside = join(folder, entry.name);
      const found = entry.isDirectory()
        ? look(inside, `${prefix}${entry.name}/`)
        : blobOf(inside) === blob
          ? prefix + entry.name
          : null;
      if (found !== null) return found;
    }
    return null;
  };
  try {
    for (const revision of readdirSync(join(repo, "snapshots"))) {
      const name = look(join(repo, "snapshots", revision), "");
      if (name !== null) return `@${revision} ${name}`;
    }
  } catch {
    // Gone meanwhile.
  }
  return null;
}

/** Large files are known by their SHA-256, small ones by git's SHA-1. */
const isSha256 = (id: string): boolean => /^[0-9a-f]{64}$/.test(id);

export function hubPin(path: string, digest: Digest): Pin | null {
  const [, repo, folder, kind, id, rest] = PLACE.exec(path) ?? [];
  if (repo === undefined || folder === undefined || id === undefined) return null;
  const blob = kind === "blobs" ? id : blobOf(path);
  const where = kind === "blobs" ? (snapshotOf(repo, id) ?? ` blob ${id}`) : `@${id} ${rest ?? ""}`;
  const named = { path, tool: "huggingface", identity: repositoryOf(folder) + where, by: repo } as const;
  if (blob === null || !isSha256(blob))
    return {
      ...named,
      agrees: null,
      note: blob === null ? "a copy: the cache has no checksum of it" : "known by git's id",
    };
  if (blob === digestHex(digest)) return { ...named, agrees: true };
  return { ...named, agrees: false, note: "its content is not what the hub's checksum says" };
}
