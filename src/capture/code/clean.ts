import { existsSync } from "node:fs";
import { join } from "node:path";
import { isUnknown, type Known, RepriseError } from "#record";
import { openGit } from "./git.ts";
import { type Project, projectAt } from "./project.ts";
import { parseStatus } from "./status.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Refuses a run whose code is not all in a commit (`--require-clean`), naming the paths. */
export async function requireClean(project: string | Project, env: Env = process.env): Promise<void> {
  const { root, kind } = projectAt(project);
  if (kind === "folder") {
    const hint = "git init && git add -A && git commit";
    throw new RepriseError("CODE_DIRTY", "usage", "The code is not in a git repository.", hint);
  }
  const paths = await dirtyPaths(root, "", env);
  if (isUnknown(paths)) {
    throw new RepriseError("CODE_DIRTY", "usage", `Cannot tell whether the code is committed: ${paths.unknown}.`, HINT);
  }
  if (paths.length === 0) return;
  const shown = paths.slice(0, MOST_SHOWN).map((path) => `\n  ${path}`);
  const more = paths.length > MOST_SHOWN ? `\n  … and ${paths.length - MOST_SHOWN} more` : "";
  throw new RepriseError("CODE_DIRTY", "usage", `The code has uncommitted changes:${shown.join("")}${more}`, HINT);
}

const MOST_SHOWN = 20;
const HINT = "git status, then commit or stash; or run without --require-clean";

/** Changed and untracked paths of a repository and its submodules; "(no commit)" when there is none to compare with. */
async function dirtyPaths(root: string, prefix: string, env: Env): Promise<Known<string[]>> {
  const git = await openGit(root, env);
  if (isUnknown(git)) return git;
  const [state, listed] = await Promise.all([
    git.run("status", "--porcelain=v2", "--branch", "--untracked-files=all", "--ignore-submodules=dirty", "-z"),
    existsSync(join(root, ".gitmodules"))
      ? git.run("config", "-z", "-f", ".gitmodules", "--get-regexp", "\\.path$")
      : null,
  ]);
  if (isUnknown(state)) return state;
  const status = parseStatus(state);
  const untracked = status.untracked.filter((path) => !path.startsWith(".reprise/"));
  const paths = [...status.changed.map((file) => file.path), ...untracked].map((path) => prefix + path);
  if (status.commit === null) paths.unshift(`${prefix}(no commit)`);
  const submodules = listed === null || isUnknown(listed) ? [] : listed.toString("utf8").split("\0");
  for (const entry of submodules) {
    const path = entry.slice(entry.indexOf("\n") + 1);
    if (path === "" || path.startsWith("..") || !existsSync(join(root, path, ".git"))) continue;
    const inner = await dirtyPaths(join(root, path), `${prefix}${path}/`, env);
    if (isUnknown(inner)) return inner;
    paths.push(...inner);
  }
  return paths;
}
