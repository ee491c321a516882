import { afterEach, describe, expect, test } from "vitest";
import { knownOr, type RunRecord } from "#record";
import { parseSeed } from "#run";
import { schemaFaults } from "../record/schema.ts";
import { environment, folderProject, gitProject, type Project, PYTHON } from "./project.ts";

const TRAIN = `import argparse, json, os, random, sys, time
import helper
options = argparse.ArgumentParser()
options.add_argument("--lr", type=float)
options.add_argument("--fast", action="store_true")
args = options.parse_args()
rng = random.Random()
for epoch in range(1, 4):
    print(f"epoch {epoch} loss={helper.loss(epoch, args.lr):.4f}")
print("noise", rng.random(), random.random(), file=sys.stderr)
started = time.time()
names = os.listdir("parts")
json.dump({"names": sorted(names)}, open("out.json", "w"))
`;
const FILES = {
  "train.py": TRAIN,
  "helper.py": "def loss(epoch, lr):\n    return lr / epoch\n",
  "parts/a.txt": "a",
  "parts/b.txt": "b",
  "requirements.txt": "numpy==2.4.6\n",
  ".gitignore": "out.json\n",
};
const ARGV = [PYTHON, "train.py", "--lr", "0.1", "--fast"];

let project: Project;
afterEach(() => project.remove());

const series = (record: RunRecord, name: string): number[] =>
  record.metrics.filter((one) => one.name === name).flatMap((one) => one.points.map((point) => point.value));
const sources = (record: RunRecord): string[] =>
  knownOr(record.entropy, []).map((one) => `${one.kind} ${one.name} ${one.file}:${one.line}`);

describe("what a run of a Git project records", () => {
  test("the command, its end, its parameters, its output and its metrics", async () => {
    project = gitProject(FILES);
    const record = await project.run(ARGV, { name: "first", tags: { who: "ada" } });
    expect(schemaFaults(record)).toEqual([]);
    expect(project.store.runs.get(record.id)).toEqual(record);
    expect(record).toMatchObject({
      name: "first",
      tags: { who: "ada" },
      replay: null,
      status: "completed",
      exitCode: 0,
      signal: null,
    });
    expect(record.command).toEqual({
      argv: ARGV,
      executable: PYTHON,
      cwd: project.root,
      project: project.root,
      workdir: "",
    });
    expect(record.params).toEqual([
      { name: "lr", value: "0.1", origin: "argument" },
      { name: "fast", value: "true", origin: "argument" },
      { name: "lr", value: "0.1", origin: "argparse", from: "command line" },
      { name: "fast", value: "True", origin: "argparse", from: "command line" },
    ]);
    expect(project.text(record.stdout)).toBe("epoch 1 loss=0.1000\nepoch 2 loss=0.0500\nepoch 3 loss=0.0333\n");
    expect(record.metrics.find((one) => one.name === "loss")?.points).toEqual([
      { step: 1, value: 0.1 },
      { step: 2, value: 0.05 },
      { step: 3, value: 0.0333 },
    ]);
    expect(Date.parse(record.endedAt) - Date.parse(record.startedAt)).toBeCloseTo(record.seconds * 1000, -2);
  });

  test("a clean checkout by its commit alone", async () => {
    project = gitProject(FILES);
    const record = await project.run(ARGV);
    expect(record.code).toMatchObject({
      kind: "git",
      commit: project.git("rev-parse", "HEAD").trim(),
      branch: "main",
      dirty: false,
      untracked: [],
    });
    expect(record.code).not.toHaveProperty("diff");
    expect(record.modules).toMatchObject([
      { path: "helper.py", saved: "same" },
      { path: "train.py", saved: "same" },
    ]);
  });

  test("staged and unstaged changes and untracked files", async () => {
    project = gitProject(FILES);
    project.put({ "helper.py": "def loss(epoch, lr):\n    return lr * 2 / epoch\n", "notes.txt": "new\n" });
    project.git("add", "helper.py");
    project.put({ "train.py": `${TRAIN}# more\n` });
    const record = await project.run(ARGV);
    expect(series(record, "loss")).toEqual([0.2, 0.1, 0.0667]);
    if (!("kind" in record.code) || record.code.kind !== "git") throw new Error("not as git");
    expect(record.code.dirty).toBe(true);
    expect(project.text(record.code.diff)).toMatch(/\+ {4}return lr \* 2[\s\S]*\+# more/);
    expect(project.text(record.code.staged)).not.toContain("# more");
    expect(record.code.untracked.map((file) => file.path)).toEqual(["notes.txt"]);
    expect(project.text(record.code.untracked[0])).toBe("new\n");
    expect(knownOr(record.modules, []).map((one) => one.saved)).toEqual(["same", "same"]);
  });

  test("a module that git ignores is one a replay may not have, and the record warns of it", async () => {
    project = gitProject({ ...FILES, ".gitignore": "helper.py\nout.json\n" });
    const record = await project.run(ARGV);
    expect(record.modules).toMatchObject([
      { path: "helper.py", saved: "not saved" },
      { path: "train.py", saved: "same" },
    ]);
    expect(record.warnings.map((one) => one.code)).toContain("module-not-saved");
  });

  test("sources of nondeterminism with their lines, and the root seed they follow", async () => {
    project = gitProject(FILES);
    const record = await project.run(ARGV);
    expect(sources(record)).toEqual(
      expect.arrayContaining([
        "generator random.Random train.py:7",
        "clock time.time train.py:11",
        "listing os.listdir train.py:12",
      ]),
    );
    expect(record.seed).toMatchObject({ mode: "fresh", own: [] });
    expect(record.seed.root).toMatch(/^[0-9a-f]{32}$/);
    expect(record.seed.seeded).toEqual(expect.arrayContaining(["PYTHONHASHSEED", "random"]));
    const again = await project.run(ARGV, { seed: parseSeed("42") });
    const twice = await project.run(ARGV, { seed: parseSeed("42") });
    expect(again.seed).toMatchObject({ mode: "declared", root: "42" });
    expect(project.text(twice.stderr)).toBe(project.text(again.stderr));
    expect(project.text(record.stderr)).not.toBe(project.text(again.stderr));
    const off = await project.run(ARGV, { seed: parseSeed("off") });
    expect(off.seed).toMatchObject({ mode: "off", root: null, seeded: [], hashSeed: null });
  });

  test("the interpreter, the packages and libraries, lock files, the machine and the variables", async () => {
    project = gitProject(FILES);
    const record = await project.run(ARGV, { env: { ...environment(), OMP_NUM_THREADS: "1", EDITOR: "vi" } });
    expect(record.environment.python).toMatchObject({ implementation: "cpython", executable: PYTHON });
    expect(record.environment.lockFiles).toMatchObject([
      { path: "requirements.txt", digest: expect.stringMatching(/^sha256:/) as string },
    ]);
    expect(knownOr(record.environment.libraries, []).map((one) => one.path)).toEqual(
      expect.arrayContaining([expect.stringMatching(/\.so/)]),
    );
    expect(record.hardware.memoryBytes).toBeGreaterThan(1e6);
    expect(record.variables).toContainEqual({ name: "OMP_NUM_THREADS", value: "1" });
    expect(record.variables).toContainEqual({
      name: "EDITOR",
      hmac: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      reason: "not on the list",
    });
    expect(record.agent).toMatchObject({
      state: "attached",
      processes: [{ key: "0", language: "python", ended: true }],
      faults: [],
    });
    expect(project.text(record.events)).toContain('"e":"hello"');
  });
});

describe("what a run of a folder records", () => {
  test("a snapshot of its source, by content, and what lay in it", async () => {
    project = folderProject(FILES);
    const record = await project.run(ARGV);
    expect(schemaFaults(record)).toEqual([]);
    if (!("kind" in record.code) || record.code.kind !== "snapshot") throw new Error("not as a snapshot");
    expect(record.code.files.map((file) => file.path)).toEqual(expect.arrayContaining(["helper.py", "train.py"]));
    expect(project.text(record.code.files.find((file) => file.path === "train.py"))).toBe(TRAIN);
    const lines = project.text(record.tree).split("\n");
    expect(lines).toContain("d\t0\t0\tparts");
    expect(lines).toEqual(expect.arrayContaining([expect.stringMatching(/^f\t1\t\d+\.\d{3}\tparts\/a\.txt$/)]));
    expect(record.tree).toMatchObject({ entries: lines.length });
  });

  test("started below the project's root: where, and names from the root", async () => {
    project = gitProject({ "sub/x.py": "print(open('in.txt').read())\n", "sub/in.txt": "1" });
    const record = await project.run([PYTHON, "x.py"], { cwd: `${project.root}/sub` });
    expect(record.command).toMatchObject({ project: project.root, workdir: "sub" });
    expect(record.inputs).toMatchObject([{ path: "sub/in.txt", scope: "project" }]);
  });
});
