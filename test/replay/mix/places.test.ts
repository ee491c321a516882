import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { findGuilty } from "#replay";
import { guiltyOf, recordPair } from "./recorded-pair.ts";

const outside = mkdtempSync(join(tmpdir(), "outside-"));
afterAll(() => rmSync(outside, { recursive: true, force: true }));

const SCRIPT = `import os, sys
root = os.path.dirname(os.path.abspath(__file__))
scale = float(open(os.path.join(root, "data", "scale.txt")).read())
width = float(os.environ.get("TORCH_WIDTH", "1"))
print("loss=%.6f" % (scale * width))
open(os.path.join(root, "result.txt"), "w").write("%.6f" % (scale * width))
`;

test("two copies of a project in two folders are mixed, paths and all", async () => {
  const found = await guiltyOf(
    "two folders",
    {
      files: { "train.py": SCRIPT, "data/scale.txt": "2\n", "notes.py": "# 1\n" },
      env: { TORCH_WIDTH: "3", DATA_DIR: "/nowhere" },
      folder: "one",
    },
    {
      files: { "train.py": SCRIPT, "data/scale.txt": "2\n", "notes.py": "# 2\n" },
      env: { TORCH_WIDTH: "5", DATA_DIR: "/elsewhere" },
      folder: "two",
    },
  );
  expect(found.causes).toMatchObject([{ kind: "environment-variable", name: "TORCH_WIDTH", certainty: "proved" }]);
});

test("a file outside the project that has changed is named, and nothing else is accused", async () => {
  const path = join(outside, "scale.txt");
  const script = `print("loss=%.3f" % float(open(${JSON.stringify(path)}).read()))\n# first\n`;
  writeFileSync(path, "1\n");
  const pair = await recordPair(
    { files: { "train.py": script } },
    { files: { "train.py": script.replace("first", "second") }, before: () => writeFileSync(path, "2\n") },
  );
  const found = await findGuilty({ mixture: pair.mixture });
  expect(found.causes).toEqual([]);
  expect(found.state).toBe("beyond");
  expect(found.unresolved.map((item) => item.ingredient.name)).toContain(path);
  expect(found.reason).toContain(path);
  pair.close();
});

test("the recorded project stays as it is while mixtures run", async () => {
  const pair = await recordPair(
    { files: { "train.py": SCRIPT, "data/scale.txt": "2\n" } },
    { files: { "train.py": SCRIPT.replace("scale * width", "scale + width") } },
  );
  const before = readFileSync(join(pair.root, "result.txt"), "utf8");
  const found = await findGuilty({ mixture: pair.mixture });
  expect(found.causes.map((cause) => cause.certainty)).toContain("proved");
  expect(readFileSync(join(pair.root, "result.txt"), "utf8")).toBe(before);
  expect(existsSync(join(pair.root, "train.py"))).toBe(true);
  pair.close();
});
