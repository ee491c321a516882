import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { checkpointPath } from "../../../src/replay/resume/checkpoint-path.ts";

const folder = mkdtempSync(join(tmpdir(), "checkpoint-path-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  [["checkpoint-500/model.safetensors", "checkpoint-500/optimizer.pt"], "checkpoint-500"],
  [["out/epoch=3/model.pt", "out/epoch=3/rng.pt"], "out/epoch=3"],
  [["steps/40/model.pt", "steps/40/rng.pt"], "steps/40"],
  [["one/last.pt"], "one/last.pt"],
  // A folder of all checkpoints is none of them.
  [["checkpoints/last.pt", "checkpoints/best.pt"], "checkpoints/last.pt"],
])("%j is told as %s", (names, told) => {
  const paths = names.map((name) => join(folder, name));
  for (const path of paths) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "x");
  }
  expect(checkpointPath(paths, folder)).toBe(told);
});
