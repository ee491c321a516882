import { constants, copyFileSync, existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isUnknown, type Known, knownOr, RepriseError } from "#record";
import { type ProgramResult, runProgram } from "../program.ts";
import { gitEnvironment, gitPath, tamedArguments } from "./git.ts";
import { openRepository, type Repository, settingOf } from "./repository.ts";
import { digestFile } from "./saver.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Settings of the original that decide which bytes a checkout writes. */
const KEPT_SETTINGS = ["autocrlf", "eol", "symlinks", "ignorecase", "precomposeunicode", "filemode"];

/**
 * Checks a commit out into a folder that becomes a repository of its own with the same HEAD. Only the objects are taken
 * from the original, by reading (git calls them alternates); its configuration, hooks and filters have no say here.
 */
export async function materialise(
  commit: string,
  branch: Known<string>,
  original: string,
  into: string,
  env: Env,
): Promise<string[]> {
  const repository = openRepository(original);
  if (repository === null) throw missing(commit, original, "its repository is gone");
  writeRepository(repository, commit, knownOr(branch, null), into);
  const checkout = await plainGit(into, env, ["read-tree", "--reset", "-u", commit]);
  if (checkout.code !== 0) throw missing(commit, original, checkout.stderr.trim().split("\n").at(-1) ?? "git failed");
  return restoreLargeFiles(repository, original, into, env);
}

/** Git with no configuration but ours: neither the user's nor the original's filters run. */
export async function plainGit(
  cwd: string,
  env: Env,
  argv: readonly string[],
  input?: Uint8Array,
): Promise<ProgramResult> {
  const program = gitPath(env);
  if (program === null) {
    throw new RepriseError("CODE_NO_GIT", "missing", "git was not found on PATH.", "Install git, then try again.");
  }
  const environment = {
    ...gitEnvironment(env),
    HOME: "/dev/null",
    XDG_CONFIG_HOME: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_CEILING_DIRECTORIES: cwd,
  };
  const options = { cwd, env: environment, ...(input === undefined ? {} : { input }) };
  return runProgram(program, [...tamedArguments(), ...argv], options);
}

function writeRepository(original: Repository, commit: string, branch: string | null, into: string): void {
  const git = join(into, ".git");
  for (const folder of ["objects/info", "objects/pack", "refs/heads", "refs/tags", "info"]) {
    mkdirSync(join(git, folder), { recursive: true });
  }
  const format = settingOf(original, "extensions", null, "objectformat");
  const kept = KEPT_SETTINGS.map((key) => [key, settingOf(original, "core", null, key)] as const)
    .filter(([, value]) => value !== undefined && /^[a-z0-9]+$/i.test(value))
    .map(([key, value]) => `\t${key} = ${value}\n`);
  const config = [
    `[core]\n\trepositoryformatversion = ${format === undefined ? 0 : 1}\n\tbare = false\n`,
    ...kept,
    ...(format === undefined ? [] : [`[extensions]\n\tobjectFormat = ${format}\n`]),
    "[gc]\n\tauto = 0\n",
  ];
  writeFileSync(join(git, "config"), config.join(""));
  writeFileSync(join(git, "objects/info/alternates"), `${join(original.commonDir, "objects")}\n`);
  const shallow = join(original.commonDir, "shallow");
  if (existsSync(shallow)) copyFileSync(shallow, join(git, "shallow"));
  if (branch === null || !isPlainBranch(branch)) {
    writeFileSync(join(git, "HEAD"), `${commit}\n`);
    return;
  }
  mkdirSync(join(git, "refs/heads", branch, ".."), { recursive: true });
  writeFileSync(join(git, "refs/heads", branch), `${commit}\n`);
  writeFileSync(join(git, "HEAD"), `ref: refs/heads/${branch}\n`);
}

function isPlainBranch(branch: string): boolean {
  return /^[\w][\w.+@-]*(?:\/[\w][\w.+@-]*)*$/.test(branch) && !branch.includes("..") && !/\.lock(?:\/|$)/.test(branch);
}

const POINTER = /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n(?:.*\n)*?oid sha256:([0-9a-f]{64})\n/;

/** Git LFS keeps pointers in the commit; the content lies in the original's own store or work tree. */
async function restoreLargeFiles(repository: Repository, original: string, into: string, env: Env): Promise<string[]> {
  const attributes = await plainGit(into, env, [
    "grep",
    "-l",
    "-z",
    "--no-textconv",
    "filter=lfs",
    "--",
    "*.gitattributes",
    ".gitattributes",
  ]);
  if (attributes.code !== 0) return [];
  const listed = await plainGit(into, env, ["ls-files", "-z"]);
  const warnings: string[] = [];
  for (const path of listed.stdout.toString("utf8").split("\0")) {
    const file = join(into, path);
    const stat = path === "" ? undefined : lstatSync(file, { throwIfNoEntry: false });
    if (stat?.isFile() !== true || stat.size > 1024) continue;
    const oid = POINTER.exec(readFileSync(file, "utf8"))?.[1];
    if (oid === undefined) continue;
    const stored = join(repository.commonDir, "lfs/objects", oid.slice(0, 2), oid.slice(2, 4), oid);
    const place = [stored, join(original, path)].find((candidate) => hasContent(candidate, oid));
    if (place === undefined) warnings.push(`${path} is a Git LFS pointer and its content is not on this machine`);
    else copyFileSync(place, file, constants.COPYFILE_FICLONE);
  }
  return warnings;
}

function hasContent(file: string, oid: string): boolean {
  if (lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true) return false;
  const digest = digestFile(file);
  return !isUnknown(digest) && digest === `sha256:${oid}`;
}

function missing(commit: string, original: string, why: string): RepriseError {
  return new RepriseError(
    "CODE_COMMIT_MISSING",
    "missing",
    `Commit ${commit.slice(0, 12)} cannot be had from ${original}: ${why}`,
    `git -C ${original} fetch --all, or restore the repository from its remote`,
  );
}
