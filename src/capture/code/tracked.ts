import { isUnknown } from "#record";
import { openGit } from "./git.ts";
import type { Project } from "./project.ts";

/**
 * Files that the index of the project's repository names, those of its submodules
 * too, relative to the project; none outside git.
 */
export async function trackedFiles(
  project: Project,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ReadonlySet<string>> {
  if (project.kind === "folder") return new Set();
  const git = await openGit(project.root, env);
  if (isUnknown(git)) return new Set();
  const listed = await git.run("ls-files", "-z", "--recurse-submodules");
  return isUnknown(listed)
    ? new Set()
    : new Set(
        listed
          .toString("utf8")
          .split("\0")
          .filter((name) => name !== ""),
      );
}
