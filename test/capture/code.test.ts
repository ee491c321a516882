import {
  chmodSync,
  existsSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { captureCode, createRedactor, findProject, requireClean, restoreCode, trackedFiles } from "#capture";
import { type GitCode, isUnknown, type SnapshotCode } from "#record";
import { git, memoryObjects, removeTemporaryFolders, repository, temporaryFolder, write } from "./repository.ts";

afterAll(removeTemporaryFolders);

const redactor = () => createRedactor({ env: {} });

async function captured(root: string, objects = memoryObjects()): Promise<{ code: GitCode; objects: typeof objects }> {
  const code = await captureCode(root, objects, redactor());
  if (isUnknown(code) || code.kind !== "git") throw new Error(`not git: ${JSON.stringify(code)}`);
  return { code, objects };
}

/** Captures a project and makes it again elsewhere. */
async function again(root: string): Promise<{ code: GitCode; copy: string; warnings: string[] }> {
  const { code, objects } = await captured(root);
  const copy = join(temporaryFolder(), "copy");
  const warnings = await restoreCode(code, root, objects, copy);
  return { code, copy, warnings };
}

describe("a project", () => {
  test("is the work tree around the folder, else the folder", () => {
    const root = repository({ "a/b/c.py": "1\n" });
    expect(findProject(join(root, "a/b"))).toEqual({ root, kind: "git" });
    const folder = temporaryFolder();
    expect(findProject(folder)).toEqual({ root: folder, kind: "folder" });
  });

  test("is not the home folder's own repository", () => {
    const home = repository({ "work/train.py": "1\n" });
    expect(findProject(join(home, "work"), home)).toEqual({ root: join(home, "work"), kind: "folder" });
    expect(findProject(home, home)).toEqual({ root: home, kind: "git" });
  });
});

describe("git", () => {
  test("a clean repository is its commit and nothing else", async () => {
    const root = repository({ "train.py": "print(1)\n" });
    git(root, "remote", "add", "origin", "https://bob:hunter22@example.org/x.git");
    const { code, objects } = await captured(root);
    expect(code).toMatchObject({ commit: git(root, "rev-parse", "HEAD"), branch: "main", dirty: false, untracked: [] });
    expect(code.remote).toBe("https://example.org/x.git");
    expect(code.diff).toBeUndefined();
    expect(objects.objects.size).toBe(0);
    await expect(requireClean(root)).resolves.toBeUndefined();
  });

  test("everything uncommitted comes back: text, binary, renames, modes, links, odd names", async () => {
    const binary = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256);
    const root = repository({
      "train.py": "print(1)\n",
      "old name.py": "a = 1\nb = 2\nc = 3\nd = 4\n",
      "model.bin": binary,
      "gone.txt": "x\n",
      "run.sh": "#!/bin/sh\n",
      "staged.py": "1\n",
      ".gitignore": "ignored/\n",
    });
    write(root, {
      "train.py": "print(2)\nno newline at the end",
      "model.bin": binary.map((byte, i) => (i % 50 === 0 ? byte ^ 255 : byte)),
      "staged.py": "2\n",
      "new/deep/ünï cödé.txt": "neu\n",
      "new/data.bin": Uint8Array.of(0, 1, 2, 255),
      "ignored/cache.txt": "no\n",
      "__pycache__/x.pyc": "no",
      "venv/pyvenv.cfg": "home = /usr\n",
      "venv/lib/big.py": "no\n",
      ".reprise/store": "no",
    });
    git(root, "mv", "old name.py", "new name.py");
    git(root, "add", "staged.py");
    rmSync(join(root, "gone.txt"));
    chmodSync(join(root, "run.sh"), 0o755);
    chmodSync(join(root, "new/data.bin"), 0o755);
    symlinkSync("train.py", join(root, "link.py"));
    const { code, copy, warnings } = await again(root);
    expect(warnings).toEqual([]);
    expect(code.dirty).toBe(true);
    expect(code.staged).toBeDefined();
    expect(code.untracked.map(({ path, mode }) => `${mode} ${path}`).sort()).toEqual([
      "100644 new/deep/ünï cödé.txt",
      "100755 new/data.bin",
      "120000 link.py",
    ]);
    for (const path of ["train.py", "new name.py", "model.bin", "staged.py", "new/deep/ünï cödé.txt", "new/data.bin"]) {
      expect(readFileSync(join(copy, path)).equals(readFileSync(join(root, path))), path).toBe(true);
    }
    expect(existsSync(join(copy, "gone.txt"))).toBe(false);
    expect(existsSync(join(copy, "old name.py"))).toBe(false);
    expect(statSync(join(copy, "run.sh")).mode & 0o111).not.toBe(0);
    expect(readlinkSync(join(copy, "link.py"))).toBe("train.py");
    for (const path of ["venv", "__pycache__", ".reprise", "ignored"]) expect(existsSync(join(copy, path))).toBe(false);
  });

  test("the copy is a repository with the same head, and the original is untouched", async () => {
    const root = repository({ "a.py": "1\n", "b.py": "1\n" });
    write(root, { "a.py": "2\n" });
    const index = readFileSync(join(root, ".git/index"));
    const { copy } = await again(root);
    expect(git(copy, "rev-parse", "HEAD")).toBe(git(root, "rev-parse", "HEAD"));
    expect(git(copy, "rev-parse", "--abbrev-ref", "HEAD")).toBe("main");
    expect(git(copy, "status", "--porcelain")).toBe("M a.py");
    expect(git(copy, "log", "--format=%s")).toBe("first");
    expect(readFileSync(join(root, ".git/index")).equals(index)).toBe(true);
    expect(git(root, "worktree", "list").split("\n")).toHaveLength(1);
  });

  test("a detached head, a repository without a commit, one that is gone", async () => {
    const root = repository({ "a.py": "1\n" });
    git(root, "checkout", "-q", "--detach");
    expect((await captured(root)).code.branch).toEqual({ unknown: "the head is detached" });

    const empty = temporaryFolder();
    git(empty, "init", "-q");
    write(empty, { "a.py": "1\n", "b.py": "2\n" });
    git(empty, "add", "a.py");
    const { code, copy } = await again(empty);
    expect(code).toMatchObject({ commit: null, dirty: true });
    expect(readFileSync(join(copy, "a.py"), "utf8") + readFileSync(join(copy, "b.py"), "utf8")).toBe("1\n2\n");

    const { code: lost, objects } = await captured(root);
    rmSync(root, { recursive: true });
    await expect(restoreCode(lost, root, objects, join(temporaryFolder(), "x"))).rejects.toMatchObject({
      code: "CODE_COMMIT_MISSING",
      hint: expect.stringContaining("git") as string,
    });
  });

  test("submodules and repositories that merely lie inside come with their changes", async () => {
    const library = repository({ "lib.py": "1\n", "data.txt": "1\n" });
    const root = repository({ "train.py": "1\n" });
    git(root, "submodule", "add", "-q", library, "third/lib");
    git(root, "commit", "-q", "-m", "with a submodule");
    const inner = join(root, "third/lib");
    write(inner, { "lib.py": "2\n", "extra.py": "new\n" });
    git(root, "clone", "-q", library, "loose");
    write(root, { "loose/data.txt": "2\n" });
    const { code, copy, warnings } = await again(root);
    expect(warnings).toEqual([]);
    expect(code.submodules).toEqual([
      { path: "third/lib", commit: git(inner, "rev-parse", "HEAD"), dirty: true },
      { path: "loose", commit: git(inner, "rev-parse", "HEAD"), dirty: true },
    ]);
    for (const path of [
      "third/lib/lib.py",
      "third/lib/extra.py",
      "third/lib/data.txt",
      "loose/data.txt",
      "loose/lib.py",
    ]) {
      expect(readFileSync(join(copy, path), "utf8"), path).toBe(readFileSync(join(root, path), "utf8"));
    }
    expect(git(join(copy, "third/lib"), "rev-parse", "HEAD")).toBe(git(inner, "rev-parse", "HEAD"));
  });

  test("tracked files are known from any form of the index", async () => {
    const library = repository({ "lib.py": "1\n" });
    const names = ["a.py", "deep/er/ünï.py", ...Array.from({ length: 50 }, (_, i) => `many/file-${i}.txt`)];
    const root = repository(Object.fromEntries(names.map((name) => [name, "1\n"])));
    git(root, "submodule", "add", "-q", library, "third/lib");
    const expected = [...names, ".gitmodules", "third/lib/lib.py"].sort();
    const tracked = async () => [...(await trackedFiles({ root, kind: "git" }, process.env))].sort();
    for (const version of ["2", "4", "2"]) {
      git(root, "update-index", "--index-version", version);
      expect(await tracked()).toEqual(expected);
    }
    write(root, { "later.py": "1\n" });
    git(root, "add", "-N", "later.py");
    expect(await tracked()).toEqual([...expected, "later.py"].sort());
    git(root, "update-index", "--split-index");
    expect(await tracked()).toEqual([...expected, "later.py"].sort());
    const folder = temporaryFolder();
    expect((await trackedFiles({ root: folder, kind: "folder" }, process.env)).size).toBe(0);
  });

  test("large files are named by digest, and come from the project while they are the same", async () => {
    const root = repository({ "train.py": "1\n", "weights.bin": "small" });
    const large = Buffer.alloc(11 * 1024 * 1024, "abc");
    write(root, { "large.bin": large, "weights.bin": large });
    const { code, copy, warnings } = await again(root);
    expect(code.untracked.map(({ path, stored, reason }) => ({ path, stored, reason }))).toEqual([
      { path: "large.bin", stored: false, reason: "larger than 10 MiB" },
      { path: "weights.bin", stored: false, reason: "changed and larger than 10 MiB" },
    ]);
    expect(warnings).toEqual([]);
    expect(readFileSync(join(copy, "weights.bin")).equals(large)).toBe(true);

    const { code: second, objects } = await captured(root);
    writeFileSync(join(root, "large.bin"), "other");
    const into = join(temporaryFolder(), "x");
    expect(await restoreCode(second, root, objects, into)).toEqual([
      "large.bin is not in the record: larger than 10 MiB",
    ]);
  });

  test("secrets do not leave the project, and a diff that touches them still applies", async () => {
    const secret = `ghp_${"a1B2".repeat(9)}`;
    const root = repository({ "config.yaml": `lr: 1\napi_key: "${secret}"\nseed: 3\n` });
    write(root, {
      "config.yaml": `lr: 2\napi_key: "${secret}"   # same\nother_token: "hf_${"x".repeat(34)}1"\nseed: 3\n`,
      ".env": `GITHUB_TOKEN=${secret}\n`,
    });
    const objects = memoryObjects();
    const { code } = await captured(root, objects);
    expect(objects.everything()).not.toContain(secret);
    expect(objects.everything()).not.toContain("hf_xxx");
    expect(code.diff?.redacted).toBeGreaterThan(0);
    const copy = join(temporaryFolder(), "copy");
    const warnings = await restoreCode(code, root, objects, copy);
    expect(readFileSync(join(copy, "config.yaml"), "utf8")).toMatch(
      new RegExp(`^lr: 2\\napi_key: "${secret}"   # same\\nother_token: "<redacted:[a-z-]+:\\d+>"\\nseed: 3\\n$`),
    );
    expect(warnings).toEqual([expect.stringContaining("config.yaml holds a marker")]);
    expect(readFileSync(join(copy, ".env"), "utf8")).toBe(`GITHUB_TOKEN=${secret}\n`);
  });

  test("--require-clean names what is not committed", async () => {
    const root = repository({ "a.py": "1\n" });
    write(root, { "a.py": "2\n", "b.py": "1\n" });
    await expect(requireClean(root)).rejects.toMatchObject({
      code: "CODE_DIRTY",
      message: expect.stringMatching(/a\.py\n.*b\.py/) as string,
    });
    await expect(requireClean(temporaryFolder())).rejects.toMatchObject({
      code: "CODE_DIRTY",
      hint: expect.stringContaining("git init") as string,
    });
  });
});

describe("outside git", () => {
  test("source is saved by content, the rest by digest, links not followed", async () => {
    const root = temporaryFolder();
    const outside = temporaryFolder();
    write(outside, { "secret.py": "outside\n" });
    write(root, {
      "train.py": "print(1)\n",
      tool: "#!/bin/sh\n",
      "data/table.csv": "1,2\n",
      "venv/pyvenv.cfg": "",
      "node_modules/x/index.js": "no",
    });
    symlinkSync(outside, join(root, "out"));
    const objects = memoryObjects();
    const code = (await captureCode(root, objects, redactor())) as SnapshotCode;
    expect(code.files.map(({ path, stored }) => `${path} ${stored}`)).toEqual([
      "out true",
      "tool true",
      "train.py true",
      "data/table.csv false",
    ]);
    expect(code.left).toEqual([{ path: "venv", reason: "an environment, recorded by its packages" }]);
    expect(objects.everything()).not.toContain("outside");
    const copy = join(temporaryFolder(), "copy");
    const warnings = await restoreCode(code, root, objects, copy);
    expect(readFileSync(join(copy, "data/table.csv"), "utf8")).toBe("1,2\n");
    expect(lstatSync(join(copy, "out")).isSymbolicLink()).toBe(true);
    expect(warnings.join()).toContain("out is a link out of the project");
  });

  test("a record cannot write outside its folder", async () => {
    const objects = memoryObjects();
    const digest = objects.put(Buffer.from("x"));
    for (const path of ["../x", "/tmp/x", "a/../../x", ".git/config", "a/.GIT/hooks/x", "a//b", "c\0d"]) {
      const code: SnapshotCode = {
        kind: "snapshot",
        left: [],
        files: [{ path, mode: "100644", bytes: 1, digest, stored: true }],
      };
      await expect(restoreCode(code, "/", objects, join(temporaryFolder(), "x")), path).rejects.toMatchObject({
        code: "CODE_UNSAFE_PATH",
      });
    }
    const link = objects.put(Buffer.from(temporaryFolder()));
    const through: SnapshotCode = {
      kind: "snapshot",
      left: [],
      files: [
        { path: "d", mode: "120000", bytes: 1, digest: link, stored: true },
        { path: "d/x", mode: "100644", bytes: 1, digest, stored: true },
      ],
    };
    await expect(restoreCode(through, "/", objects, join(temporaryFolder(), "x"))).rejects.toMatchObject({
      code: "CODE_UNSAFE_PATH",
    });
  });
});
