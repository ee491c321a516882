import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { findProgram, findPython } from "#exec";
import { folder } from "./driver.ts";

function executable(path: string, text = "#!/bin/sh\n"): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

test("a path is taken from the folder of the run", () => {
  const cwd = folder();
  const path = executable(join(cwd, "bin", "tool"));
  expect(findProgram("bin/tool", {}, cwd)).toEqual({ path });
  expect(findProgram(path, {}, "/")).toEqual({ path });
});

test("without PATH the system's folders are searched", () => {
  expect(["/usr/bin/sh", "/bin/sh"].map((path) => ({ path }))).toContainEqual(findProgram("sh", {}, "/"));
});

test("the command's own interpreter hosts its terminal, when it is a Python 3", () => {
  const cwd = folder();
  const three = executable(join(cwd, "three", "python3.12"));
  const two = executable(join(cwd, "two", "python2.7"));
  for (const [target, name] of [
    [three, "a"],
    [two, "b"],
  ] as const)
    symlinkSync(target, join(cwd, name));
  mkdirSync(join(cwd, "venv"));
  symlinkSync(three, join(cwd, "venv", "python"));
  symlinkSync(two, join(cwd, "venv", "python-old"));
  expect(findPython(join(cwd, "venv", "python"), { PATH: "/nowhere" }, cwd)).toBe(join(cwd, "venv", "python"));
  expect(findPython(join(cwd, "venv", "python-old"), { PATH: "/nowhere" }, cwd)).toBeUndefined();
  expect(findPython("/bin/ls", { PATH: "/nowhere" }, cwd)).toBeUndefined();
});

test("behind pyenv's shim stands the version that it would choose", () => {
  const root = folder();
  executable(join(root, "shims", "python3"), "#!/usr/bin/env bash\n");
  const [eleven, twelve] = ["3.11.7", "3.12.1"].map((version) =>
    executable(join(root, "versions", version, "bin", "python3")),
  );
  const PATH = join(root, "shims");
  writeFileSync(join(root, "version"), "3.12.1\n");
  const project = join(folder(), "deep");
  mkdirSync(project);
  expect(findPython(null, { PATH }, project)).toBe(twelve);
  writeFileSync(join(dirname(project), ".python-version"), "3.11.7\n");
  expect(findPython(null, { PATH }, project)).toBe(eleven);
  expect(findPython(null, { PATH, PYENV_VERSION: "3.12.1" }, project)).toBe(twelve);
  expect(findPython(null, { PATH, PYENV_VERSION: "2.7.18" }, project)).toBeUndefined();
});
