import { existsSync, lstatSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type CodeFile, type GitCode, isUnknown, type Known, type Submodule, unknown } from "#record";
import { stripCredentials } from "../redact/location.ts";
import type { Redactor } from "../redact/redactor.ts";
import type { ObjectSink } from "../sink.ts";
import { isEnvironmentDir, isSkippedName } from "../tree/skip.ts";
import { type Git, openGit } from "./git.ts";
import { type Repository, settingOf } from "./repository.ts";
import { createFileSaver, type FileSaver, type SaverOptions } from "./saver.ts";
import { listFolder } from "./snapshot.ts";
import { type GitStatus, parseStatus } from "./status.ts";

export interface CaptureCodeOptions extends SaverOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface Work {
  readonly sink: ObjectSink;
  readonly redactor: Redactor;
  readonly saver: FileSaver;
  readonly options: CaptureCodeOptions;
}

/** What one repository adds: its own state, with names from the project's root. */
interface Part {
  readonly repository: Repository;
  readonly status: GitStatus;
  readonly diff: Buffer;
  readonly staged: Buffer;
  readonly files: readonly CodeFile[];
  readonly submodules: readonly Submodule[];
}

type Changes = NonNullable<GitCode["diff"]>;

export async function captureGit(
  root: string,
  sink: ObjectSink,
  redactor: Redactor,
  options: CaptureCodeOptions,
): Promise<Known<GitCode>> {
  const work: Work = { sink, redactor, options, saver: createFileSaver(sink, redactor, options) };
  const part = await capturePart(root, "", work, 0);
  if (isUnknown(part)) return part;
  const { status, repository } = part;
  const diff = saveDiff(part.diff, root, work);
  const staged = saveDiff(part.staged, root, work);
  const withheld = diff.withheld.map((path) => work.saver.name(root, path, path, "holds a secret in binary content"));
  return {
    kind: "git",
    commit: status.commit,
    branch: status.branch ?? unknown("the head is detached"),
    remote: remoteOf(repository, status.branch),
    dirty: status.changed.length > 0 || part.files.length > 0 || part.submodules.some((submodule) => submodule.dirty),
    ...(diff.saved === null ? {} : { diff: diff.saved }),
    ...(staged.saved === null ? {} : { staged: staged.saved }),
    untracked: [...part.files, ...withheld.filter((file) => file !== null)],
    submodules: part.submodules,
    archive: unknown(
      status.commit === null ? "the repository has no commit" : "kept in the project's own git repository",
    ),
  };
}

const DEEPEST = 8;

async function capturePart(root: string, prefix: string, work: Work, depth: number): Promise<Known<Part>> {
  if (depth > DEEPEST) return unknown(`repositories nested deeper than ${DEEPEST}`);
  const git = await openGit(root, work.options.env);
  if (isUnknown(git)) return git;
  const [state, links] = await Promise.all([
    git.run("status", "--porcelain=v2", "--branch", "--untracked-files=all", "--ignore-submodules=dirty", "-z"),
    existsSync(join(root, ".gitmodules")) ? gitLinks(git) : [],
  ]);
  if (isUnknown(state)) return state;
  if (isUnknown(links)) return links;
  const status = parseStatus(state);
  const nested = await nestedParts(root, prefix, links, status, work, depth);
  const large = status.commit === null ? [] : largeChanges(root, status, work);
  let absent: readonly string[] = [];
  let [diff, staged] = await changesOf(git, status, prefix, large);
  if (isUnknown(diff) || isUnknown(staged)) {
    absent = await withoutHead(git, status);
    if (absent.length > 0) [diff, staged] = await changesOf(git, status, prefix, [...large, ...absent]);
  }
  if (isUnknown(diff)) return diff;
  if (isUnknown(staged)) return staged;
  const whole = [...untrackedOf(root, status), ...absent.filter((path) => !large.includes(path))];
  const untracked = whole.map((path) => work.saver.save(root, path, prefix + path));
  const oversize = large.map((path) => work.saver.name(root, path, prefix + path, "changed and larger than 10 MiB"));
  return {
    repository: git.repository,
    status,
    diff: Buffer.concat([diff, ...nested.map((part) => part.diff)]),
    staged,
    files: [...[...untracked, ...oversize].filter((file) => file !== null), ...nested.flatMap((part) => part.files)],
    submodules: nested.flatMap((part) => part.submodules),
  };
}

/** Paths of submodules, from the index. */
async function gitLinks(git: Git): Promise<Known<readonly string[]>> {
  const listed = await git.run("ls-files", "--stage", "-z");
  if (isUnknown(listed)) return listed;
  const entries = listed.toString("utf8").split("\0");
  return entries.filter((entry) => entry.startsWith("160000 ")).map((entry) => entry.slice(entry.indexOf("\t") + 1));
}

interface Nested {
  readonly diff: Buffer;
  readonly files: readonly CodeFile[];
  readonly submodules: readonly Submodule[];
}

/** Submodules that are checked out, and repositories that merely lie inside. */
async function nestedParts(
  root: string,
  prefix: string,
  links: readonly string[],
  status: GitStatus,
  work: Work,
  depth: number,
): Promise<Nested[]> {
  const embedded = status.untracked
    .filter((path) => path.endsWith("/") && !isLeftOut(root, path.slice(0, -1)))
    .map((path) => path.slice(0, -1));
  const parts: Nested[] = [];
  for (const path of [...links, ...embedded]) {
    if (!existsSync(join(root, path, ".git"))) continue;
    const part = await capturePart(join(root, path), `${prefix}${path}/`, work, depth + 1);
    if (!isUnknown(part) && part.status.commit !== null) {
      const dirty = part.status.changed.length > 0 || part.files.length > 0;
      const own = { path: prefix + path, commit: part.status.commit, dirty };
      parts.push({ diff: part.diff, files: part.files, submodules: [own, ...part.submodules] });
      continue;
    }
    // No commit to go back to, or git refuses: the files themselves.
    const inside = listFolder(join(root, path)).files.map((file) => `${path}/${file}`);
    const files = inside.map((file) => work.saver.save(root, file, prefix + file)).filter((file) => file !== null);
    parts.push({ diff: Buffer.alloc(0), files, submodules: [] });
  }
  return parts;
}

/** Changed tracked files too large for a diff. */
function largeChanges(root: string, status: GitStatus, work: Work): string[] {
  const limit = work.options.budget?.fileBytes ?? 10 * 1024 * 1024;
  return status.changed
    .filter(({ path, submodule }) => !submodule && sizeOf(join(root, path)) > limit)
    .map(({ path }) => path);
}

/** Changed files of a partial clone whose committed content is not here: no diff can be made, they are saved whole. */
async function withoutHead(git: Git, status: GitStatus): Promise<string[]> {
  const tracked = status.changed.filter((file) => !file.submodule && !/^0+$/.test(file.head));
  const found = await Promise.all(tracked.map((file) => git.run("cat-file", "-e", file.head)));
  return tracked.filter((_, i) => isUnknown(found[i])).map((file) => file.path);
}

async function changesOf(
  git: Git,
  status: GitStatus,
  prefix: string,
  large: readonly string[],
): Promise<[Known<Buffer>, Known<Buffer>]> {
  const tracked = status.changed.filter((file) => !file.submodule);
  const nothing = Buffer.alloc(0);
  if (status.commit === null || tracked.length === 0) return [nothing, nothing];
  const form = [
    "--binary",
    "--full-index",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "-U3",
    "--ignore-submodules=all",
    `--src-prefix=a/${prefix}`,
    `--dst-prefix=b/${prefix}`,
    // The names of a renaming bear no prefix.
    prefix === "" ? "-M" : "--no-renames",
  ];
  const paths = ["--", ".", ...large.map((path) => `:(exclude,literal)${path}`)];
  const isStaged = prefix === "" && tracked.some((file) => file.staged);
  return Promise.all([
    git.run("diff", ...form, "HEAD", ...paths),
    isStaged ? git.run("diff", "--cached", ...form, "HEAD", ...paths) : nothing,
  ]);
}

/** Untracked files; in a repository without a commit the added ones as well. */
function untrackedOf(root: string, status: GitStatus): string[] {
  const added = status.commit === null ? status.changed.map((file) => file.path) : [];
  const known = new Map<string, boolean>();
  return [...added, ...status.untracked.filter((path) => !path.endsWith("/"))].filter(
    (path) => !isLeftOut(root, path, known),
  );
}

/** Inside an environment, a cache, or Reprise's own folder. */
function isLeftOut(root: string, path: string, known = new Map<string, boolean>()): boolean {
  if (path === "." || path === "") return false;
  let left = known.get(path);
  if (left === undefined) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    left = isSkippedName(name) || isEnvironmentDir(join(root, path)) || isLeftOut(root, dirname(path), known);
    known.set(path, left);
  }
  return left;
}

function saveDiff(diff: Buffer, root: string, work: Work): { saved: Changes | null; withheld: readonly string[] } {
  if (diff.length === 0) return { saved: null, withheld: [] };
  const { bytes, count, withheld } = work.redactor.redactDiff(diff, (path) => {
    try {
      return readFileSync(join(root, path));
    } catch {
      return null;
    }
  });
  if (bytes.length === 0) return { saved: null, withheld };
  const digest = work.sink.put(bytes);
  return { saved: { digest, bytes: bytes.length, ...(count > 0 ? { redacted: count } : {}) }, withheld };
}

function remoteOf(repository: Repository, branch: string | null): Known<string> {
  const tracked = branch === null ? undefined : settingOf(repository, "branch", branch, "remote");
  const named = repository.settings.find(({ section, key }) => section === "remote" && key === "url")?.subsection;
  for (const name of [tracked, "origin", named]) {
    const url = name === undefined || name === null ? undefined : settingOf(repository, "remote", name, "url");
    if (url !== undefined) return stripCredentials(url);
  }
  return unknown("the repository has no remote");
}

function sizeOf(file: string): number {
  return lstatSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
