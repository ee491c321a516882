import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { deletionPatch } from "../../../src/replay/change/deletion-patch.ts";

const work = mkdtempSync(join(tmpdir(), "patch-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

test.each([
  ["a.py", "one\ntwo\n"],
  ["sub/b.txt", "no end"],
  ["empty.md", ""],
  ["one.txt", "\n"],
  ["c.txt", "-- a\n+++ b\n@@ -1 +1 @@\n"],
])("git apply takes %s away", (path, text) => {
  const at = join(work, path);
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, text);
  const patch = deletionPatch(path, "100644", readFileSync(at)) ?? "";
  const made = spawnSync("git", ["apply", "--whitespace=nowarn", "-"], { cwd: work, input: patch, encoding: "utf8" });
  expect(made.stderr).toBe("");
  expect(existsSync(at)).toBe(false);
});

test("what cannot be written as a plain patch is left to others", () => {
  expect(deletionPatch("a b.txt", "100644", Buffer.from("x"))).toBe(null);
  expect(deletionPatch("link", "120000", Buffer.from("x"))).toBe(null);
  expect(deletionPatch("x.bin", "100644", Buffer.from([0, 1]))).toBe(null);
});
