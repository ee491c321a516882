import { expect, test } from "vitest";
import { verify, why, whyPair } from "#replay";
import { cellAtLine } from "../../../src/replay/notebook/cells.ts";
import { environment, gitProject, PYTHON } from "../../run/project.ts";

/** A notebook with a title and these code cells. */
function notebook(...cells: readonly string[]): string {
  const code = cells.map((source, i) => ({
    cell_type: "code",
    execution_count: null,
    id: `cell-${i}`,
    metadata: {},
    outputs: [],
    source: source.split(/(?<=\n)/),
  }));
  const title = { cell_type: "markdown", id: "title", metadata: {}, source: ["# A title"] };
  const kernelspec = { display_name: "Python 3", language: "python", name: "python3" };
  return JSON.stringify({ cells: [title, ...code], metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }, null, 1);
}

const ARGV = [PYTHON, "-m", "nbconvert", "--to", "notebook", "--execute", "train.ipynb", "--output", "out.ipynb"];

test("a cause in a notebook has its cell, and its line in there", { timeout: 300_000 }, async () => {
  const project = gitProject({
    "train.ipynb": notebook(
      "import random\nimport time",
      "def half(w):\n    return w / 2",
      "",
      "data = [1.0, 2.0]\nw = random.random()",
      'for step in range(3):\n    w = half(w) + sum(data)\nprint("loss=%.9f" % w)',
    ),
  });
  const baseline = await project.run(ARGV);
  expect(baseline.exitCode).toBe(0);
  const question = { baseline, store: project.store, version: "test", env: environment() };
  const found = await why({ ...question, budget: { replays: 60 } });
  const place = { file: "train.ipynb", cell: 4, line: 2 };
  expect(found.causes, JSON.stringify(found, null, 1)).toMatchObject([
    { kind: "unseeded-rng", ...place, certainty: "proved" },
  ]);
  expect(found.divergence).toMatchObject({ ...place, variable: "w" });
  expect(found.divergence?.distance).toBeGreaterThan(0);
  const verdict = await verify({ ...question, level: "numerical", vary: "default", hold: [], budget: 40 });
  expect(verdict.verdict).toBe("conditional");
  expect(verdict.holds).toMatchObject([{ kind: "unseeded-rng", ...place }]);
  project.remove();
});

test("an edit of a cell is told by cell and line, and its copy in the executed notebook is no result", {
  timeout: 300_000,
}, async () => {
  const source = (rate: string, idle: number): string =>
    notebook(
      `x = ${idle}`,
      `print("begin")\nrate = ${rate}`,
      'w = 1.0\nfor step in range(3):\n    w *= rate\nprint("loss=%.9f" % w)',
    );
  const project = gitProject({ "train.ipynb": source("0.9", 1) });
  const a = await project.run(ARGV);
  project.put({ "train.ipynb": source("0.8", 2) });
  const b = await project.run(ARGV);
  const found = await whyPair({
    a,
    b,
    store: project.store,
    version: "test",
    env: environment(),
    budget: { replays: 60 },
  });
  expect(found.causes, JSON.stringify(found, null, 1)).toMatchObject([
    { kind: "code", file: "train.ipynb", cell: 2, line: 2, certainty: "proved", fix: "rate = 0.9" },
  ]);
  expect(found.divergence).toMatchObject({
    file: "train.ipynb",
    cell: 2,
    line: 2,
    variable: "rate",
  });
  expect(found.divergence?.distance).toBeCloseTo(0.1);
  project.remove();
});

test("what replays of one notebook executed is not set aside where it differs from run to run", {
  timeout: 300_000,
}, async () => {
  // As papermill does it: another cell is written for each run, and executed.
  const driver = `import json, random
book = json.load(open("train.ipynb"))
book["cells"][1]["source"] = "seed = %d" % random.randrange(10**9)
json.dump(book, open("made.ipynb", "w"))
import subprocess, sys
subprocess.check_call([sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "made.ipynb", "--output", "out.ipynb"])
`;
  const project = gitProject({ "train.ipynb": notebook("seed = 1", 'print("loss=0.5")'), "drive.py": driver });
  const baseline = await project.run([PYTHON, "drive.py"]);
  expect(baseline.exitCode).toBe(0);
  const { store } = project;
  const question = { baseline, store, version: "test", env: environment() };
  const verdict = await verify({ ...question, level: "numerical", vary: "default", hold: [], budget: 20 });
  expect(verdict.verdict).toBe("conditional");
  expect(verdict.evidence.some(({ name, agree }) => name.includes("ipynb") && !agree)).toBe(true);
  project.remove();
});

test("lines of a notebook's text are told by the cell that they are of", () => {
  const text = notebook("a = 1", 'b = "say \\"x\\""\nc = 2\n');
  const lineOf = (part: string): number => text.split("\n").findIndex((line) => line.includes(part)) + 1;
  expect(cellAtLine(text, lineOf("c = 2"))).toEqual({ cell: 2, line: 2 });
  expect(cellAtLine(text, lineOf("say"))).toEqual({ cell: 2, line: 1 });
  expect(cellAtLine(text, lineOf("# A title"))).toBeNull();
  expect(cellAtLine(text, lineOf("nbformat"))).toBeNull();
  expect(cellAtLine(JSON.stringify(JSON.parse(text)), 1)?.line ?? null).toBeNull();
  expect(cellAtLine("not a notebook", 1)).toBeNull();
});
