import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RunRecord } from "#record";
import type { Golden } from "../../src/audit/golden/golden.ts";
import { readGolden } from "../../src/audit/golden/read.ts";
import { judge, otherMachine, verdictOf } from "../../src/audit/judge.ts";
import { measuredOf, type Reading, readingOf } from "../../src/audit/measure.ts";

const V1 = readFileSync(join(import.meta.dirname, "../fixtures/golden/v1.toml"), "utf8");
const golden = readGolden("golden.toml", V1).goldens[0] as Golden;
const MODEL = golden.exact["output model.json"] as string;

interface Given {
  readonly accuracy?: number;
  readonly model?: string;
  readonly exit?: number;
  readonly steps?: number;
}

const reading = ({ accuracy = 0.96, model = MODEL, exit = 0, steps = 20 }: Given): Reading => ({
  metrics: new Map([...(Number.isNaN(accuracy) ? [] : [["test_accuracy", accuracy] as const]), ["test_loss", 0.13]]),
  unread: new Map(Number.isNaN(accuracy) ? [["test_accuracy", "its last value is NaN"]] : []),
  exact: new Map<string, string | number>([
    ["exit code", exit],
    ["output model.json", model],
    ["steps of loss", steps],
  ]),
  sources: new Map(),
});

const asked = (
  given: readonly Given[],
  machine: string | null = null,
): ReturnType<typeof verdictOf> & { readonly states: unknown } => {
  const items = judge(golden, given.map(reading), machine);
  const states = Object.fromEntries(items.flatMap(({ name, state }) => (state === "within" ? [] : [[name, state]])));
  return { ...verdictOf(items), states };
};

test("results that the golden allows are within", () => {
  expect(asked([{}])).toMatchObject({ verdict: "within", states: {} });
});

test("one training outside decides nothing; two of three do", () => {
  expect(asked([{ accuracy: 0.5 }]).states).toEqual({ test_accuracy: "undecided" });
  expect(asked([{ accuracy: 0.5 }, { accuracy: 0.6 }])).toMatchObject({
    verdict: "outside",
    states: { test_accuracy: "outside" },
  });
  expect(asked([{ accuracy: 0.5 }, {}, { accuracy: 0.6 }]).verdict).toBe("outside");
  expect(asked([{ accuracy: 0.5 }, {}, {}])).toMatchObject({ verdict: "within", states: {} });
});

test("a metric that is not a number, or is gone, is outside", () => {
  const items = judge(
    golden,
    [{}, {}].map(() => reading({ accuracy: Number.NaN })),
    null,
  );
  expect(items[0]).toMatchObject({ state: "outside", values: [null, null], reason: "its last value is NaN" });
});

test("a result that all trainings of the golden had alike, and now not always, is neither", () => {
  expect(asked([{ model: "sha256:1" }, {}, {}])).toMatchObject({
    verdict: "inconclusive",
    states: { "output model.json": "unsteady" },
  });
  expect(asked([{ model: "sha256:1" }, { model: "sha256:2" }]).verdict).toBe("outside");
});

test("on another machine bits are not judged, and what the machine is stands there", () => {
  const machine = otherMachine(golden, { ...golden.machine, cpu: "Xeon" });
  expect(machine).toBe("processor Xeon instead of AMD EPYC");
  const found = asked([{ model: "sha256:1" }], machine);
  expect(found).toMatchObject({ verdict: "within", states: { "output model.json": "unjudged" } });
  expect(found.reason).toContain("not judged here: output model.json");
  expect(asked([{ accuracy: 0.5 }, { accuracy: 0.5 }], machine).verdict).toBe("outside");
  expect(asked([{ steps: 40 }, { steps: 40 }], machine).verdict).toBe("outside");
});

test("where only bits are held and the machine is another one, nothing is said", () => {
  const bits = { ...golden, tolerance: {}, seed: "42", exact: { "exit code": 0, "output model.json": MODEL } } as const;
  const items = judge(bits, [reading({ model: "sha256:1" })], "processor Xeon instead of AMD EPYC");
  expect(verdictOf(items).verdict).toBe("inconclusive");
  expect(verdictOf(items).reason).toContain("Xeon");
});

test("a training that fails is outside at once", () => {
  expect(asked([{ exit: 1 }])).toMatchObject({ verdict: "outside", states: { "exit code": "outside" } });
});

test("what varies is measured, what is equal is held, what is printed twice counts once", () => {
  const readings = [0.1, 0.2, 0.3].map(
    (loss): Reading => ({
      metrics: new Map([
        ["loss", loss],
        ["loss (mlflow)", loss],
        ["lr", 0.01],
        ...(loss > 0.1 ? [["late", loss] as const] : []),
      ]),
      unread: new Map(),
      exact: new Map<string, string | number>([
        ["exit code", 0],
        ["output model.pt", `sha256:${loss}`],
        ["output vocabulary.txt", "sha256:1"],
      ]),
      sources: new Map(),
    }),
  );
  const { varied, exact, left } = measuredOf(readings, []);
  expect([...varied]).toEqual([["loss", [0.1, 0.2, 0.3]]]);
  expect([...exact]).toEqual([
    ["exit code", 0],
    ["output vocabulary.txt", "sha256:1"],
    ["metric lr", 0.01],
  ]);
  expect([...left.keys()].sort()).toEqual(["metric late", "metric loss (mlflow)", "outputs"]);
  expect([...measuredOf(readings, ["lr"]).varied.keys()]).toEqual([]);
});

test("on another machine the number of steps alone is no result: a training that learns nothing makes as many", () => {
  const bits: Golden = {
    ...golden,
    tolerance: {},
    exact: { "exit code": 0, "steps of loss": 20, "metric test_loss": 0.1 },
  };
  const items = judge(bits, [reading({})], "processor B instead of A");
  expect(items.map(({ name, state }) => [name, state])).toEqual([
    ["exit code", "within"],
    ["steps of loss", "within"],
    ["metric test_loss", "unjudged"],
  ]);
  expect(verdictOf(items).verdict).toBe("inconclusive");
});

test("on another machine a constant shows nothing where another metric moved, nor a setting or an equal file where bits did", () => {
  const machine = "processor B instead of A";
  const held = (exact: Golden["exact"], given: Given): ReturnType<typeof verdictOf> =>
    verdictOf(judge({ ...golden, seed: "42", tolerance: {}, exact }, [reading(given)], machine));
  const constant = { "exit code": 0, "metric test_loss": 0.13 };
  // the accuracy fell from 0.97 to 0.10, and the constant loss is as it was
  expect(held({ ...constant, "metric test_accuracy": 0.97 }, { accuracy: 0.1 }).verdict).toBe("inconclusive");
  expect(held({ ...constant, "metric test_accuracy": 0.97 }, { accuracy: 0.97 }).verdict).toBe("within");
  // bits of a model may differ where the accuracy is the same; a learning rate says nothing
  expect(held({ ...constant, "output model.json": MODEL }, { model: "sha256:1" }).verdict).toBe("within");
  const rated = { ...reading({ model: "sha256:1" }), metrics: new Map([["lr", 0.1]]) };
  const items = judge(
    { ...golden, tolerance: {}, exact: { "exit code": 0, "metric lr": 0.1, "output model.json": MODEL } },
    [rated],
    machine,
  );
  expect(verdictOf(items).verdict).toBe("inconclusive");
});

test("a metric is heard of whom the golden heard it, whoever else tells it by now", () => {
  const series = (source: string, value: number, more: object = {}) => ({
    name: "accuracy",
    source,
    timing: false,
    redrawn: false,
    dropped: 0,
    points: [{ step: null, value }],
    ...more,
  });
  const run = (...metrics: object[]): RunRecord =>
    ({ exitCode: 0, signal: null, status: "completed", outputs: [], metrics }) as unknown as RunRecord;
  const before = readingOf(run(series("file", 0.97, { file: "log.csv" })));
  expect([...before.sources]).toEqual([["accuracy", "file log.csv"]]);
  // a later version also hears a logger, which stands before files
  const later = run(series("mlflow", 0.9712345), series("file", 0.97, { file: "log.csv" }));
  expect(readingOf(later).metrics.get("accuracy")).toBe(0.9712345);
  const held = readingOf(later, Object.fromEntries(before.sources));
  expect([...held.metrics]).toEqual([
    ["accuracy", 0.97],
    ["accuracy (mlflow)", 0.9712345],
  ]);
  // one that its source no longer tells is gone, and nobody else's stands for it
  const gone = readingOf(run(series("mlflow", 0.9712345)), Object.fromEntries(before.sources));
  expect([...gone.metrics.keys()]).toEqual(["accuracy (mlflow)"]);
});
