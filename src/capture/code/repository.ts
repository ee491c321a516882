import { existsSync, readFileSync, realpathSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { type GitSetting, parseGitConfig } from "./git-config.ts";

/** What the files of a repository say, read without starting git. */
export interface Repository {
  readonly root: string;
  /** The folder of this work tree: index, HEAD. */
  readonly gitDir: string;
  /** The folder with objects and refs; the same unless it is a linked work tree. */
  readonly commonDir: string;
  readonly settings: readonly GitSetting[];
  /** The configuration takes in other files, which only git can follow. */
  readonly includes: boolean;
}

/** null when the files do not make sense; git will say why. */
export function openRepository(root: string): Repository | null {
  const gitDir = gitDirOf(root);
  if (gitDir === null) return null;
  const common = readText(join(gitDir, "commondir"))?.trim();
  const commonDir = common === undefined ? gitDir : resolve(gitDir, common);
  const settings = [join(commonDir, "config"), join(gitDir, "config.worktree")].flatMap((file) =>
    parseGitConfig(readText(file) ?? ""),
  );
  const includes = settings.some(({ section }) => section === "include" || section === "includeif");
  return { root, gitDir, commonDir, settings, includes };
}

function gitDirOf(root: string): string | null {
  const git = join(root, ".git");
  if (existsSync(join(git, "HEAD"))) return realpathSync(git);
  const target = /^gitdir: (.+?)\s*$/m.exec(readText(git) ?? "")?.[1];
  if (target === undefined) return null;
  const folder = isAbsolute(target) ? target : resolve(root, target);
  return existsSync(join(folder, "HEAD")) ? realpathSync(folder) : null;
}

/** The last one wins, as in git. */
export function settingOf(
  repository: Repository,
  section: string,
  subsection: string | null,
  key: string,
): string | undefined {
  return repository.settings.findLast(
    (setting) => setting.section === section && setting.subsection === subsection && setting.key === key,
  )?.value;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
