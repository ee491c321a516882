import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { verify } from "#replay";
import { freshSeed, run } from "#run";
import { openStore } from "#store";

const work = realpathSync(mkdtempSync(join(tmpdir(), "stdin-")));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const env = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "/", LANG: "C.UTF-8" };

test("a pipe as standard input that nobody read takes nothing from a verdict", async () => {
  writeFileSync(join(work, "train.py"), "import random\nprint('loss=%.6f' % random.random())\n");
  const store = openStore(join(work, ".reprise"), { create: true });
  const terminal = { stdin: "pipe", stdout: "pipe", stderr: "pipe" } as const;
  const base = { store, version: "test", env };
  const baseline = await run({
    ...base,
    argv: ["python3", "train.py"],
    cwd: work,
    seed: freshSeed(),
    terminal,
    tee: {},
  });
  const found = await verify({ ...base, baseline, level: "numerical", vary: "default", hold: [], budget: 60 });
  store.close();
  expect(found).toMatchObject({ verdict: "conditional", holds: [{ kind: "unseeded-rng", file: "train.py", line: 2 }] });
});
