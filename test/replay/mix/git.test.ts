import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mixReplay } from "#replay";
import { guiltyOf, recordPair } from "./recorded-pair.ts";

function git(root: string, ...args: string[]): void {
  const made = spawnSync("git", ["-C", root, "-c", "user.name=t", "-c", "user.email=t@t", ...args], {
    encoding: "utf8",
  });
  expect(made.stderr === "" || made.status === 0).toBe(true);
}

/** Commits what lies in the folder whenever a run is about to be recorded. */
const repository = (root: string): void => git(root, "init", "-q");
const commit = (root: string): void => {
  git(root, "add", "-A");
  git(root, "commit", "-qm", "state");
};

const TRAIN = `import json, subprocess
import part
config = json.load(open("config.json"))
commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True)
assert commit.returncode == 0, commit.stderr
print("loss=%.3f" % (part.factor * config["lr"]))
`;
const CONFIG = `{\n  "lr": 0.1,\n  "name": "a"\n}\n`;

test("commits are mixed hunk by hunk, and git still answers in a mixture", async () => {
  const found = await guiltyOf(
    "two commits",
    {
      files: { "train.py": TRAIN, "part.py": "factor = 2\nother = 1\n", "config.json": CONFIG },
      before: commit,
    },
    {
      files: {
        "part.py": "factor = 2\nother = 3\n",
        "config.json": CONFIG.replace("0.1", "0.3").replace('"a"', '"b"'),
        "notes.md": "new\n",
      },
      before: commit,
    },
    repository,
  );
  expect(found.causes).toMatchObject([
    {
      kind: "config",
      name: "lr",
      file: "config.json",
      line: 2,
      a: '  "lr": 0.1,',
      b: '  "lr": 0.3,',
      certainty: "proved",
    },
  ]);
});

test("changes that nobody committed are mixed with those that somebody did", async () => {
  const found = await guiltyOf(
    "a commit and a dirty tree",
    {
      files: { "train.py": TRAIN, "part.py": "factor = 2\nother = 1\n", "config.json": CONFIG },
      before: commit,
    },
    {
      files: { "part.py": "factor = 5\nother = 1\n", "config.json": CONFIG.replace('"a"', '"b"'), "new.py": "x = 1\n" },
    },
    repository,
  );
  expect(found.causes).toMatchObject([{ kind: "code", file: "part.py", line: 1, certainty: "proved" }]);
});

test("a committed file that only B has can be taken out", async () => {
  const script = `import os\nprint("loss=%.3f" % (2.0 if os.path.exists("extra.md") else 1.0))\n`;
  const found = await guiltyOf(
    "an added file",
    { files: { "train.py": script, "part.py": "a = 1\n" }, before: commit },
    { files: { "extra.md": "there\n", "part.py": "a = 2\n" }, before: commit },
    repository,
  );
  expect(found.causes).toMatchObject([{ kind: "code", name: "extra.md", file: "extra.md", certainty: "proved" }]);
});

test("a secret in a file that differs is not copied into the store, and the file is not mixed", async () => {
  const secret = `ghp_${"k7Tq9".repeat(8).slice(0, 36)}`;
  const script = (value: string): string => `token = "${secret}"\nprint("loss=%.3f" % ${value})\n`;
  const pair = await recordPair(
    { files: { "train.py": script("1.0") }, before: commit },
    { files: { "train.py": script("2.0") }, before: commit },
    repository,
  );
  expect(pair.mixture.unmixable).toMatchObject([
    { ingredient: { file: "train.py" }, reason: expect.stringContaining("secret") as unknown },
  ]);
  for (const digest of pair.store.objects.digests())
    expect(Buffer.from(pair.store.objects.read(digest)).includes(secret)).toBe(false);
  pair.close();
});

test("a mixture that breaks is unresolved, whatever it has taken", async () => {
  const pair = await recordPair(
    { files: { "train.py": "import part\nprint('loss=%d' % part.one)\n", "part.py": "one = 1\n" } },
    { files: { "train.py": "import part\nprint('loss=%d' % part.two)\n", "part.py": "two = 2\n" } },
  );
  const [first] = pair.mixture.ingredients;
  const answers = await mixReplay(pair.mixture, new Set(first === undefined ? [] : [first]));
  expect(answers).toMatchObject([{ outcome: "unresolved", cached: false }]);
  expect(await mixReplay(pair.mixture, new Set())).toMatchObject([{ outcome: "like-b" }]);
  expect(await mixReplay(pair.mixture, new Set(pair.mixture.ingredients))).toMatchObject([{ outcome: "like-a" }]);
  expect(await mixReplay(pair.mixture, new Set())).toMatchObject([{ outcome: "like-b", cached: true }]);
  // The recorded project is as the second run left it.
  expect(spawnSync("cat", [join(pair.root, "part.py")], { encoding: "utf8" }).stdout).toBe("two = 2\n");
  writeFileSync(join(pair.root, "part.py"), "one = 9\ntwo = 9\n");
  expect(await mixReplay(pair.mixture, new Set(), { times: 2 })).toMatchObject([
    { cached: true },
    { outcome: "like-b" },
  ]);
  pair.close();
});
