import { type Dirent, lstatSync, readdirSync } from "node:fs";
import { isSkippedName } from "./skip.ts";

interface TreeEntry {
  readonly size: number;
  /** Milliseconds with their fraction: doubles keep a quarter of a microsecond, more than kernels stamp. */
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly birthtimeMs: number;
  readonly ino: number;
  /** Type and permissions as lstat gives them: links are entries of their own and not followed. */
  readonly mode: number;
}

/** What lies in a project, by name relative to its root with "/" between parts. */
export interface TreeScan {
  readonly files: ReadonlyMap<string, TreeEntry>;
  readonly folders: readonly string[];
  /** What was not looked at, and why. */
  readonly left: readonly { readonly path: string; readonly reason: string }[];
}

export interface ScanOptions {
  /** Names relative to the root that are not entered. */
  readonly skip?: ReadonlySet<string>;
  readonly mostEntries?: number;
}

export interface TreeChange {
  readonly created: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

const MOST_ENTRIES = 200_000;
/** Caches that frameworks put below a project when told to. */
const FRAMEWORK_CACHE =
  /(?:^|\/)\.cache\/(?:huggingface|torch|pip|uv|matplotlib|pypoetry|yarn|npm|fontconfig|mesa_shader_cache)$/;

/** Looks at every file of a project, nearest first, without following links. Environments and caches are passed over. */
export function scanTree(root: string, { skip = new Set(), mostEntries = MOST_ENTRIES }: ScanOptions = {}): TreeScan {
  const files = new Map<string, TreeEntry>();
  const folders: string[] = [];
  const left: { path: string; reason: string }[] = [];
  let level = [""];
  let entries = 0;
  while (level.length > 0) {
    const deeper: string[] = [];
    for (const folder of level) {
      if (entries >= mostEntries) {
        left.push({ path: folder === "" ? "." : folder.slice(0, -1), reason: `more than ${mostEntries} entries` });
        continue;
      }
      const listed = listOf(`${root}/${folder}`);
      if (listed === null) {
        left.push({ path: folder === "" ? "." : folder.slice(0, -1), reason: "not readable" });
        continue;
      }
      if (folder !== "") {
        if (isEnvironment(listed)) continue;
        folders.push(folder.slice(0, -1));
      }
      for (const item of listed) {
        entries++;
        const { name } = item;
        if (isSkippedName(name)) continue;
        const path = folder + name;
        if (skip.has(path)) continue;
        if (item.isDirectory()) {
          if (!FRAMEWORK_CACHE.test(path)) deeper.push(`${path}/`);
          continue;
        }
        if (!item.isFile() && !item.isSymbolicLink()) continue;
        const stat = lstatSync(`${root}/${path}`, { throwIfNoEntry: false });
        if (stat === undefined) continue;
        const { size, mtimeMs, ctimeMs, birthtimeMs, ino, mode } = stat;
        files.set(path, { size, mtimeMs, ctimeMs, birthtimeMs, ino, mode });
      }
    }
    level = deeper;
  }
  return { files, folders, left };
}

function listOf(folder: string): Dirent[] | null {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return null;
  }
}

function isEnvironment(listed: readonly Dirent[]): boolean {
  return listed.some((item) => item.name === "pyvenv.cfg" || item.name === "conda-meta");
}

/** Files that came, may have changed, or went. A new inode or change time is enough to look again: digests decide. */
export function diffTrees(before: TreeScan, after: TreeScan): TreeChange {
  const created: string[] = [];
  const changed: string[] = [];
  for (const [path, now] of after.files) {
    const then = before.files.get(path);
    if (then === undefined) created.push(path);
    else if (
      then.size !== now.size ||
      then.mtimeMs !== now.mtimeMs ||
      then.ctimeMs !== now.ctimeMs ||
      then.ino !== now.ino
    )
      changed.push(path);
  }
  const removed = [...before.files.keys()].filter((path) => !after.files.has(path));
  return { created: created.sort(), changed: changed.sort(), removed: removed.sort() };
}
