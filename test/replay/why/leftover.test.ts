import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { verify, why } from "#replay";
import { environment, gitProject, PYTHON } from "../../run/project.ts";

/** A program that works on files outside its project, in a folder of the test's own that is also its temporary folder. */
async function askOf(source: (folder: string) => string, before: Record<string, string> = {}) {
  const outside = realpathSync(mkdtempSync(join(tmpdir(), "leftover-test-")));
  mkdirSync(join(outside, "state"));
  for (const [name, text] of Object.entries(before)) writeFileSync(join(outside, "state", name), text);
  const project = gitProject({ "train.py": source(join(outside, "state")) });
  const env = { ...environment(), TMPDIR: outside };
  try {
    const baseline = await project.run([PYTHON, "train.py"], { env });
    expect(baseline.exitCode).toBe(0);
    const path = join(outside, "state", "seen.json");
    const left = existsSync(path) ? readFileSync(path) : null;
    const question = { baseline, store: project.store, version: "test", env };
    const found = await why({ ...question, budget: { replays: 100 } });
    const verdict = await verify({ ...question, level: "numerical", vary: "default", hold: [], budget: 40 });
    expect(existsSync(path) ? readFileSync(path) : null).toEqual(left);
    return { found, verdict, path };
  } finally {
    project.remove();
    rmSync(outside, { recursive: true, force: true });
  }
}

const told = ({ found }: Awaited<ReturnType<typeof askOf>>): string[] =>
  found.causes.map(({ kind, line, certainty }) => `${kind} @ ${line} ${certainty}`);

const COUNTER = (open: string): string => `import json
import os
${open}
count = 0
if os.path.exists(path):
    with open(path) as file:
        count = json.load(file)["count"]
with open(path, "w") as file:
    json.dump({"count": count + 1}, file)
print("loss=%.12f" % (1.0 / (count + 3)))
`;

test("a file that the run read and then changed is what it was for the run, and as the run left it for the next", async () => {
  const asked = await askOf((folder) => COUNTER(`path = ${JSON.stringify(join(folder, "seen.json"))}`), {
    "seen.json": '{"count": 4}',
  });
  expect(told(asked), JSON.stringify(asked.found, null, 1)).toEqual(["leftover-state @ 7 proved"]);
  expect(asked.found.causes[0]).toMatchObject({ name: asked.path, fix: expect.stringContaining(asked.path) as string });
  expect(asked.found.divergence).toMatchObject({ line: 7, variable: "count" });
  expect(asked.verdict.verdict).toBe("conditional");
  expect(asked.verdict.holds.map((hold) => hold.kind)).toEqual(["leftover-state"]);
});

test("a file that the run was the first to leave in the temporary folder, beside a generator", async () => {
  const program = COUNTER(
    'import random, tempfile; path = os.path.join(tempfile.gettempdir(), "state", "seen.json"); noise = random.random()',
  ).replace("count + 3)", "count + 3) + noise");
  const asked = await askOf(() => program);
  expect(told(asked).sort(), JSON.stringify(asked.found, null, 1)).toEqual([
    "leftover-state @ 5 proved",
    "unseeded-rng @ 3 proved",
  ]);
});

test("a table of a database that grows with each run", async () => {
  const asked = await askOf(
    (folder) => `import sqlite3
base = sqlite3.connect(${JSON.stringify(join(folder, "seen.json"))})
base.execute("create table if not exists seen (row integer)")
rows = base.execute("select count(*) from seen").fetchone()[0]
base.execute("insert into seen values (1)")
base.commit()
base.close()
print("loss=%.12f" % (1.0 / (rows + 3)))
`,
  );
  expect(told(asked), JSON.stringify(asked.found, null, 1)).toEqual(["leftover-state @ 4 proved"]);
});

test("what a run leaves and no run reads is no cause", async () => {
  const asked = await askOf(
    (folder) => `import random
with open(${JSON.stringify(join(folder, "seen.json"))}, "w") as file:
    file.write("done")
print("loss=%.12f" % random.random())
`,
    { "seen.json": "older" },
  );
  expect(told(asked), JSON.stringify(asked.found, null, 1)).toEqual(["unseeded-rng @ 4 proved"]);
  expect(asked.verdict.holds.map((hold) => hold.kind)).toEqual(["unseeded-rng"]);
});

test("Ctrl-C in the middle of a replay leaves files outside the project as they lay", async () => {
  const outside = realpathSync(mkdtempSync(join(tmpdir(), "leftover-test-")));
  const path = join(outside, "seen.json");
  writeFileSync(path, '{"count": 4}');
  const source = COUNTER(`import time\npath = ${JSON.stringify(path)}`).replace("print(", "time.sleep(3)\nprint(");
  const project = gitProject({ "train.py": source });
  const env = environment();
  const baseline = await project.run([PYTHON, "train.py"], { env });
  // As other runs have left it since.
  writeFileSync(path, '{"count": 70}');
  const stop = new AbortController();
  const found = await why({
    baseline,
    store: project.store,
    version: "test",
    env,
    budget: { replays: 100 },
    signal: stop.signal,
    onProgress: (words) => {
      if (!words.includes("as the run found them")) return;
      const watch = setInterval(() => {
        if (!existsSync(path) || readFileSync(path, "utf8") !== '{"count": 5}') return;
        clearInterval(watch);
        stop.abort();
        process.emit("SIGINT");
      }, 300);
    },
  });
  expect(found.reason).toBe("stopped before the search had ended");
  expect(readFileSync(path, "utf8")).toBe('{"count": 70}');
  project.remove();
  rmSync(outside, { recursive: true, force: true });
});
