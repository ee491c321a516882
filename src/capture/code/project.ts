import { existsSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

export interface Project {
  /** Absolute, links resolved. */
  readonly root: string;
  readonly kind: "git" | "folder";
}

/**
 * The project that a folder belongs to: the git work tree around it, else the folder itself. A repository that is the
 * home folder (dotfiles) or the root of the disk is no project of what lies deeper.
 */
export function findProject(cwd: string, home: string = homedir()): Project {
  const start = realpathSync(cwd);
  const realHome = existsSync(home) ? realpathSync(home) : home;
  for (let folder = start; ; folder = dirname(folder)) {
    const outer = folder === realHome || folder === dirname(folder);
    if (outer && folder !== start) break;
    if (isWorkTree(folder)) return { root: folder, kind: "git" };
    if (outer) break;
  }
  return { root: start, kind: "folder" };
}

/** A project given by its root alone. */
export function projectAt(project: string | Project): Project {
  if (typeof project !== "string") return project;
  return { root: project, kind: isWorkTree(project) ? "git" : "folder" };
}

function isWorkTree(folder: string): boolean {
  const git = join(folder, ".git");
  const stat = statSync(git, { throwIfNoEntry: false });
  if (stat === undefined) return false;
  return stat.isFile() || (stat.isDirectory() && existsSync(join(git, "HEAD")));
}
