import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { fetchPinned, type Pin, pinsOf, restoreInputs } from "#data";
import { digestHex, digestOf } from "#record";
import { environment, gitProject, type Project, PYTHON } from "../run/project.ts";

let project: Project;
let home: string | null = null;
afterEach(() => {
  project.remove();
  if (home !== null) rmSync(home, { recursive: true, force: true });
  home = null;
});

const READ = { "x.py": "import sys\nfor path in sys.argv[1:]: open(path, 'rb').read()\n" };
const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
const brief = (pins: readonly Pin[]) => pins.map(({ path, tool, identity, agrees }) => [path, tool, identity, agrees]);
const put = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};

test("a file, a folder and an output of a stage that DVC keeps are known by its md5, and held against it", async () => {
  project = gitProject({ ...READ, ".gitignore": "/data*\n/out.csv\n/.dvc\n" });
  const list = JSON.stringify([{ md5: md5("one"), relpath: "a/one.csv" }]);
  const folder = `${md5(list)}.dir`;
  project.put({
    "data.csv": "1,2\n",
    "data.csv.dvc": `outs:\n- md5: ${md5("1,2\n")}\n  size: 4\n  hash: md5\n  path: data.csv\n`,
    "data/a/one.csv": "one",
    "data/two.csv": "two",
    "data.dvc": `outs:\n- md5: ${folder}\n  nfiles: 1\n  path: data\n`,
    "out.csv": "changed by hand",
    "dvc.lock": `schema: '2.0'\nstages:\n  make:\n    cmd: python x.py\n    outs:\n    - path: out.csv\n      md5: ${md5("made")}\n`,
  });
  put(join(project.root, ".dvc/cache/files/md5", folder.slice(0, 2), folder.slice(2)), list);
  const files = ["data.csv", "data/a/one.csv", "data/two.csv", "out.csv"];
  const record = await project.run([PYTHON, "x.py", ...files]);
  expect(brief(pinsOf(project.store, record))).toEqual([
    ["data.csv", "dvc", `md5:${md5("1,2\n")}`, true],
    ["data/a/one.csv", "dvc", `md5:${folder} data/a/one.csv`, true],
    ["data/two.csv", "dvc", `md5:${folder} data/two.csv`, null],
    ["out.csv", "dvc", `md5:${md5("made")}`, false],
  ]);
});

test("a pointer that was read in the place of its data is found; what Git LFS keeps is known by its digest", async () => {
  const content = "the data itself\n";
  const hex = digestHex(digestOf(content));
  const pointer = (oid: string): string => `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize 12\n`;
  project = gitProject({ ...READ, ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n" });
  project.put({ "weights.bin": pointer("a".repeat(64)), "data.bin": content });
  put(join(project.root, ".git/lfs/objects", hex.slice(0, 2), hex.slice(2, 4), hex), content);
  const record = await project.run([PYTHON, "x.py", "weights.bin", "data.bin"]);
  const pins = pinsOf(project.store, record);
  expect(brief(pins)).toEqual([
    ["data.bin", "git-lfs", `sha256:${hex}`, true],
    ["weights.bin", "git-lfs", `sha256:${"a".repeat(64)}`, false],
  ]);
  expect(pins[1]?.note).toMatch(/read the pointer, not the data/);
});

test("files of the hub's cache are known by repository and revision, and held against its checksum", async () => {
  project = gitProject(READ);
  home = mkdtempSync(join(homedir(), "reprise-home-"));
  const repo = join(home, ".cache/huggingface/hub/datasets--ada--pets");
  const [good, bad] = [digestHex(digestOf("rows")), "b".repeat(64)];
  put(join(repo, "blobs", good), "rows");
  put(join(repo, "blobs", bad), "damaged");
  const revision = "c".repeat(40);
  mkdirSync(join(repo, "snapshots", revision, "data"), { recursive: true });
  symlinkSync(join("../../../blobs", good), join(repo, "snapshots", revision, "data", "train.csv"));
  symlinkSync(join("../../blobs", bad), join(repo, "snapshots", revision, "test.csv"));
  const env = { ...environment(), HOME: home };
  const files = ["data/train.csv", "test.csv"].map((name) => join(repo, "snapshots", revision, name));
  // What comes into being within a tick of the clock before a run may be the run's own.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const record = await project.run([PYTHON, "x.py", ...files], { env });
  const found = brief(pinsOf(project.store, record)).map(([, ...rest]) => rest);
  expect(found).toContainEqual(["huggingface", `datasets/ada/pets@${revision} data/train.csv`, true]);
  expect(found).toContainEqual(["huggingface", `datasets/ada/pets@${revision} test.csv`, false]);
});

test("an address of lakeFS is a pin, and says whether it can move", async () => {
  project = gitProject(READ);
  const record = await project.run([
    PYTHON,
    "-c",
    "pass",
    "lakefs://pets/main/train.csv",
    "lakefs://pets/0123456789abcdef/x",
  ]);
  const notes = pinsOf(project.store, record).map(({ identity, note }) => [identity, note]);
  expect(notes).toEqual([
    ["lakefs://pets/main/train.csv", expect.stringContaining("can move")],
    ["lakefs://pets/0123456789abcdef/x", expect.stringContaining("does not move")],
  ]);
});

test("what a tool keeps that is not installed is named with the command to type", async () => {
  project = gitProject({ ...READ, ".gitignore": "/data.csv\n" });
  project.put({ "data.csv": "1\n", "data.csv.dvc": `outs:\n- md5: ${md5("1\n")}\n  path: data.csv\n` });
  const record = await project.run([PYTHON, "x.py", "data.csv"], { storeInputs: "none" });
  const noted = pinsOf(project.store, record);
  rmSync(join(project.root, "data.csv"));
  const env = { PATH: "/nowhere" };
  const reasons = await fetchPinned(project.store, record, noted, new Set(["data.csv"]), { env });
  expect(Object.fromEntries(reasons)).toEqual({
    "data.csv": "kept by dvc, which is not installed here: then dvc pull ./data.csv.dvc",
  });
  project.put({ "data.csv.dvc": `outs:\n- md5: ${md5("other")}\n  path: data.csv\n` });
  const moved = await fetchPinned(project.store, record, noted, new Set(["data.csv"]), { env });
  expect(moved.get("data.csv")).toMatch(/names another version now/);
});

const dvc = [
  join(dirname(PYTHON), "dvc"),
  ...(process.env.PATH ?? "").split(":").map((folder) => join(folder, "dvc")),
].find(existsSync);

test.skipIf(dvc === undefined)(
  "a file that DVC keeps comes back by DVC itself (skipped: dvc is not installed)",
  async () => {
    project = gitProject({ ...READ, ".gitignore": "/data.csv\n" });
    project.put({ "data.csv": "1,2\n" });
    const env = { ...environment(), PATH: `${dirname(dvc ?? "")}:${process.env.PATH ?? ""}`, DVC_NO_ANALYTICS: "1" };
    const remote = mkdtempSync(join(tmpdir(), "reprise-dvc-"));
    home = remote;
    const call = (...words: string[]): void => {
      expect(spawnSync(dvc ?? "", words, { cwd: project.root, env, encoding: "utf8" })).toMatchObject({ status: 0 });
    };
    call("init", "-q");
    call("remote", "add", "-d", "there", remote);
    call("add", "-q", "data.csv");
    call("push", "-q");
    const record = await project.run([PYTHON, "x.py", "data.csv"], { storeInputs: "none" });
    rmSync(join(project.root, "data.csv"));
    rmSync(join(project.root, ".dvc/cache"), { recursive: true });
    expect(restoreInputs(project.store, record).missing).toHaveLength(1);
    const reasons = await fetchPinned(project.store, record, pinsOf(project.store, record), new Set(["data.csv"]), {
      env,
    });
    expect([...reasons]).toEqual([]);
    expect(restoreInputs(project.store, record).missing).toEqual([]);
    expect(readFileSync(join(project.root, "data.csv"), "utf8")).toBe("1,2\n");
  },
);

const lfs = spawnSync("git", ["lfs", "version"]).status === 0;

test.skipIf(!lfs)(
  "a file that Git LFS keeps comes back by Git LFS itself (skipped: git-lfs is not installed)",
  async () => {
    project = gitProject({ ...READ, ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n" });
    home = mkdtempSync(join(tmpdir(), "reprise-lfs-"));
    const remote = join(home, "remote.git");
    const env = { ...environment(), HOME: home };
    const git = (...words: string[]): void => {
      const user = ["-c", "user.name=a", "-c", "user.email=a@b.c"];
      expect(spawnSync("git", [...user, ...words], { cwd: project.root, env, encoding: "utf8" })).toMatchObject({
        status: 0,
      });
    };
    git("lfs", "install", "--local");
    git("init", "-q", "--bare", remote);
    project.put({ "data.bin": "the data itself\n" });
    git("add", ".");
    git("commit", "-qm", "data");
    git("remote", "add", "origin", remote);
    git("push", "-q", "origin", "HEAD");
    const record = await project.run([PYTHON, "x.py", "data.bin"], { storeInputs: "none", env });
    const pins = pinsOf(project.store, record);
    expect(pins).toMatchObject([{ path: "data.bin", tool: "git-lfs", agrees: true }]);
    const file = join(project.root, "data.bin");
    rmSync(file);
    rmSync(join(project.root, ".git/lfs/objects"), { recursive: true });
    expect(restoreInputs(project.store, record).missing).toHaveLength(1);
    expect([...(await fetchPinned(project.store, record, pins, new Set(["data.bin"]), { env }))]).toEqual([]);
    expect(restoreInputs(project.store, record).missing).toEqual([]);
    expect(readFileSync(file, "utf8")).toBe("the data itself\n");
    // What was written over by hand comes back out of LFS's own folder, but is not lost unasked.
    writeFileSync(file, "wrong\n");
    expect(() => restoreInputs(project.store, record)).toThrow("kept nowhere");
    expect(restoreInputs(project.store, record, { force: true }).written).toEqual([file]);
    expect(readFileSync(file, "utf8")).toBe("the data itself\n");
  },
);
