import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type CarriedFile, isUnknown, type Known, unknown } from "#record";
import type { Redactor } from "../redact/redactor.ts";
import { secretsInFile } from "../redact/secret-file.ts";
import type { ObjectSink, ObjectSource } from "../sink.ts";
import { openGit } from "./git.ts";
import { plainGit } from "./materialise.ts";
import { listFolder } from "./snapshot.ts";

type Env = Readonly<Record<string, string | undefined>>;

const MOST_BYTES = 256 * 2 ** 20;
const MOST_COMMITS = 20_000;

/** Names that a repository on its way may have: nothing that git would take for a setting or start. */
const NAME =
  /^(?:HEAD|index|shallow|packed-refs|objects\/pack\/pack-[0-9a-f]{40}\.(?:pack|idx)|refs\/heads\/\w[\w.+@-]*(?:\/\w[\w.+@-]*)*)$/;
const PACKED_REFS = /^(?:[0-9a-f]{40} refs\/tags\/\w[\w.+@/-]*\n)*$/;
const HEAD = /^(?:ref: refs\/heads\/\w[\w.+@/-]*|[0-9a-f]{40})\n$/;

function namesBelow(git: string, folder: string): string[] {
  return readdirSync(join(git, folder), { withFileTypes: true, recursive: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name).slice(git.length + 1)] : [],
  );
}

/** What was committed before, without its files, and tags on the way: for programs that count, describe or list commits. */
async function carryHistory(
  original: string,
  commit: string,
  redactor: Redactor,
  env: Env,
): Promise<{ readonly objects: string; readonly tags: string } | string> {
  const git = await openGit(original, env);
  if (isUnknown(git)) return git.unknown;
  const commits = await git.run("rev-list", `--max-count=${MOST_COMMITS + 1}`, commit);
  const messages = await git.run("log", `--max-count=${MOST_COMMITS + 1}`, "--format=%B", commit);
  const tags = await git.run("for-each-ref", `--merged=${commit}`, "--format=%(objectname) %(refname)", "refs/tags");
  if (isUnknown(commits) || isUnknown(messages) || isUnknown(tags)) return "its history is not whole";
  if (commits.toString().trim().split("\n").length > MOST_COMMITS) return `more than ${MOST_COMMITS} commits`;
  if (redactor.redactText(messages.toString("utf8")).count > 0) return "a commit's message holds a secret";
  const named = tags
    .toString("utf8")
    .split("\n")
    .map((line) => `${line}\n`)
    .filter((line) => line.length > 1 && PACKED_REFS.test(line));
  const objects = named.map((line) => `${line.slice(0, 40)}\n`).join("");
  return { objects: `${commits.toString().trim()}\n${objects}`, tags: named.join("") };
}

/**
 * The repository of a checkout that restoreCode made, with the files of its one commit, as files: programs that ask
 * git for the commit find the same. Not where the commit holds a secret: it cannot be cut out of it.
 */
export async function carryRepository(
  checkout: string,
  original: string,
  sink: ObjectSink,
  redactor: Redactor,
  env: Env,
): Promise<Known<readonly CarriedFile[]>> {
  const git = join(checkout, ".git");
  const secret = listFolder(checkout, 200_000).files.find((path) => secretsInFile(join(checkout, path), redactor) > 0);
  if (secret !== undefined) return unknown(`the commit holds a secret, in ${secret}`);
  const run = (argv: readonly string[], input?: Uint8Array) => plainGit(checkout, env, argv, input);
  const commit = await run(["rev-parse", "HEAD"]);
  const id = commit.stdout.toString().trim();
  if (commit.code !== 0 || !/^[0-9a-f]{40}$/.test(id)) return unknown("its commits have another form");
  const history = await carryHistory(original, id, redactor, env);
  if (typeof history === "string") return unknown(history);
  writeFileSync(join(git, "packed-refs"), history.tags);
  const objects = await run(["rev-list", "--objects", "--missing=allow-any", "--no-walk", id]);
  if (objects.code !== 0) return unknown("not all of the commit is in the repository");
  const listed = Buffer.concat([objects.stdout, Buffer.from(history.objects)]);
  const packed = await run(["pack-objects", "--quiet", "--threads=1", join(git, "objects/pack/pack")], listed);
  if (packed.code !== 0) return unknown(`git could not pack it: ${packed.stderr.trim().slice(0, 200)}`);
  const shallow = existsSync(join(git, "shallow")) ? ["shallow"] : [];
  const names = [
    "HEAD",
    "index",
    "packed-refs",
    ...shallow,
    ...namesBelow(git, "refs/heads"),
    ...namesBelow(git, "objects/pack"),
  ];
  const known = names.filter((name) => NAME.test(name));
  const bytes = known.reduce((sum, name) => sum + statSync(join(git, name)).size, 0);
  if (bytes > MOST_BYTES) return unknown(`the commit is larger than ${MOST_BYTES / 2 ** 20} MiB`);
  return known.map((path) => {
    const content = readFileSync(join(git, path));
    return { path, bytes: content.length, digest: sink.put(content) };
  });
}

/** Makes that repository again below a project. Its configuration is ours; hooks and filters there are none. */
export function layRepository(files: readonly CarriedFile[], source: ObjectSource, project: string): boolean {
  const git = join(project, ".git");
  for (const folder of ["objects/info", "objects/pack", "refs/heads", "refs/tags", "info"])
    mkdirSync(join(git, folder), { recursive: true });
  writeFileSync(join(git, "config"), "[core]\n\trepositoryformatversion = 0\n\tbare = false\n[gc]\n\tauto = 0\n");
  for (const { path, digest } of files) {
    const bytes = NAME.test(path) ? source.read(digest) : null;
    const form = path === "HEAD" ? HEAD : path === "packed-refs" ? PACKED_REFS : null;
    if (bytes === null || form?.test(Buffer.from(bytes).toString("latin1")) === false) {
      rmSync(git, { recursive: true, force: true });
      return false;
    }
    mkdirSync(dirname(join(git, path)), { recursive: true });
    writeFileSync(join(git, path), bytes);
  }
  return files.length > 0;
}
