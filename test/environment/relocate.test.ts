import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inEnvironment } from "#environment";
import type { RunRecord, VariableFact } from "#record";
import { sampleRecord } from "../store/sample-record.ts";

let prefix: string;
beforeAll(() => {
  prefix = mkdtempSync(join(tmpdir(), "rebuilt-"));
  mkdirSync(join(prefix, "bin"));
  for (const name of ["python", "python3", "torchrun"]) writeFileSync(join(prefix, "bin", name), "", { mode: 0o755 });
});
afterAll(() => rmSync(prefix, { recursive: true, force: true }));

function run(argv: readonly string[], recorded = "/p/.venv", variables: readonly VariableFact[] = []): RunRecord {
  const python = {
    version: "3.11.2",
    implementation: "cpython",
    executable: `${recorded}/bin/python`,
    prefix: recorded,
    manager: "venv",
    packages: [],
    frameworks: {},
  } as const;
  const command = { argv, executable: `${recorded}/bin/python`, cwd: "/p", project: "/p", workdir: "" };
  return sampleRecord("01a20035-ce2d-7d3b-b82e-5f98fa1844d6", {
    command,
    variables,
    environment: { python, libraries: [], lockFiles: [] },
  });
}

const moved = (record: RunRecord) => inEnvironment(record, { prefix, python: join(prefix, "bin", "python") });
const variable = (record: RunRecord, name: string): string | undefined => {
  const fact = record.variables.find((item) => item.name === name);
  return fact !== undefined && "value" in fact ? fact.value : undefined;
};

test("programs of the recorded environment are those of the other one: by path, by relative path, by name", () => {
  const bin = join(prefix, "bin");
  const argv = (words: readonly string[], recorded?: string) => moved(run(words, recorded)).command.argv;
  expect(argv(["/p/.venv/bin/python", "t.py"])).toEqual([`${bin}/python`, "t.py"]);
  expect(argv([".venv/bin/torchrun", "t.py"])).toEqual([`${bin}/torchrun`, "t.py"]);
  expect(argv(["python", "t.py"])).toEqual(["python", "t.py"]);
  // An interpreter that the environment has by no such name, and one that lies in a prefix of many.
  expect(argv(["/usr/bin/python3.11", "t.py"], "/usr")).toEqual([`${bin}/python`, "t.py"]);
  expect(argv(["/usr/bin/env", "python", "t.py"], "/usr")).toEqual(["/usr/bin/env", "python", "t.py"]);
  expect(argv(["bash", "/p/.venv/bin/run.sh"])).toEqual(["bash", `${bin}/run.sh`]);
});

test("it is the first on PATH, and variables that name the recorded one name it; the record's other facts stay", () => {
  const before = run(["python", "t.py"], "/p/.venv", [
    { name: "LD_LIBRARY_PATH", value: "/opt/lib:/p/.venv/lib" },
    { name: "PATH", value: "/p/.venv/bin:/usr/bin" },
    { name: "PYTHONHOME", value: "/p/.venv" },
    { name: "VIRTUAL_ENV", value: "/p/.venv" },
  ]);
  const after = moved(before);
  expect(variable(after, "PATH")).toBe(`${prefix}/bin:/usr/bin`);
  expect(variable(after, "VIRTUAL_ENV")).toBe(prefix);
  expect(variable(after, "LD_LIBRARY_PATH")).toBe(`/opt/lib:${prefix}/lib`);
  expect(variable(after, "PYTHONHOME")).toBeUndefined();
  const { command: _a, variables: _b, ...rest } = before;
  expect(after).toMatchObject(rest);
});

test("launchers that manage environments themselves are told to use it, and to leave it alone", () => {
  const after = moved(run(["uv", "run", "python", "t.py"]));
  expect(after.command.argv).toEqual(["uv", "run", "python", "t.py"]);
  expect(variable(after, "UV_PROJECT_ENVIRONMENT")).toBe(prefix);
  expect(variable(after, "UV_NO_SYNC")).toBe("1");
  expect(variable(after, "VIRTUAL_ENV")).toBe(prefix);
});
