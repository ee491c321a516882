import { digestOf, isUnknown, type Known, unknown } from "#record";
import { createRedactor } from "../redact/redactor.ts";
import { openGit } from "./git.ts";

type Env = Readonly<Record<string, string | undefined>>;

const COMMIT = /^[0-9a-f]{40,64}$/;

/** Lines that were taken out and put in at one place. */
interface CodeHunk {
  /** In the file as it is now, from 1; where lines were only taken out, the line before them. */
  readonly line: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

export interface CodeChange {
  readonly path: string;
  readonly change: "added" | "removed" | "changed";
  /** Empty for files that are no text. */
  readonly hunks: readonly CodeHunk[];
}

const QUOTED = /^"(.*)"$/;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", '"': '"', "\\": "\\" };

/** A path as git quotes it: octal bytes of UTF-8. */
function unquoted(text: string): string {
  const inner = QUOTED.exec(text)?.[1];
  if (inner === undefined) return text;
  const latin = inner.replace(/\\([0-7]{3}|.)/g, (_, code: string) =>
    /^[0-7]{3}$/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : (ESCAPES[code] ?? code),
  );
  return Buffer.from(latin, "latin1").toString("utf8");
}

interface Draft {
  path: string;
  change: CodeChange["change"];
  hunks: { line: number; removed: string[]; added: string[] }[];
}

/** A patch of `git diff -U0 --no-prefix`, file by file. */
function readPatch(patch: string): CodeChange[] {
  const files: Draft[] = [];
  /** Lines that the hunk still has of either side: what a line begins with means nothing outside of a hunk. */
  let [minus, plus] = [0, 0];
  for (const line of patch.split("\n")) {
    const file = files.at(-1);
    const hunk = file?.hunks.at(-1);
    if (hunk !== undefined && minus > 0 && line.startsWith("-")) {
      hunk.removed.push(line.slice(1));
      minus -= 1;
      continue;
    }
    if (hunk !== undefined && plus > 0 && line.startsWith("+")) {
      hunk.added.push(line.slice(1));
      plus -= 1;
      continue;
    }
    if (line.startsWith("diff --git ")) {
      files.push({ path: "", change: "changed", hunks: [] });
      // Where neither --- nor +++ follows (binary, mode), both sides have one name.
      const both = line.slice("diff --git ".length);
      const half = both.slice(0, (both.length - 1) / 2);
      if (both === `${half} ${half}`) (files.at(-1) as Draft).path = unquoted(half);
      continue;
    }
    if (file === undefined) continue;
    if (line.startsWith("new file mode")) file.change = "added";
    else if (line.startsWith("deleted file mode")) file.change = "removed";
    else if (line.startsWith("--- ") && file.hunks.length === 0 && line !== "--- /dev/null")
      file.path = unquoted(line.slice(4).replace(/\t$/, ""));
    else if (line.startsWith("+++ ") && file.hunks.length === 0 && line !== "+++ /dev/null")
      file.path = unquoted(line.slice(4).replace(/\t$/, ""));
    else {
      const head = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
      if (head === null) continue;
      [minus, plus] = [Number(head[1] ?? 1), Number(head[3] ?? 1)];
      file.hunks.push({ line: Math.max(1, Number(head[2])), removed: [], added: [] });
    }
  }
  return files.filter(({ path }) => path !== "");
}

const FORM: readonly string[] = [
  "diff",
  "--no-ext-diff",
  "--no-textconv",
  "--no-color",
  "--no-renames",
  "--no-prefix",
  "-U0",
  "--ignore-submodules=none",
];

/**
 * What of the tracked code is another than in a commit: with what is committed since and what is not. `left` are folders
 * that do not count. Unknown where the commit is not in the repository.
 */
export async function codeSince(
  root: string,
  commit: string,
  left: readonly string[],
  env: Env,
): Promise<Known<readonly CodeChange[]>> {
  if (!COMMIT.test(commit)) return unknown(`${commit} is no commit`);
  const git = await openGit(root, env);
  if (isUnknown(git)) return git;
  const there = await git.run("cat-file", "-e", `${commit}^{commit}`);
  if (isUnknown(there)) return unknown(`the commit ${commit.slice(0, 12)} is not in this clone`);
  const patch = await git.run(...FORM, commit, "--", ".", ...left.map((folder) => `:(exclude,top)${folder}`));
  if (isUnknown(patch)) return patch;
  return readPatch(createRedactor({ env }).redactText(patch.toString("utf8"), "code").text);
}

/**
 * The commit, where this clone has it; else the one that last changed `witness`, if it has these files with these
 * contents: what a squashed branch came to.
 */
export async function commitLike(
  root: string,
  commit: string,
  witness: string,
  files: Readonly<Record<string, string>>,
  env: Env,
): Promise<Known<string>> {
  if (!COMMIT.test(commit)) return unknown(`${commit} is no commit`);
  const git = await openGit(root, env);
  if (isUnknown(git)) return git;
  if (!isUnknown(await git.run("cat-file", "-e", `${commit}^{commit}`))) return commit;
  const absent = unknown(`the commit ${commit.slice(0, 12)} is not in this clone`);
  const last = await git.run("log", "-1", "--format=%H", "--", witness);
  const other = isUnknown(last) ? "" : last.toString("utf8").trim();
  if (!COMMIT.test(other) || Object.keys(files).length === 0) return absent;
  for (const [path, digest] of Object.entries(files)) {
    const content = await git.run("cat-file", "blob", `${other}:${path}`);
    if (isUnknown(content) || digestOf(content) !== digest) return absent;
  }
  return other;
}

/** Who works here: what git would write into a commit; null where it would not know. */
export async function authorOf(root: string, env: Env): Promise<string | null> {
  const [name, email] = [env.GIT_AUTHOR_NAME, env.GIT_AUTHOR_EMAIL];
  if (name !== undefined && name !== "") return email ? `${name} <${email}>` : name;
  const git = await openGit(root, env);
  const said = isUnknown(git)
    ? null
    : await Promise.all([git.run("config", "user.name"), git.run("config", "user.email")]);
  const [own, mail] = (said ?? []).map((text) => (isUnknown(text) ? "" : text.toString("utf8").trim()));
  if (own) return mail ? `${own} <${mail}>` : own;
  return env.GITHUB_ACTOR || env.USER || null;
}
