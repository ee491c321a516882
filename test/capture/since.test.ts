import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { codeSince, commitLike } from "../../src/capture/code/since.ts";
import { digestOf } from "../../src/record/digest.ts";

const env = { PATH: process.env.PATH ?? "", HOME: "/nowhere", GIT_CONFIG_GLOBAL: "/dev/null" };
let root: string;

const git = (...argv: string[]): string =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...argv], { cwd: root, env })
    .toString()
    .trim();
const put = (path: string, text: string | Uint8Array): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const commit = (): string => {
  git("add", "-A");
  git("commit", "-q", "-m", "x");
  return git("rev-parse", "HEAD");
};

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "since-")));
  git("init", "-q");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("changes since a commit are told by file and line, committed or not", async () => {
  put("train.py", "a = 1\nb = 2\nc = 3\nd = 4\n");
  put("gone.py", "x\n");
  const first = commit();
  put("train.py", "a = 1\nb = 5\nc = 3\n");
  git("rm", "-q", "gone.py");
  commit();
  put("train.py", "a = 1\nb = 5\nc = 3\n--- e\n+++ f\n@@ -1 +1 @@\n");
  expect(await codeSince(root, first, [], env)).toEqual([
    { path: "gone.py", change: "removed", hunks: [{ line: 1, removed: ["x"], added: [] }] },
    {
      path: "train.py",
      change: "changed",
      hunks: [
        { line: 2, removed: ["b = 2"], added: ["b = 5"] },
        { line: 4, removed: ["d = 4"], added: ["--- e", "+++ f", "@@ -1 +1 @@"] },
      ],
    },
  ]);
});

test("names of every kind, binary files, modes and lines without an end are read as git has them", async () => {
  const names = ["with space.py", "tab\there.py", 'quote".py', "ünï/c ö.py", "back\\slash.py", "b/b.py"];
  for (const name of names) put(name, "1\n");
  put("empty.txt", "");
  const first = commit();
  for (const name of names) put(name, "2");
  put("model.bin", Uint8Array.of(0, 1, 2));
  git("update-index", "--chmod=+x", "empty.txt");
  git("add", "-N", "model.bin");
  const found = await codeSince(root, first, [], env);
  const byPath = new Map(
    (found as unknown as { path: string; hunks: unknown }[]).map(({ path, hunks }) => [path, hunks]),
  );
  expect([...byPath.keys()].sort()).toEqual([...names, "model.bin"].sort());
  for (const name of names) expect(byPath.get(name)).toEqual([{ line: 1, removed: ["1"], added: ["2"] }]);
  expect(byPath.get("model.bin")).toEqual([]);
});

test("folders that do not count are left out, and a commit that is not there is unknown", async () => {
  put("train.py", "1\n");
  put("reprise-audit/default.toml", "1\n");
  const first = commit();
  put("reprise-audit/default.toml", "2\n");
  expect(await codeSince(root, first, ["reprise-audit"], env)).toEqual([]);
  expect(await codeSince(root, "0".repeat(40), [], env)).toHaveProperty("unknown");
  expect(await codeSince(root, "--output=/tmp/x", [], env)).toHaveProperty("unknown");
});

test("a secret in a changed line is cut out", async () => {
  put("train.py", "1\n");
  const first = commit();
  put("train.py", "key = 'hunter2-hunter2-hunter2'\n");
  const found = await codeSince(root, first, [], { ...env, API_KEY: "hunter2-hunter2-hunter2" });
  expect(JSON.stringify(found)).not.toContain("hunter2");
});

test("of a squashed branch the commit that brought the golden is taken, if its files are the golden's", async () => {
  put("train.py", "1\n");
  put("golden.toml", "x\n");
  const squashed = commit();
  const gone = "1".repeat(40);
  const files = { "train.py": digestOf("1\n") };
  expect(await commitLike(root, gone, "golden.toml", files, env)).toBe(squashed);
  expect(await commitLike(root, squashed, "golden.toml", files, env)).toBe(squashed);
  expect(await commitLike(root, gone, "golden.toml", { "train.py": digestOf("2\n") }, env)).toHaveProperty("unknown");
  expect(await commitLike(root, gone, "golden.toml", {}, env)).toHaveProperty("unknown");
});
