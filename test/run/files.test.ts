import { mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { digestOf, type InputFile, knownOr, type OutputFile, type RunRecord } from "#record";
import { folderProject, gitProject, type Project, PYTHON } from "./project.ts";

let project: Project;
afterEach(() => project.remove());

const input = (record: RunRecord, path: string): InputFile | undefined =>
  knownOr(record.inputs, []).find((file) => file.path === path);
const output = (record: RunRecord, path: string): OutputFile | undefined =>
  knownOr(record.outputs, []).find((file) => file.path === path);
const names = (files: RunRecord["inputs"] | RunRecord["outputs"]): string[] =>
  knownOr<readonly { readonly path: string }[], []>(files, []).map((file) => file.path);
const program = (source: string): Record<string, string> => ({ "x.py": source, ".gitignore": "*.dat\n" });

describe("inputs", () => {
  test("a file that the program opened, with its digest, kept when git does not have it", async () => {
    project = gitProject({
      ...program("open('tracked.csv').read(); open('ignored.dat').read()"),
      "tracked.csv": "1\n",
    });
    project.put({ "ignored.dat": "2\n" });
    const record = await project.run([PYTHON, "x.py"]);
    expect(names(record.inputs)).toEqual(["ignored.dat", "tracked.csv"]);
    expect(input(record, "tracked.csv")).toEqual({
      path: "tracked.csv",
      scope: "project",
      seen: ["hook"],
      bytes: 2,
      digest: digestOf("1\n"),
      stored: false,
    });
    expect(input(record, "ignored.dat")).toMatchObject({ digest: digestOf("2\n"), stored: true });
    expect(project.text(input(record, "ignored.dat"))).toBe("2\n");
  });

  test("a file that only the arguments name, read by a program that we cannot look into", async () => {
    project = gitProject({ "in.txt": "words\n" });
    const record = await project.run(["/bin/cat", "in.txt"]);
    expect(record.inputs).toMatchObject([{ path: "in.txt", seen: ["argument"], digest: digestOf("words\n") }]);
    expect(project.text(record.stdout)).toBe("words\n");
  });

  test("a file that was mapped into memory by a library behind the hook's back", async () => {
    const source = `import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
fd = libc.open(b"mapped.dat", os.O_RDONLY)
assert libc.mmap(None, 4096, 1, 2, fd, 0) not in (None, ctypes.c_void_p(-1).value)
`;
    project = gitProject(program(source));
    project.put({ "mapped.dat": "m".repeat(4096) });
    const record = await project.run([PYTHON, "x.py"]);
    expect(input(record, "mapped.dat")).toMatchObject({ seen: ["mapped"], bytes: 4096, stored: true });
  });

  test("a file outside the project by its absolute name", async () => {
    const outside = realpathSync(mkdtempSync(join(tmpdir(), "data-")));
    writeFileSync(join(outside, "far.txt"), "far");
    project = gitProject(program("import sys; print(open(sys.argv[1]).read())"));
    const record = await project.run([PYTHON, "x.py", join(outside, "far.txt")]);
    rmSync(outside, { recursive: true });
    expect(input(record, join(outside, "far.txt"))).toMatchObject({
      scope: "temporary",
      digest: digestOf("far"),
      seen: ["argument", "hook"],
    });
  });

  test("the old content of a file that the run added to", async () => {
    project = gitProject(program("open('log.dat', 'a').write('new\\n')"));
    project.put({ "log.dat": "old\n" });
    const record = await project.run([PYTHON, "x.py"]);
    expect(input(record, "log.dat")).toMatchObject({ digest: digestOf("old\n"), stored: true });
    expect(project.text(input(record, "log.dat"))).toBe("old\n");
    expect(output(record, "log.dat")).toMatchObject({ change: "changed", digest: digestOf("old\nnew\n") });
  });

  test("the old content of a file that the run read and then wrote over, replaced or removed", async () => {
    const source = `import os
for name in ("over.dat", "moved.dat", "gone.dat"): open(name).read()
open("over.dat", "w").write("n")
open("t.dat", "w").write("n"); os.replace("t.dat", "moved.dat")
os.remove("gone.dat")
`;
    project = gitProject(program(source));
    project.put({ "over.dat": "1", "moved.dat": "22", "gone.dat": "333" });
    const record = await project.run([PYTHON, "x.py"]);
    const old = ["over.dat", "moved.dat", "gone.dat"].map((path) => project.text(input(record, path)));
    expect(old).toEqual(["1", "22", "333"]);
    expect(output(record, "over.dat")).toMatchObject({ change: "changed", digest: digestOf("n") });
    expect(output(record, "gone.dat")).toMatchObject({ change: "removed", digest: { unknown: "removed by the run" } });
  });

  test("not what the run wrote itself before it read it, nor libraries, nor its own code", async () => {
    project = gitProject({
      ...program("import json, side\nopen('made.dat', 'w').write('1'); open('made.dat').read()"),
      "side.py": "",
    });
    const record = await project.run([PYTHON, "x.py"]);
    expect(names(record.inputs)).toEqual([]);
    expect(names(record.outputs)).toEqual(["made.dat"]);
  });

  test("a file whose own time lies in the future", async () => {
    project = gitProject({ ...program("open('in.csv').read()"), "in.csv": "1" });
    utimesSync(join(project.root, "in.csv"), 4e9, 4e9);
    const record = await project.run([PYTHON, "x.py"]);
    expect(input(record, "in.csv")).toMatchObject({ digest: digestOf("1") });
  });

  test("a file that other programs wrote over, as it was when it was read, or unknown", async () => {
    const source = `import subprocess, time
for name in ("slow.dat", "quick.dat"): open(name).read()
time.sleep(0.3)
subprocess.run(["/bin/sh", "-c", "printf new > slow.dat"])
`;
    project = gitProject(program(source));
    project.put({ "slow.dat": "old", "quick.dat": "1" });
    const record = await project.run([PYTHON, "x.py"]);
    expect(input(record, "slow.dat")).toMatchObject({ digest: digestOf("old"), stored: false });
    expect(input(record, "quick.dat")).toMatchObject({ digest: digestOf("1"), stored: true });
  });

  test("standard input from a file", () => {
    project = gitProject({ "in.txt": "typed" });
    const { record, stdout } = project.shell("cat < in.txt");
    expect(stdout).toBe("typed");
    expect(record.terminal).toMatchObject({ stdin: "file", stdinFile: join(project.root, "in.txt") });
    expect(input(record, "in.txt")).toMatchObject({ digest: digestOf("typed") });
  });
});

describe("outputs", () => {
  test("created, changed and removed files, their content and what they are", async () => {
    const source = `import os
os.makedirs("deep/er"); open("deep/er/model.pt", "w").write("w"); open("checkpoint-3.bin", "w").write("c")
open("old.txt", "w").write("after"); os.remove("away.txt")
`;
    project = folderProject({ ...program(source), "old.txt": "before", "away.txt": "x" });
    const record = await project.run([PYTHON, "x.py"]);
    expect(record.outputs).toEqual([
      {
        path: "away.txt",
        scope: "project",
        seen: ["hook", "tree"],
        change: "removed",
        bytes: 0,
        digest: { unknown: "removed by the run" },
        stored: false,
      },
      {
        path: "checkpoint-3.bin",
        scope: "project",
        seen: ["hook", "tree"],
        change: "created",
        role: "checkpoint",
        bytes: 1,
        digest: digestOf("c"),
        stored: true,
      },
      {
        path: "deep/er/model.pt",
        scope: "project",
        seen: ["hook", "tree"],
        change: "created",
        role: "model",
        bytes: 1,
        digest: digestOf("w"),
        stored: true,
      },
      {
        path: "old.txt",
        scope: "project",
        seen: ["hook", "tree"],
        change: "changed",
        bytes: 5,
        digest: digestOf("after"),
        stored: true,
      },
    ]);
  });

  test("files written behind the hook's back, found by comparing the tree before and after", async () => {
    project = gitProject(program("import subprocess; subprocess.run(['/bin/cp', 'x.py', 'copy.dat'], check=True)"));
    project.put({ "same.dat": "1" });
    const record = await project.run([PYTHON, "x.py"]);
    expect(record.outputs).toMatchObject([{ path: "copy.dat", seen: ["tree"], change: "created", stored: true }]);
    expect(project.text(output(record, "copy.dat"))).toBe(project.read("x.py"));
  });

  test("a file rewritten with as many bytes", async () => {
    project = gitProject(program("open('same.dat', 'w').write('b')"));
    project.put({ "same.dat": "a" });
    const record = await project.run(["/bin/sh", "-c", "printf b > same.dat"]);
    expect(output(record, "same.dat")).toMatchObject({ change: "changed", digest: digestOf("b") });
  });

  test("a file outside the project that the program opened for writing", async () => {
    project = gitProject(program("import sys; open(sys.argv[1], 'w').write('far')"));
    const path = join(realpathSync(tmpdir()), `result of ${process.pid}.txt`);
    const record = await project.run([PYTHON, "x.py", path]);
    rmSync(path);
    expect(output(record, path)).toMatchObject({
      scope: "temporary",
      seen: ["hook"],
      change: "created",
      digest: digestOf("far"),
    });
  });

  test("not the program's own throw-away files, caches and byte code", async () => {
    const source = `import os, side, tempfile
with tempfile.NamedTemporaryFile() as f: f.write(b"1")
tempfile.mkstemp()
os.makedirs(".pytest_cache"); open(".pytest_cache/x", "w").write("1")
`;
    project = gitProject({ ...program(source), "side.py": "" });
    const record = await project.run([PYTHON, "x.py"]);
    expect(names(record.outputs)).toEqual([]);
  });
});
