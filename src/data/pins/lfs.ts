import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Digest, digestHex } from "#record";
import type { Pin } from "./pin.ts";

const POINTER =
  /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n(?:ext-[^\n]*\n)*oid sha256:([0-9a-f]{64})\nsize (\d+)\n$/;
const MOST_POINTER_BYTES = 1024;

/** Where Git LFS keeps this content here, if it does: its names are SHA-256 too. */
export function lfsObject(project: string, digest: Digest): string {
  const hex = digestHex(digest);
  return join(project, ".git/lfs/objects", hex.slice(0, 2), hex.slice(2, 4), hex);
}

/** The oid in a file that is a pointer still; null: it is none. */
function pointerIn(path: string): string | null {
  try {
    if (statSync(path).size > MOST_POINTER_BYTES) return null;
    return POINTER.exec(readFileSync(path, "utf8"))?.[1] ?? null;
  } catch {
    return null;
  }
}

/** Whether a project uses Git LFS at all: thousands of inputs need not be asked. */
export function usesLfs(project: string): boolean {
  if (existsSync(join(project, ".git/lfs"))) return true;
  try {
    return readFileSync(join(project, ".gitattributes"), "utf8").includes("filter=lfs");
  } catch {
    return false;
  }
}

/**
 * A file that Git LFS keeps: its repository has the content under the digest that the run read. A file that is a pointer
 * still is the trap of LFS: the run read a line of text in the place of its data.
 */
export function lfsPin(project: string, path: string, digest: Digest): Pin | null {
  const pointer = pointerIn(join(project, path));
  const named = { path, tool: "git-lfs", by: ".git/lfs" } as const;
  if (pointer !== null)
    return {
      ...named,
      identity: `sha256:${pointer}`,
      agrees: false,
      note: "the run read the pointer, not the data: git lfs pull",
    };
  return existsSync(lfsObject(project, digest)) ? { ...named, identity: digest, agrees: true } : null;
}
