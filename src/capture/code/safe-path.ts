import { lstatSync, mkdirSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";

/** May a file of a record be written under this name? No way out of the folder, and nothing inside a repository's own. */
export function isSafePath(path: string): boolean {
  if (path === "" || path.includes("\0") || path.startsWith("/") || /^[A-Za-z]:/.test(path)) return false;
  return path.split(/[/\\]/).every((part) => part !== "" && part !== "." && part !== ".." && !isGitName(part));
}

/** ".git" in any spelling that some file system takes for it. */
function isGitName(part: string): boolean {
  const bare = part.replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, "").toLowerCase();
  return /^(?:\.git|git~\d)[. ]*(?::.*)?$/.test(bare);
}

/** Makes the folders above a file, none of which may be a link. False when one is. */
export function makeParents(root: string, path: string): boolean {
  const parent = dirname(path);
  if (parent === ".") return true;
  let folder = root;
  for (const part of parent.split("/")) {
    folder = join(folder, part);
    const stat = lstatSync(folder, { throwIfNoEntry: false });
    if (stat === undefined) mkdirSync(folder);
    else if (!stat.isDirectory()) return false;
  }
  return true;
}

/** Does a link at `path` with this target lead out of the root? */
export function leadsOut(root: string, path: string, target: string): boolean {
  const end = resolve(root, dirname(path), target);
  return end !== root && !end.startsWith(root + sep);
}
