import { existsSync, linkSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { codeOfRun, lackingInputs, restoreInputs } from "#data";
import { ORIGIN_FACT, type RunRecord } from "#record";
import { environment, gitProject, type Project, PYTHON } from "../run/project.ts";

let project: Project;
afterEach(() => project.remove());

const READ = "import sys\nfor name in sys.argv[1:]:\n    open(name).read()\n";

async function read(...names: string[]): Promise<RunRecord> {
  return project.run([PYTHON, "read.py", ...names]);
}

async function restore(run: RunRecord, to?: string) {
  const code = await codeOfRun(project.store, run, environment());
  try {
    return restoreInputs(project.store, run, { code, ...(to === undefined ? {} : { to }) });
  } finally {
    code.remove();
  }
}

test("data that git tracks comes from the run's commit, with what was changed on it; in its place, or elsewhere", async () => {
  project = gitProject({ "read.py": READ, "a.csv": "1\n", "deep/b.csv": "2\n", "c.csv": "3\n" });
  project.put({ "deep/b.csv": "2, changed and not committed\n", "new.csv": "kept by the store\n" });
  const run = await read("a.csv", "deep/b.csv", "c.csv", "new.csv");
  expect(lackingInputs(project.store, run)).toEqual([]);
  project.put({ "a.csv": "another\n" });
  project.git("commit", "-qam", "another");
  for (const name of ["a.csv", "deep/b.csv", "new.csv"]) rmSync(join(project.root, name));
  expect(lackingInputs(project.store, run).toSorted()).toEqual(["a.csv", "deep/b.csv"]);
  const to = join(project.root, "../elsewhere");
  expect(await restore(run, to)).toMatchObject({ missing: [], unchanged: [] });
  expect(["a.csv", "deep/b.csv", "c.csv", "new.csv"].map((name) => readFileSync(join(to, name), "utf8"))).toEqual([
    "1\n",
    "2, changed and not committed\n",
    "3\n",
    "kept by the store\n",
  ]);
  expect(await restore(run)).toMatchObject({ missing: [] });
  expect(project.read("a.csv")).toBe("1\n");
  expect(lackingInputs(project.store, run)).toEqual([]);
});

test("what is put back from the commit is not written through a link, nor into another name of what lay there", async () => {
  project = gitProject({ "read.py": READ, "a.csv": "1\n", "b.csv": "2\n" });
  const run = await read("a.csv", "b.csv");
  project.put({ "others.csv": "of others\n" });
  project.store.objects.put("of others\n");
  for (const name of ["a.csv", "b.csv"]) rmSync(join(project.root, name));
  symlinkSync("others.csv", join(project.root, "a.csv"));
  linkSync(join(project.root, "others.csv"), join(project.root, "b.csv"));
  expect(await restore(run)).toMatchObject({ missing: [] });
  expect(["a.csv", "b.csv", "others.csv"].map((name) => project.read(name))).toEqual(["1\n", "2\n", "of others\n"]);
  expect(readdirSync(project.root).filter((name) => name.includes("partial"))).toEqual([]);
});

test("without its commit it is said of each file why not", async () => {
  project = gitProject({ "read.py": READ, "a.csv": "1\n" });
  const run = await read("a.csv");
  rmSync(join(project.root, "a.csv"));
  rmSync(join(project.root, ".git"), { recursive: true });
  const { written, missing } = await restore(run);
  expect(written).toEqual([]);
  expect(missing).toMatchObject([{ path: "a.csv" }]);
  expect(missing[0]?.why).toMatch(/^not kept, and gone; nor is the run's code to be had: .+/);
});

test("what lies in the way and is kept nowhere stays as it is, elsewhere, too", async () => {
  project = gitProject({ "read.py": READ, "a.csv": "1\n" });
  const run = await read("a.csv");
  const to = join(project.root, "other");
  project.put({ "other/a.csv": "mine alone\n" });
  await expect(restore(run, to)).rejects.toMatchObject({ code: "DATA_NOT_SAVED" });
  expect(project.read("other/a.csv")).toBe("mine alone\n");
  writeFileSync(join(project.root, "a.csv"), "mine alone, too\n");
  await expect(restore(run)).rejects.toMatchObject({ code: "DATA_NOT_SAVED" });
  expect(project.read("a.csv")).toBe("mine alone, too\n");
});

test("a run of another machine names paths of that machine: only a folder that is asked for is written to", async () => {
  project = gitProject({ "read.py": READ });
  const elsewhere = join(project.root, "../outside.csv");
  writeFileSync(elsewhere, "1\n");
  const run = await project.run([PYTHON, "read.py", elsewhere], { storeInputs: "all" });
  project.store.runs.addFact(run.id, ORIGIN_FACT, { host: "evil", code: null });
  rmSync(elsewhere);
  await expect(restore(run)).rejects.toMatchObject({ code: "USAGE" });
  expect(existsSync(elsewhere)).toBe(false);
  expect(await restore(run, join(project.root, "to"))).toMatchObject({ missing: [] });
});
