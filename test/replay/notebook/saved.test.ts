import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { savedOutputs, withCells } from "#replay";
import { folderProject, PYTHON } from "../../run/project.ts";

// A notebook is executed by the Python that a shell would start.
process.env.PATH = `${dirname(PYTHON)}:${process.env.PATH ?? ""}`;

interface Saved {
  readonly source: string;
  readonly count?: number;
  readonly prints?: string;
  /** The text of the cell's value. */
  readonly value?: string;
}

function notebook(cells: readonly Saved[], language = "python"): string {
  const code = cells.map(({ source, count = null, prints, value }, i) => ({
    cell_type: "code",
    execution_count: count,
    id: `cell-${i}`,
    metadata: {},
    outputs: [
      ...(prints === undefined ? [] : [{ output_type: "stream", name: "stdout", text: prints.split(/(?<=\n)/) }]),
      ...(value === undefined
        ? []
        : [{ output_type: "execute_result", execution_count: count, metadata: {}, data: { "text/plain": [value] } }]),
    ],
    source: source.split(/(?<=\n)/),
  }));
  const kernelspec = { display_name: "Any", language, name: "some-kernel-that-is-not-there" };
  return JSON.stringify({ cells: code, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }, null, 1);
}

/** Runs a notebook by its name, as a user does. */
function runs(cells: readonly Saved[]) {
  const project = folderProject({ "n.ipynb": notebook(cells) });
  const { record, code } = project.shell("n.ipynb");
  const found = savedOutputs(record, project.store);
  const shown = withCells(record, project.store);
  project.remove();
  return { record, code, found, shown };
}

test("what cells have saved is held against what they give now, times aside", { timeout: 120_000 }, () => {
  const { record, code, found, shown } = runs([
    { source: "import datetime, random\nrate = 0.5", count: 1 },
    { source: "w = rate * 2\nprint('w', w)", count: 3, prints: "w 1.8\n" },
    { source: "print(datetime.datetime.now())", count: 4, prints: "2024-03-04 10:11:12.131415\n" },
    {
      source: "%time x = 1\nrandom.random()\nprint('loss=%.2f' % w)",
      count: 5,
      prints: "CPU times: user 3 ms, sys: 0 ns, total: 3 ms\nWall time: 3 ms\nloss=1.00\n",
    },
    { source: "w + 1", count: 6, value: "2.0" },
    { source: "w + 2" },
  ]);
  expect(code).toBe(0);
  expect(found).toEqual([
    {
      file: "n.ipynb",
      cells: 6,
      executed: 6,
      same: 3,
      differ: [{ cell: 2, saved: "w 1.8", now: "w 1.0" }],
      order: "otherwise",
      failed: null,
    },
  ]);
  // What a cell printed is a metric of the run, and what it drew is told by cell and line.
  expect(record.metrics.find(({ name }) => name === "loss")?.points).toEqual([{ step: null, value: 1 }]);
  expect(shown.entropy).toContainEqual(
    expect.objectContaining({ kind: "global-generator", file: "n.ipynb", cell: 4, line: 2 }),
  );
});

test("a cell that needs what no cell makes is named", { timeout: 120_000 }, () => {
  const { record, code, found } = runs([
    { source: "x = 1", count: 7 },
    { source: "print(frame)", count: 8, prints: "3 rows\n" },
  ]);
  expect(code).toBe(1);
  expect(found).toMatchObject([
    {
      executed: 2,
      same: null,
      order: "otherwise",
      failed: { cell: 2, error: "NameError: name 'frame' is not defined" },
    },
  ]);
  // Tracebacks look for cells as if they were files.
  expect(record.warnings.filter(({ code: one }) => one === "input-unknown")).toEqual([]);
});

test("a saved notebook that was run once from top to bottom agrees, and is left as it was", {
  timeout: 120_000,
}, () => {
  const cells = [
    { source: "w = 3", count: 1 },
    { source: "print(w)\nw", count: 2, prints: "3\n", value: "3" },
  ];
  const project = folderProject({ "n.ipynb": notebook(cells) });
  const { record } = project.shell("n.ipynb");
  expect(savedOutputs(record, project.store)).toMatchObject([
    { same: 1, differ: [], order: "top-to-bottom", failed: null },
  ]);
  expect(project.read("n.ipynb")).toBe(notebook(cells));
  expect(record.command.argv.slice(1)).toContain("nbconvert");
  project.remove();
});

test.each([
  ["of another language", { "n.ipynb": notebook([], "R") }, "n.ipynb", "NOTEBOOK_UNUSABLE"],
  ["that is none", { "n.ipynb": "{" }, "n.ipynb", "NOTEBOOK_UNUSABLE"],
  ["that is not there", {}, "n.ipynb", "NOTEBOOK_UNUSABLE"],
  ["with arguments", { "n.ipynb": notebook([]) }, "n.ipynb --lr 1", "NOTEBOOK_UNUSABLE"],
  ["that an execution left", { "n.executed.ipynb": notebook([]) }, "n.executed.ipynb", "NOTEBOOK_UNUSABLE"],
])("a notebook %s is refused, and nothing is recorded", (_, files, line, code) => {
  const project = folderProject(files);
  const reprise = join(import.meta.dirname, "../../../bin/reprise");
  const child = spawnSync(reprise, ["run", "--json", "--store", project.store.root, ...line.split(" ")], {
    cwd: project.root,
    encoding: "utf8",
  });
  expect(child.status).toBe(2);
  expect(JSON.parse(child.stdout)).toMatchObject({ error: { code } });
  expect(project.store.runs.list({})).toEqual([]);
  project.remove();
});
