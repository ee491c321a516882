import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CompareDocument, isUnknown, type RunRecord } from "#record";
import { type CompareOptions, compareRuns } from "#replay";
import { environment, folderProject, type Project, PYTHON } from "../../run/project.ts";

/** Two dozen replays of a short program, beside other tests. */
const TIME_MS = 240_000;

let project: Project;
beforeEach(() => {
  project = folderProject({});
});
afterEach(() => project.remove());

async function record(source: string, ...words: string[]): Promise<RunRecord> {
  project.put({ "train.py": source });
  return project.run([PYTHON, "train.py", ...words]);
}

/** Seeds are derived from a base of the test's own: every value is the same on every machine. */
function compare(a: RunRecord, b: RunRecord, changes: Partial<CompareOptions> = {}): Promise<CompareDocument> {
  return compareRuns({
    a,
    b,
    store: project.store,
    version: "test",
    env: environment(),
    metrics: [],
    seeds: 8,
    repeats: 2,
    goal: "auto",
    at: "last",
    margin: null,
    confidence: 0.95,
    power: 0.8,
    base: "7",
    argument: null,
    ...changes,
  });
}

/** Gradient descent on a noisy line, from a random beginning: the loss of the beginning is printed first. */
const DESCENT = (rate: number, steps = 6): string => `import numpy as np
rng = np.random.default_rng()
x = rng.normal(size=200)
y = 3 * x + rng.normal(size=200)
w = rng.normal()
for step in range(${steps}):
    print(f"step {step} loss={np.mean((w * x - y) ** 2):.9f}")
    w -= ${rate} * np.mean(2 * (w * x - y) * x)
`;
/** The same one draw a run, around a middle of its own. */
const DRAW = (middle: number, before = ""): string =>
  `import random\n${before}print(f"accuracy={${middle} + random.gauss(0, 0.01):.9f}")\n`;

const only = (document: CompareDocument): CompareDocument["metrics"][number] => {
  const [metric] = document.metrics;
  if (metric === undefined) throw new Error("no metric was judged");
  return metric;
};

describe("is it real or luck?", () => {
  test(
    "a true gain over shared seeds: better, paired by the first number, same-seed noise exactly 0",
    async () => {
      const document = await compare(await record(DESCENT(0.02)), await record(DESCENT(0.05)));
      const metric = only(document);
      expect(metric).toMatchObject({ name: "loss", goal: "min", goalFrom: "name", verdict: "better" });
      expect(document).toMatchObject({ paired: true, complete: true, made: 18 });
      expect(document.pairing).toContain("the first number printed is the same");
      expect(metric.difference?.method).toBe("paired t");
      expect(metric.difference?.high).toBeLessThan(0);
      expect(metric.superiority).toMatchObject({ p: 1, method: "exact" });
      for (const side of [metric.a, metric.b]) {
        expect(side.effect).toBe("varied");
        expect(side.over?.sd).toBeGreaterThan(0);
        expect(side.sameSeed).toMatchObject({ sd: 0, equal: true });
      }
      // Every value can be looked up: the replay is in the store, made under the root that the document names.
      const [first] = document.replays.b;
      const run = project.store.runs.get(first?.run ?? "");
      expect(run.seed.root).toBe(document.seeds.list[0]?.root);
      expect(run.metrics[0]?.points.at(-1)?.value).toBe(metric.values[0]?.b);
    },
    TIME_MS,
  );

  test(
    "no gain: cannot be told, and how many seeds it would take; the other way round it is worse",
    async () => {
      const a = await record(DRAW(0.9));
      // One draw more before the one that counts: same seeds, other values.
      const luck = only(await compare(a, await record(DRAW(0.9, "random.random()\n"))));
      expect(luck).toMatchObject({ verdict: "not-shown", goal: "max" });
      expect(luck.difference?.method).toBe("Welch");
      expect(luck.power?.seeds).toBeGreaterThan(8);
      const worse = await compare(a, await record(DRAW(0.8, "random.random()\n")));
      expect(only(worse)).toMatchObject({ verdict: "worse" });
      // The replays of A were there.
      expect(worse.made).toBe(9);
    },
    TIME_MS,
  );

  test(
    "a change that changes nothing gives the same under every seed, and is equivalent within any margin",
    async () => {
      const [a, b] = [await record(DRAW(0.9)), await record(DRAW(0.9).replace("import", "import sys,"))];
      const same = only(await compare(a, b, { seeds: 4 }));
      expect(same).toMatchObject({
        verdict: "not-shown",
        reason: expect.stringContaining("the same value, bit for bit") as unknown,
      });
      const again = await compare(a, b, { seeds: 4, margin: 0.001 });
      expect(only(again).verdict).toBe("equivalent");
      expect(again.made).toBe(0);
      expect(again.notes.join()).toContain("margin was not asked about before");
    },
    TIME_MS,
  );
});

describe("what seeds do not reach", () => {
  const SEEDED = (middle: number): string =>
    `import random, sys\nrandom.seed(int(sys.argv[2]) if len(sys.argv) > 2 else 3)\nprint(f"accuracy={${middle} + random.gauss(0, 0.01):.6f}")\n`;

  test(
    "a program that seeds itself is one sample: told with its line after three seeds; --seed-arg reaches it",
    async () => {
      const [a, b] = [await record(SEEDED(0.8)), await record(SEEDED(0.9))];
      const document = await compare(a, b, { repeats: 1 });
      expect(only(document)).toMatchObject({
        verdict: "inconclusive",
        a: { effect: "constant" },
        b: { effect: "constant" },
      });
      expect(only(document).reason).toMatch(/A seeds itself \(train\.py:2, \S+\).*only one sample/);
      expect(document).toMatchObject({ made: 6, complete: false });
      expect(only(document).a.sameSeed).toEqual({ unknown: expect.stringContaining("--repeats 1") as unknown });
      const given = await compare(a, b, { repeats: 1, argument: "--seed {seed}" });
      expect(only(given)).toMatchObject({ verdict: "better", a: { effect: "varied" } });
      const run = project.store.runs.get(given.replays.a[1]?.run ?? "");
      expect(run.command.argv.slice(-2)).toEqual(["--seed", String(given.seeds.list[1]?.value)]);
    },
    TIME_MS,
  );

  test(
    "one generator of its own that shows nothing outside is not guessed at",
    async () => {
      const hidden = (middle: number): string =>
        `import random\nprint(f"accuracy={${middle} + random.Random(3).gauss(0, 0.01):.6f}")\n`;
      const document = await compare(await record(hidden(0.8)), await record(hidden(0.9)), { repeats: 1 });
      expect(only(document).reason).toContain("A comes out the same under every seed");
      expect(only(document).verdict).toBe("inconclusive");
    },
    TIME_MS,
  );

  test(
    "noise under one seed is measured apart from what seeds do",
    async () => {
      const noisy = (middle: number): string =>
        `import os, random\nn = int.from_bytes(os.urandom(6), "big") / 2**48\nprint(f"accuracy={${middle} + random.gauss(0, 0.01) + n * 1e-6:.15f}")\n`;
      const metric = only(await compare(await record(noisy(0.8)), await record(noisy(0.9)), { repeats: 3 }));
      for (const side of [metric.a, metric.b]) {
        if (isUnknown(side.sameSeed)) throw new Error(side.sameSeed.unknown);
        expect(side.sameSeed.values).toHaveLength(3);
        expect(side.sameSeed.equal).toBe(false);
        expect(side.sameSeed.sd).toBeGreaterThan(0);
        expect(side.sameSeed.sd).toBeLessThan(1e-6);
        expect(side.over).toMatchObject({ n: 8 });
      }
      expect(metric.verdict).toBe("better");
    },
    TIME_MS,
  );

  test(
    "with --seed off nothing is shared and no seed can be taken again; a declared seed is varied",
    async () => {
      project.put({ "train.py": DRAW(0.8) });
      const declared = await project.run([PYTHON, "train.py"], { seed: { mode: "declared", root: "42" } });
      project.put({ "train.py": DRAW(0.9) });
      const off = await project.run([PYTHON, "train.py"], { seed: { mode: "off", root: null } });
      const document = await compare(declared, off);
      expect(document).toMatchObject({ paired: false, pairing: expect.stringContaining("--seed off") as unknown });
      expect(only(document).b.sameSeed).toEqual({ unknown: expect.stringContaining("--seed off") as unknown });
      expect(only(document)).toMatchObject({ verdict: "better", a: { effect: "varied", sameSeed: { equal: true } } });
      const roots = document.replays.a.map(({ run }) => project.store.runs.get(run ?? "").seed);
      expect(new Set(roots.map(({ root }) => root)).size).toBe(8);
      expect(roots.every(({ mode, root }) => mode === "declared" && /^\d+$/.test(root ?? ""))).toBe(true);
    },
    TIME_MS,
  );
});

describe("replays that fail", () => {
  test(
    "are counted with their reason, and never dropped in silence: another exit code, nan at the end",
    async () => {
      const failing = `import random, sys
u = random.random()
if u < 0.3:
    sys.exit(4)
print("epoch 1 accuracy=0.5")
print("epoch 2 accuracy=" + ("nan" if u < 0.5 else str(0.9 + u / 100)))
`;
      let b = await record(failing);
      while (b.exitCode !== 0 || b.metrics[0]?.points.length !== 2) b = await record(failing);
      const document = await compare(await record(DRAW(0.8)), b, { seeds: 12 });
      const failures = document.replays.b.flatMap(({ failure }) => failure ?? []);
      expect(failures).toContain("it ended with exit code 4, the recorded run with exit code 0");
      expect(failures).toContain("the last accuracy is nan");
      const lost = new Set(document.replays.b.filter(({ failure }) => failure !== null).map(({ seed }) => seed));
      const metric = only(document);
      expect(metric.values.filter(({ b: value }) => value === null).map(({ seed }) => seed)).toEqual([...lost]);
      expect(metric.b.over?.n).toBe(12 - lost.size);
      expect(metric.a.over?.n).toBe(12);
    },
    TIME_MS,
  );

  test(
    "a side that never succeeds ends it after three seeds, inconclusive",
    async () => {
      const a = await record(DRAW(0.8));
      const b = await record(`import os, sys\nif "/rep" in os.getcwd(): sys.exit(1)\nprint("accuracy=0.9")\n`);
      const document = await compare(a, b);
      expect(only(document).verdict).toBe("inconclusive");
      expect(document.notes[0]).toContain("every replay of B failed");
      expect(document.replays.b).toHaveLength(4);
    },
    TIME_MS,
  );
});

describe("a question asked again", () => {
  test(
    "more seeds make only the new replays, from the same base unless another is given; stopping keeps what is known",
    async () => {
      const [a, b] = [await record(DRAW(0.8)), await record(DRAW(0.9))];
      const stop = new AbortController();
      const said: string[] = [];
      const onProgress = (words: string, left: number): void => {
        said.push(`${words}: ${left}`);
        if (said.length === 7) stop.abort();
      };
      const stopped = await compare(a, b, { base: null, signal: stop.signal, onProgress });
      expect(said.slice(0, 3)).toEqual([
        "seed 1 of 8, A: 18",
        "seed 1 of 8, B: 17",
        "seed 1 of 8, A, the same seed again: 16",
      ]);
      expect(stopped).toMatchObject({ complete: false, notes: ["stopped"] });
      expect(only(stopped).values.length).toBeGreaterThan(1);
      const whole = await compare(a, b, { base: null });
      expect(whole.seeds).toEqual(stopped.seeds);
      expect(whole.made).toBe(12);
      expect(whole.notes.join()).toContain("asked before with");
      expect(await compare(a, b, { base: "another", budget: { replays: 1 } })).toMatchObject({
        made: 1,
        complete: false,
        notes: ["the budget was spent"],
      });
    },
    TIME_MS,
  );

  test(
    "which metric, and what is better, is asked where it is not plain",
    async () => {
      const two = `import random\nprint(f"accuracy={random.random():.4f} score={random.random():.4f} lr=0.1")\n`;
      const [a, b] = [await record(two), await record(`${two}\n`)];
      await expect(compare(a, b)).rejects.toMatchObject({
        code: "METRIC_UNCLEAR",
        message: expect.stringContaining("accuracy, score") as unknown,
      });
      await expect(compare(a, b, { metrics: ["nothing"] })).rejects.toMatchObject({ code: "METRIC_UNKNOWN" });
      await expect(compare(a, b, { metrics: ["score"], at: "best" })).rejects.toMatchObject({ code: "GOAL_UNKNOWN" });
      await expect(compare(a, a)).rejects.toMatchObject({ code: "USAGE" });
      const both = await compare(a, b, { metrics: ["score", "accuracy"], seeds: 3, repeats: 1 });
      expect(both.metrics.map(({ name, goal }) => [name, goal])).toEqual([
        ["score", null],
        ["accuracy", "max"],
      ]);
      expect(both.notes.join()).toContain("own intervals");
    },
    TIME_MS,
  );
});
