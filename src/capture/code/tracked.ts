import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isUnknown } from "#record";
import { openGit } from "./git.ts";
import { parseIndex } from "./git-index.ts";
import type { Project } from "./project.ts";
import { openRepository, settingOf } from "./repository.ts";

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Files that the index of the project's repository names, those of its submodules
 * too, relative to the project; none outside git.
 */
export async function trackedFiles(project: Project, env: Env): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  if (project.kind === "git") await addTracked(project.root, "", env, names);
  return names;
}

async function addTracked(root: string, prefix: string, env: Env, names: Set<string>): Promise<void> {
  const repository = openRepository(root);
  if (repository === null) return;
  const sha256 = settingOf(repository, "extensions", null, "objectformat")?.toLowerCase() === "sha256";
  let bytes: Buffer;
  try {
    bytes = readFileSync(join(repository.gitDir, "index"));
  } catch {
    return;
  }
  const index = parseIndex(bytes, sha256);
  // Rare forms of the index are for git itself to read.
  for (const name of index?.files ?? (await listedByGit(root, env))) names.add(prefix + name);
  for (const link of index?.links ?? []) await addTracked(join(root, link), `${prefix}${link}/`, env, names);
}

async function listedByGit(root: string, env: Env): Promise<string[]> {
  const git = await openGit(root, env);
  if (isUnknown(git)) return [];
  const listed = await git.run("ls-files", "-z", "--recurse-submodules");
  if (isUnknown(listed)) return [];
  const names = listed.toString("utf8").split("\0");
  return names.filter((name) => name !== "");
}
