import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { knownOr } from "#record";
import { schemaFaults } from "../record/schema.ts";
import { folderProject, gitProject, type Project, PYTHON } from "./project.ts";

let project: Project;
afterEach(() => project.remove());

const python = (source: string): Promise<Awaited<ReturnType<Project["run"]>>> => {
  project = gitProject({ "x.py": source, "in.txt": "1" });
  return project.run([PYTHON, "x.py"]);
};

describe("how a run can end", () => {
  test("with a failure: recorded with its code, its output and what it left", async () => {
    const record = await python(
      "open('in.txt').read(); open('part.txt', 'w').write('1'); print('loss=1'); raise SystemExit(3)",
    );
    expect(record).toMatchObject({ status: "failed", exitCode: 3, signal: null, agent: { state: "attached" } });
    expect(record.inputs).toMatchObject([{ path: "in.txt" }]);
    expect(record.outputs).toMatchObject([{ path: "part.txt" }]);
    expect(record.metrics).toMatchObject([{ name: "loss" }]);
  });

  test("with an exception, whose trace is kept", async () => {
    const record = await python("1 / 0\n");
    expect(record).toMatchObject({ status: "failed", exitCode: 1 });
    expect(project.text(record.stderr)).toMatch(/x\.py", line 1[\s\S]*ZeroDivisionError/);
  });

  test("by os._exit, which runs no exit handlers", async () => {
    const record = await python("import os\nopen('in.txt').read(); open('out.txt', 'w').close()\nos._exit(5)");
    expect(record).toMatchObject({
      status: "failed",
      exitCode: 5,
      agent: { state: "attached", processes: [{ ended: true }] },
    });
    expect(record.inputs).toMatchObject([{ path: "in.txt" }]);
    expect(knownOr(record.modules, []).map((one) => one.path)).toEqual(["x.py"]);
  });

  test("killed by a signal that nobody can catch: what was seen until then stays", async () => {
    const record = await python(
      "import os, signal\nopen('in.txt').read(); print('loss=1', flush=True)\nos.kill(os.getpid(), signal.SIGKILL)",
    );
    expect(schemaFaults(record)).toEqual([]);
    expect(record).toMatchObject({ status: "killed", exitCode: null, signal: "SIGKILL", agent: { state: "partial" } });
    expect(record.inputs).toMatchObject([{ path: "in.txt" }]);
    expect(project.text(record.stdout)).toBe("loss=1\n");
    expect(record.warnings.map((one) => one.code)).toContain("agent-partial");
  });

  test("by a fault in C", async () => {
    const record = await python("import ctypes\nctypes.string_at(0)");
    expect(record).toMatchObject({ status: "killed", signal: "SIGSEGV" });
  });

  test("terminated by itself", async () => {
    const record = await python("import os, signal\nos.kill(os.getpid(), signal.SIGTERM)");
    expect(record).toMatchObject({ exitCode: null, signal: "SIGTERM" });
  });

  test("not started, because there is no such program", async () => {
    project = folderProject({ "x.py": "" });
    const record = await project.run(["no-such-program-here"]);
    expect(schemaFaults(record)).toEqual([]);
    expect(record).toMatchObject({ status: "not-started", outputs: [] });
    expect(record.command.executable).toEqual({ unknown: expect.stringContaining("no-such-program-here") as string });
    expect(record.warnings.map((one) => one.code)).toContain("not-started");
  });

  test("the exit code of the program is that of the command, and its output passes through", () => {
    project = folderProject({});
    expect(project.shell(`sh -c 'echo out; exit 7'`)).toMatchObject({
      code: 7,
      stdout: "out\n",
      record: { exitCode: 7 },
    });
    expect(project.shell(`sh -c 'kill -9 $$'`)).toMatchObject({ code: 137, record: { signal: "SIGKILL" } });
  });
});

describe("what programs do on their way", () => {
  test("a script that changes its folder: names are still those from the project's root", async () => {
    const record = await python(
      "import os\nos.makedirs('sub')\nos.chdir('sub')\nopen('../in.txt').read(); open('out.txt', 'w').write('1')",
    );
    expect(record.inputs).toMatchObject([{ path: "in.txt" }]);
    expect(record.outputs).toMatchObject([{ path: "sub/out.txt", seen: ["hook", "tree"] }]);
    expect(record.command.workdir).toBe("");
  });

  test("output that is no UTF-8 and has no line end", async () => {
    const record = await python("import os\nos.write(1, b'\\xff\\xfe\\x00caf\\xe9 loss=2')");
    const bytes = record.stdout;
    expect(bytes).toMatchObject({ bytes: 14, redacted: 0 });
    expect(record.metrics).toMatchObject([{ name: "loss", points: [{ value: 2 }] }]);
  });

  test("names of files with blanks, quotes, line ends and signs of other scripts", async () => {
    const names = ["a b.txt", `q"'.txt`, "ß–漢.txt", "line\nend.txt"];
    const record = await python(`for name in ${JSON.stringify(names)}: open(name, "w").write("1")`);
    expect(knownOr(record.outputs, []).map((file) => file.path)).toEqual(names.toSorted());
  });

  test("nothing is left in the project or the store but what the run made and its record", async () => {
    const record = await python("print(1)");
    expect(project.git("status", "--porcelain", "--ignored")).toBe("");
    expect(project.store.runs.unfinished()).toEqual([]);
    expect(existsSync(join(project.store.root, "runs", record.id))).toBe(false);
    expect(project.store.fsck().findings).toEqual([]);
  });

  test("two runs at once in one project and store", async () => {
    project = gitProject({ "x.py": "import sys, time\ntime.sleep(0.3)\nopen(sys.argv[1], 'w').write(sys.argv[1])" });
    const records = await Promise.all(["a", "b"].map((name) => project.run([PYTHON, "x.py", name])));
    expect(records.map((record) => record.status)).toEqual(["completed", "completed"]);
    expect(project.store.runs.list()).toHaveLength(2);
    expect(project.store.fsck().findings).toEqual([]);
  });
});
