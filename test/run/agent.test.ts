import { afterEach, describe, expect, test } from "vitest";
import { isUnknown, knownOr } from "#record";
import { parseSeed } from "#run";
import { schemaFaults } from "../record/schema.ts";
import { environment, gitProject, type Project, PYTHON } from "./project.ts";

const SOURCE = "import random\nprint('loss=0.5', random.random())\nopen('out.txt', 'w').write(open('in.txt').read())\n";
const FILES = { "x.py": SOURCE, "in.txt": "in", "x.cjs": "console.log('loss=0.5', Math.random())\n" };

let project: Project;
afterEach(() => project.remove());

describe("where the agent cannot get in", () => {
  const cases = [
    ["python -I", [PYTHON, "-I", "x.py"], /started with -I/],
    ["python -S", [PYTHON, "-S", "x.py"], /started with -S/],
    ["python -E", [PYTHON, "-E", "x.py"], /started with -E/],
    ["python with flags together", [PYTHON, "-Is", "x.py"], /started with -I/],
    ["a shell", ["/bin/sh", "-c", "echo loss=0.5; cp in.txt out.txt"], /^sh is not a Python or Node program/],
    [
      "a command that sets PYTHONPATH",
      ["/usr/bin/env", "PYTHONPATH=.", PYTHON, "x.py"],
      /^the command sets PYTHONPATH/,
    ],
    ["a script that sets PYTHONPATH", ["/bin/sh", "-c", `PYTHONPATH=. ${PYTHON} x.py`], /^the command sets PYTHONPATH/],
    ["a program in C", ["/usr/bin/env", "cp", "in.txt", "out.txt"], /^env is not a Python or Node program/],
  ] as const;
  for (const [name, argv, why] of cases) {
    test(`${name}: the run is recorded, and what could not be seen is unknown because of that`, async () => {
      project = gitProject(FILES);
      const record = await project.run(argv);
      expect(schemaFaults(record)).toEqual([]);
      expect(record).toMatchObject({ status: "completed", exitCode: 0, agent: { state: "none", processes: [] } });
      expect(record.agent.reason).toMatch(why);
      const unseen = [record.modules, record.entropy, record.environment.python];
      expect(unseen.map((fact) => isUnknown(fact) && fact.unknown)).toEqual(
        unseen.map(() => expect.stringMatching(why) as string),
      );
      expect(record.warnings).toContainEqual({ code: "agent-none", message: expect.stringMatching(why) as string });
      expect(record.outputs).toMatchObject([{ path: "out.txt", seen: ["tree"], change: "created", stored: true }]);
      expect(record.code).toMatchObject({ kind: "git", dirty: false });
    });
  }

  test("inputs that nobody named are unknown; those in the arguments are known", async () => {
    project = gitProject(FILES);
    expect(await project.run([PYTHON, "-I", "x.py"])).toMatchObject({
      inputs: { unknown: expect.stringMatching(/-I/) as string },
    });
    const named = await project.run(["/bin/cp", "in.txt", "new.txt"]);
    expect(knownOr(named.inputs, []).map((file) => file.path)).toEqual(["in.txt"]);
  });

  test("metrics and parameters come from outside all the same", async () => {
    project = gitProject(FILES);
    const record = await project.run([PYTHON, "-I", "x.py", "--lr", "1"]);
    expect(record.metrics).toMatchObject([{ name: "loss", points: [{ value: 0.5 }] }]);
    expect(record.params).toEqual([{ name: "lr", value: "1", origin: "argument" }]);
  });

  test("a Python program that clears the environment for its child: the child alone is unseen", async () => {
    project = gitProject({
      "x.py": `import subprocess, sys\nsubprocess.run([sys.executable, 'y.py'], env={})\n`,
      "y.py": "open('out.txt', 'w')",
    });
    const record = await project.run([PYTHON, "x.py"]);
    expect(record.agent.processes.map((one) => one.key)).toEqual(["0"]);
    expect(record.outputs).toMatchObject([{ path: "out.txt", seen: ["tree"] }]);
  });
});

describe("where it gets in", () => {
  test("Node: attached, and Math.random follows the root seed", async () => {
    project = gitProject(FILES);
    const seed = parseSeed("7");
    const record = await project.run([process.execPath, "x.cjs"], { seed });
    expect(record.agent).toMatchObject({ state: "attached", processes: [{ key: "0", language: "node", ended: true }] });
    expect(record.entropy).toMatchObject([{ kind: "generator", name: "Math.random", file: "x.cjs", line: 1 }]);
    expect((await project.run([process.execPath, "x.cjs"], { seed })).stdout).toEqual(record.stdout);
    expect(record.environment.python).toEqual({ unknown: "not a Python program" });
  });

  test("children in Python, spawned and forked, each with a key of its own", async () => {
    const source = `import multiprocessing, subprocess, sys
def work(name): open(name, "w").write(name)
if __name__ == "__main__":
    for method in ("spawn", "fork"):
        child = multiprocessing.get_context(method).Process(target=work, args=(method + ".txt",))
        child.start(); child.join()
    subprocess.run([sys.executable, "y.py"], check=True)
`;
    project = gitProject({ "x.py": source, "y.py": "open('in.txt').read(); open('sub.txt', 'w')", "in.txt": "1" });
    const record = await project.run([PYTHON, "x.py"]);
    const keys = record.agent.processes.map((one) => one.key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.length).toBeGreaterThanOrEqual(4);
    expect(record.agent.processes.map((one) => one.language)).toEqual(expect.arrayContaining(["python", "fork"]));
    expect(record.outputs).toMatchObject([
      { path: "fork.txt", seen: ["hook", "tree"] },
      { path: "spawn.txt", seen: ["hook", "tree"] },
      { path: "sub.txt", seen: ["hook", "tree"] },
    ]);
    expect(record.inputs).toMatchObject([{ path: "in.txt" }]);
  });

  test("python -m and a script behind a shell", async () => {
    project = gitProject({ "pack/__init__.py": "", "pack/__main__.py": "open('in.txt').read()\n", "in.txt": "1" });
    for (const argv of [
      [PYTHON, "-m", "pack"],
      ["/bin/sh", "-c", `"${PYTHON}" -m pack; true`],
    ]) {
      const record = await project.run(argv);
      expect(record.agent.state).toBe("attached");
      expect(knownOr(record.inputs, []).map((file) => file.path)).toEqual(["in.txt"]);
      expect(knownOr(record.modules, []).map((one) => one.path)).toEqual(
        expect.arrayContaining(["pack/__init__.py", "pack/__main__.py"]),
      );
    }
  });

  test("the program's own PYTHONPATH, NODE_OPTIONS and arguments are as without us", async () => {
    const source =
      "import json, os, sys\nprint(json.dumps([sys.argv, os.environ['PYTHONPATH'].split(':')[-1], os.getcwd()]))\n";
    project = gitProject({ "x.py": source });
    const record = await project.run([PYTHON, "x.py", "a b", ""], { env: { ...environment(), PYTHONPATH: "/own" } });
    expect(JSON.parse(project.text(record.stdout))).toEqual([["x.py", "a b", ""], "/own", project.root]);
  });
});
