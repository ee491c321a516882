import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { verify } from "#replay";
import { freshSeed, run } from "#run";
import { openStore } from "#store";

const work = realpathSync(mkdtempSync(join(tmpdir(), "absolute-")));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const env = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "/", LANG: "C.UTF-8" };

async function verified(name: string, script: (root: string) => string) {
  const root = join(work, name);
  mkdirSync(root);
  writeFileSync(join(root, "train.py"), script(root));
  const store = openStore(join(root, ".reprise"), { create: true });
  const terminal = { stdin: "null", stdout: "pipe", stderr: "pipe" } as const;
  const base = { store, version: "test", env };
  const baseline = await run({
    ...base,
    argv: ["python3", "train.py"],
    cwd: root,
    seed: freshSeed(),
    terminal,
    tee: {},
  });
  const before = existsSync(join(root, "out.txt")) ? readFileSync(join(root, "out.txt"), "utf8") : "";
  const found = await verify({
    ...base,
    baseline,
    level: "numerical",
    vary: "default",
    hold: [],
    budget: 20,
    replays: 1,
  });
  store.close();
  return { root, before, found };
}

test("a file written by its absolute path is compared with itself, and the user's own is left as it was", async () => {
  const { root, before, found } = await verified(
    "written",
    (root) => `
import os, random
with open(${JSON.stringify(join(root, "out.txt"))}, "w") as f:
    f.write("%d %.6f" % (len(os.getcwd()), random.random()))
`,
  );
  expect(found.verdict).toBe("differs"); // the length of the folder's name is in it
  expect(readFileSync(join(root, "out.txt"), "utf8")).toBe(before);
});

test("equal content by an absolute path reproduces", async () => {
  const { root, found } = await verified(
    "equal",
    (root) => `open(${JSON.stringify(join(root, "out.txt"))}, "w").write("loss 0.5")\n`,
  );
  expect(found).toMatchObject({
    verdict: "reproduced",
    evidence: expect.arrayContaining([expect.objectContaining({ kind: "output", agree: true })]) as unknown,
  });
  expect(statSync(join(root, "out.txt")).isFile()).toBe(true);
});

test("a replay that takes code from the recorded project is no replay", async () => {
  const { found } = await verified("leak", (root) => {
    mkdirSync(join(root, "lib"));
    writeFileSync(join(root, "lib/part.py"), "x = 0.5\n");
    return `import sys\nsys.path.insert(0, ${JSON.stringify(join(root, "lib"))})\nimport part\nprint("loss=%.2f" % part.x)\n`;
  });
  expect(found.verdict).toBe("inconclusive");
  expect(found.reason).toContain("part.py");
});
