import { existsSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  auditAccept,
  auditInit,
  auditRun,
  compare,
  diff,
  exportRun,
  importRuns,
  openStore,
  RepriseError,
  replay,
  resumeCheck,
  run,
  type Store,
  verify,
  verifyAgainst,
  why,
} from "../../src/index.ts";
import { type Sealed, seal } from "./sealed.ts";

let place: Sealed;
let store: Store;
beforeEach(() => {
  place = seal({ "train.py": 'import random\nprint(f"loss={random.random():.6f}")\n' });
  store = openStore(join(place.base, "store"), { create: true });
});
afterEach(() => {
  store.close();
  place.remove();
});

/** How often this very process wrote to its own streams while something was done. */
async function printed(work: () => Promise<unknown>): Promise<number> {
  const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, "write").mockReturnValue(true));
  try {
    await work();
    return spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

test("E run, verify, replay and diff do what the command line does, without printing", async () => {
  const [cwd, env] = [place.project, { ...process.env, UNSET: undefined }];
  const command = ["python3", "train.py"];
  let seen = "";
  const stdout = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      seen += chunk.toString();
      done();
    },
  });
  const started: string[] = [];
  const words: string[] = [];
  const count = await printed(async () => {
    const free = await run({ command, cwd, env, store, stdout, name: "free", onStart: (id) => started.push(id) });
    expect(free).toMatchObject({ status: "completed", exitCode: 0, name: "free", seed: { mode: "fresh" } });
    expect(started).toEqual([free.id]);
    // Standard input of the tests is a pipe, and the child has ours: without the hold nobody could tell.
    const judged = await verify({
      run: "free",
      env,
      store,
      hold: ["unseeded-rng"],
      onProgress: (text) => words.push(text),
    });
    expect(judged).toMatchObject({ verdict: "reproduced", holds: [] });
    expect(judged.varied).not.toContain("unseeded-rng");
    expect(store.runs.facts(free.id, "verdict")).toHaveLength(1);

    const fixed = await run({ command, cwd, env, store, seed: 42, tags: { a: "b" } });
    expect(fixed).toMatchObject({ seed: { mode: "declared", root: "42" }, tags: { a: "b" } });
    expect((await verify({ run: fixed.id, env, store, replays: 1 })).verdict).toBe("reproduced");
    const again = await replay({ run: fixed.id, env, store });
    expect(again.obstacle).toBeNull();
    expect((await diff(fixed.id, again.run?.id ?? "", { store, env })).same).toBe(true);
    expect((await diff(free.id, fixed.id, { store, env })).same).toBe(false);
    const cause = { kind: "unseeded-rng", certainty: "proved" };
    expect(await why({ run: free.id, env, store })).toMatchObject({ b: null, causes: [cause], complete: true });
    expect(await why({ run: free.id, other: free.id, env, store })).toMatchObject({
      b: free.id,
      causes: [],
      replays: 0,
    });
    const other = await run({ command: [...command, "other"], cwd, env, store });
    const compared = await compare({ a: free.id, b: other.id, env, store, seeds: 3, repeats: 1, base: "7" });
    expect(compared).toMatchObject({ made: 6, metrics: [{ name: "loss", goal: "min", verdict: "not-shown" }] });
    expect(store.runs.facts(free.id, "compare")).toHaveLength(1);
  });
  expect(count).toBe(0);
  expect(seen).toMatch(/^loss=0\.\d+\n$/);
  expect(words.length).toBeGreaterThan(0);
});

test("E what cannot be done is a RepriseError with a code, a kind and a hint", async () => {
  const [cwd, env] = [place.project, process.env];
  await expect(run({ command: ["true"], cwd, env, store, requireClean: true })).rejects.toMatchObject({
    code: "CODE_DIRTY",
    kind: "usage",
  });
  await expect(verify({ run: "nobody", env, store })).rejects.toBeInstanceOf(RepriseError);
  expect(() => openStore(join(place.base, "nothing"), { create: false })).toThrow(RepriseError);
  const failed = await run({ command: ["sh", "-c", "exit 3"], cwd, env, store });
  expect(failed).toMatchObject({ status: "failed", exitCode: 3 });
});

test("E a verdict is asked at any level, and refused where it would say nothing", async () => {
  const [cwd, env] = [place.project, process.env];
  place.put({
    "told.py":
      'import random, reprise\nr = random.Random()\nreprise.reference("held", [[1.0]], [[0.4 + r.random() * 1e-9, 0.6]])\nprint(f"loss={r.random():.6f}")\n',
  });
  const free = await run({ command: ["python3", "told.py"], cwd, env, store, name: "free" });
  const asked = { run: "free", env, store };
  const few = await verify({ ...asked, level: "statistical", replays: 2 });
  expect(few).toMatchObject({ verdict: "inconclusive", asked: "statistical", statistics: { measured: 2 } });
  const claimed = await verify({ ...asked, level: "scientific", claims: ["loss < 2"], rate: 0.5, replays: 5 });
  expect(claimed).toMatchObject({ verdict: "reproduced", level: "scientific" });
  expect(claimed.claims?.claims).toMatchObject([{ text: "loss < 2", from: "claims", held: 5, of: 5 }]);
  const bounds = { maxAbs: 1e-6 };
  const near = await verify({ ...asked, level: "functional", reference: bounds, replays: 2 });
  expect(near).toMatchObject({ verdict: "reproduced", level: "functional", references: { bounds } });
  expect(store.runs.facts(free.id, "verdict")).toHaveLength(3);
  for (const wrong of [
    { level: "statistical", vary: "none" },
    { level: "statistical", confidence: 1 },
    { level: "scientific", claims: ["loss < 2"], rate: 0.1 },
    { level: "numerical", replays: 0 },
    { level: "scientific" },
  ] as const)
    await expect(verify({ ...asked, ...wrong })).rejects.toMatchObject({ kind: "usage" });
  expect(store.runs.facts(free.id, "verdict")).toHaveLength(3);
});

test("E a run goes to another machine and back, and those of other tools are taken over", async () => {
  const [cwd, env] = [place.project, process.env];
  const mine = await run({ command: ["python3", "train.py"], cwd, env, store, seed: 1 });
  const bytes = Buffer.from(JSON.stringify(exportRun(mine.id, { store })));
  const files = [{ name: "mine.json", bytes }];
  expect(await verifyAgainst({ run: mine.id, env, store, files })).toMatchObject({
    verdict: "inconclusive",
    reason: "mine.json: it is this run itself, which shows nothing",
  });
  expect(store.runs.facts(mine.id, "against")).toHaveLength(1);
  await expect(verifyAgainst({ run: mine.id, env, store, files: [] })).rejects.toMatchObject({ code: "USAGE" });
  const broken = verifyAgainst({ run: mine.id, env, store, files: [{ name: "x", bytes: Buffer.from("{") }] });
  await expect(broken).rejects.toMatchObject({ code: "EXPORT_INVALID" });
  place.put({
    "runs/1/run.json": JSON.stringify({
      status: "COMPLETED",
      start_time: "2026-01-05T10:00:00.000000",
      stop_time: "2026-01-05T10:00:02.000000",
      command: "main",
      experiment: {
        name: "wine",
        mainfile: "train.py",
        base_dir: "/x",
        sources: [],
        repositories: [],
        dependencies: [],
      },
      host: { hostname: "lab", os: ["Linux"], python_version: "3.12.1", cpu: "some" },
      meta: { options: {} },
    }),
    "runs/1/config.json": '{"lr": 0.1}',
  });
  const taken = importRuns({ tool: "sacred", path: join(cwd, "runs"), store, into: "old" });
  expect(taken).toMatchObject([{ name: "wine-1", state: "new" }]);
  expect(store.runs.get("wine-1").tags).toMatchObject({ experiment: "old" });
  expect(importRuns({ tool: "sacred", path: join(cwd, "runs"), store })).toMatchObject([{ state: "known" }]);
});

test("E an audit is measured, asked and accepted, and stops when it is told to", async () => {
  const [project, env] = [place.project, process.env];
  const at = { project, env, store };
  const command = ["python3", "train.py"];
  const made = await auditInit({ ...at, train: command, seed: 7, replays: 3 });
  expect(made.golden).toMatchObject({ command, seed: "7", trainings: 3, sources: { loss: "stdout" } });
  expect(existsSync(join(project, "reprise-audit/default.toml"))).toBe(true);
  expect(await auditRun({ ...at, why: "no" })).toMatchObject({ name: "default", verdict: "within" });
  place.put({ "train.py": 'import random\nprint(f"loss={random.random() + 1:.6f}")\n' });
  expect(await auditRun({ ...at, why: "no" })).toMatchObject({ verdict: "outside", why: null });
  await expect(auditAccept({ ...at, reason: " " })).rejects.toMatchObject({ code: "AUDIT_REASON" });
  const accepted = await auditAccept({ ...at, reason: "another offset", replays: 3 });
  expect(accepted.file.goldens).toHaveLength(2);
  const stopped = auditRun({ ...at, signal: AbortSignal.abort() });
  await expect(stopped).rejects.toMatchObject({ code: "AUDIT_STOPPED", kind: "missing" });
});

test("E a run that is killed and resumed is held against the whole one", async () => {
  const [cwd, env] = [place.project, process.env];
  place.put({
    "steps.py": `import os, pickle
weight, start = 0.0, 0
if os.path.exists("last.pkl"):
    with open("last.pkl", "rb") as file:
        weight, start = pickle.load(file)
for step in range(start, 8):
    weight = 0.9 * weight + step
    print(f"step {step} weight={weight:.9f}")
    with open("last.pkl", "wb") as file:
        pickle.dump((weight, step + 1), file)
`,
  });
  const whole = await run({ command: ["python3", "steps.py"], cwd, env, store });
  expect(await resumeCheck({ run: whole.id, env, store })).toMatchObject({
    verdict: "exact",
    interrupted: { checkpoint: "last.pkl", signal: "KILL" },
  });
  expect(store.runs.facts(whole.id, "resume-check")).toHaveLength(1);
  const none = await resumeCheck({ run: whole.id, env, store, checkpoints: ["nothing/*.bin"] });
  expect(none.verdict).toBe("inconclusive");
});

test("E run holds its data against that of the last run, and notes the pins of other tools, as the command does", async () => {
  place.put({
    "read.py": "print(len(open('data.csv').read()))\n",
    "data.csv": "1,2\n",
    "data.csv.dvc": "outs:\n- md5: 6f5902ac237024bdd0c176cb93063dc4\n  size: 4\n  hash: md5\n  path: data.csv\n",
    ".dvc/config": "",
  });
  const request = { command: ["python3", "read.py"], cwd: place.project, env: process.env, store, guardData: true };
  const made = await run(request);
  const [pins] = store.runs.facts(made.id, "pins");
  expect(pins?.value).toMatchObject([{ path: "data.csv", tool: "dvc", agrees: false }]);
  expect((await run(request)).id).not.toBe(made.id);
  place.put({ "data.csv": "1,2,3\n" });
  const before = store.runs.list().length;
  await expect(run(request)).rejects.toMatchObject({ code: "DATA_CHANGED" });
  expect(store.runs.list()).toHaveLength(before);
  expect(store.runs.unfinished()).toEqual([]);
  expect((await run({ ...request, guardData: false })).exitCode).toBe(0);
});
