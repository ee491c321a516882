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

const base = realpathSync(mkdtempSync(join(tmpdir(), "absolute-")));
const work = join(base, "work");
mkdirSync(work);
afterAll(() => rmSync(base, { recursive: true, force: true }));

const env = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "/", LANG: "C.UTF-8" };

async function verified(name: string, script: (root: string) => string) {
  const root = join(work, name);
  mkdirSync(root);
  writeFileSync(join(root, "train.py"), script(root));
  const store = openStore(join(root, ".reprise"), { create: true });
  const terminal = { stdin: "null", stdout: "pipe", stderr: "pipe" } as const;
  const common = { store, version: "test", env };
  const baseline = await run({
    ...common,
    argv: ["python3", "train.py"],
    cwd: root,
    seed: freshSeed(),
    terminal,
    tee: {},
  });
  const before = existsSync(join(root, "out.txt")) ? readFileSync(join(root, "out.txt"), "utf8") : "";
  const found = await verify({
    ...common,
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
    f.write("%d %.6f" % (sum(os.getcwd().encode()), random.random()))
`,
  );
  expect(found.verdict).toBe("differs"); // the letters of the folder's name are in it
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

test("output that is fitted to a width is cut as it was: the replay's folder has a path of the same length", async () => {
  const { found } = await verified(
    "cropped",
    () => `
import os
print((os.getcwd() + "/logs/run/config.yaml")[: len(os.getcwd()) + 9].ljust(60) + "|")
print("loss: 0.25")
`,
  );
  expect(found.evidence.filter(({ agree }) => !agree)).toEqual([]);
  expect(found.verdict).toBe("reproduced");
});

test.each([1, 2])("a file %i folder(s) above the project, named by the way up to it, is found again", async (up) => {
  const { root, found } = await verified(`way-up-${up}`, (root) => {
    mkdirSync(join(root, ...Array<string>(up).fill(".."), "beside"), { recursive: true });
    writeFileSync(join(root, ...Array<string>(up).fill(".."), "beside", `${up}.csv`), "0.25\n");
    return `print("loss:", open("${"../".repeat(up)}beside/${up}.csv").read())\n`;
  });
  rmSync(join(root, ...Array<string>(up).fill(".."), "beside"), { recursive: true });
  expect(found.evidence.filter(({ agree }) => !agree)).toEqual([]);
  expect(found.verdict).toBe("reproduced");
});

test.each(["0.5", "random.random()"])(
  "a result beside the project, named by the way up, is a result: %s",
  async (value) => {
    const { found } = await verified(
      `result-${value.length}`,
      () => `
import os, random
os.makedirs("../results", exist_ok=True)
open("../results/${value.length}.txt", "w").write(str(${value}))
print("done")
`,
    );
    const output = found.evidence.filter(({ kind }) => kind === "output");
    expect(output).toMatchObject([{ agree: value === "0.5", b: expect.anything() as unknown }]);
    expect(found.verdict).toBe(value === "0.5" ? "reproduced" : "conditional");
  },
);

test("what one run alone leaves beside a project below the temporary folder is no scratch file", async () => {
  const { found } = await verified(
    "alone",
    () => `
import os, random
os.makedirs("../scores", exist_ok=True)
open("../scores/%d.txt" % random.randrange(10**9), "w").write("0.5")
`,
  );
  expect(found.evidence.find(({ kind, agree }) => kind === "output" && !agree)?.name).toContain("(only in one run)");
  expect(found.verdict).toBe("conditional");
});
