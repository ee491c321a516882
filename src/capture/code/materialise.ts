import { constants, copyFileSync, existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isUnknown, type Known, knownOr, RepriseError } from "#record";
import { type ProgramResult, runProgram } from "../program.ts";
import { gitEnvironment, gitPath, openGit, tamedArguments } from "./git.ts";
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
  const must = async (argv: readonly string[], input?: Uint8Array): Promise<Buffer> => {
    const result = await plainGit(into, env, argv, input);
    if (result.code === 0) return result.stdout;
    throw missing(commit, original, result.stderr.trim().split("\n").at(-1) ?? "git failed");
  };
  await must(["read-tree", "--reset", commit]);
  const sparse = await sparseFiles(original, env);
  const absent = await absentFiles(must);
  const left = [...new Set([...sparse, ...absent])];
  if (left.length > 0) await must(["update-index", "-z", "--skip-worktree", "--stdin"], Buffer.from(left.join("\0")));
  await must(["checkout-index", "--all", "--force", "--quiet", "--index"]);
  const warnings = copyAbsent(
    absent.filter((path) => !sparse.has(path)),
    original,
    into,
  );
  return [...warnings, ...(await restoreLargeFiles(repository, original, into, env))];
}

/** Files that a sparse checkout leaves out of the original's work tree: the run did not have them either. */
async function sparseFiles(original: string, env: Env): Promise<ReadonlySet<string>> {
  const git = await openGit(original, env);
  const listed = isUnknown(git) ? git : await git.run("ls-files", "-t", "-z");
  if (isUnknown(listed)) return new Set();
  const entries = listed.toString("utf8").split("\0");
  return new Set(entries.filter((entry) => entry.startsWith("S ")).map((entry) => entry.slice(2)));
}

/** Files of the index whose content a partial clone does not have. */
async function absentFiles(must: (argv: readonly string[], input?: Uint8Array) => Promise<Buffer>): Promise<string[]> {
  const entries = (await must(["ls-files", "--stage", "-z"])).toString("utf8").split("\0");
  const files = entries.flatMap((entry) => {
    const [mode, name] = entry.split(" ", 2);
    const path = entry.slice(entry.indexOf("\t") + 1);
    return mode === undefined || name === undefined || mode === "160000" ? [] : [{ name, path }];
  });
  if (files.length === 0) return [];
  const names = Buffer.from(files.map((file) => `${file.name}\n`).join(""));
  const told = (await must(["cat-file", "--batch-check=%(objecttype)"], names)).toString("utf8").split("\n");
  return files.filter((_, i) => told[i]?.endsWith(" missing") === true).map((file) => file.path);
}

/** Committed content that git cannot give comes from the original's work tree, where it lies unchanged if at all. */
function copyAbsent(paths: readonly string[], original: string, into: string): string[] {
  return paths.flatMap((path): string[] => {
    const [from, to] = [join(original, path), join(into, path)];
    if (lstatSync(from, { throwIfNoEntry: false })?.isFile() !== true) return [];
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
    return [`${path}: its committed content is not in the repository; taken from the work tree as it is now`];
  });
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
