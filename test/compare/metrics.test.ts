import { expect, test } from "vitest";
import { compareMetrics, firstPointApart, sharedMetrics } from "#compare";
import type { MetricSeries } from "#record";
import { sampleRecord } from "../store/sample-record.ts";

function series(name: string, values: readonly number[], more: Partial<MetricSeries> = {}): MetricSeries {
  return {
    name,
    source: "stdout",
    points: values.map((value, i) => ({ step: i, value })),
    timing: false,
    redrawn: false,
    dropped: 0,
    ...more,
  };
}

test("equal bits agree, NaN with NaN too, and -0 is not 0", () => {
  expect(compareMetrics([series("loss", [0.5, NaN])], [series("loss", [0.5, NaN])])[0]).toMatchObject({
    agree: true,
    distance: 0,
  });
  expect(compareMetrics([series("loss", [0])], [series("loss", [-0])])[0]?.agree).toBe(false);
});

test("the smallest step of a double is a difference, named with its distance", () => {
  const [found] = compareMetrics([series("loss", [0.1, 0.3])], [series("loss", [0.1, 0.1 + 0.2])]);
  expect(found).toMatchObject({ agree: false, a: 0.3, b: 0.30000000000000004 });
  expect(found?.distance).toBeGreaterThan(0);
});

test("a series that only one run has, or that is longer in one, disagrees", () => {
  expect(compareMetrics([series("loss", [1])], [])[0]?.agree).toBe(false);
  expect(compareMetrics([series("loss", [1])], [series("loss", [1, 2])])[0]?.agree).toBe(false);
});

test("numbers that two loggers carry count once, and those that only look alike twice", () => {
  const carried = (values: readonly number[]): MetricSeries[] => [
    series("loss", values, { source: "mlflow" }),
    { ...series("loss", values, { source: "keras" }), points: values.map((value) => ({ step: null, value })) },
    series("loss", [...values.slice(1), 7], { source: "wandb" }),
    series("acc", values, { source: "mlflow" }),
  ];
  const same = compareMetrics(carried([1, 2]), carried([1, 2]));
  expect(same.map(({ name, aside }) => [name, aside])).toEqual([
    ["loss (mlflow)", ["the same numbers given to keras"]],
    ["loss (wandb)", []],
    ["acc (mlflow)", []],
  ]);
  const apart = compareMetrics(carried([1, 2]), carried([1, 3]));
  expect(apart.map(({ name, agree }) => [name, agree])).toEqual([
    ["loss (mlflow)", false],
    ["loss (wandb)", false],
    ["acc (mlflow)", false],
  ]);
  // One of the two carriers parts: each speaks for itself.
  const [first, , ...rest] = carried([1, 2]);
  const other = series("loss", [1, 5], { source: "keras" });
  if (first === undefined) throw new Error("no series");
  expect(compareMetrics(carried([1, 2]), [first, other, ...rest]).filter(({ agree }) => !agree)).toMatchObject([
    { name: "loss (keras)" },
  ]);
});

test("timings are no results", () => {
  expect(compareMetrics([series("sps", [100], { timing: true })], [series("sps", [90], { timing: true })])).toEqual([]);
});

test("of a progress bar only the last state counts", () => {
  const bar = { redrawn: true };
  expect(
    compareMetrics(
      [series("loss", [3, 2, 1], bar)],
      [
        series(
          "loss",
          [9, 1].map((v) => v),
          bar,
        ),
      ],
    )[0]?.agree,
  ).toBe(false);
  expect(
    compareMetrics(
      [
        {
          ...series("loss", [3, 2, 1], bar),
          points: [
            { step: null, value: 3 },
            { step: null, value: 1 },
          ],
        },
      ],
      [{ ...series("loss", [], bar), points: [{ step: null, value: 1 }] }],
    )[0]?.agree,
  ).toBe(true);
});

test("values of a logger that were not kept are equal by their digest only", () => {
  const logged = (more: Partial<MetricSeries>): MetricSeries[] => [series("loss", [1], { source: "wandb", ...more })];
  const compared = (x: Partial<MetricSeries>, y: Partial<MetricSeries>) => compareMetrics(logged(x), logged(y))[0];
  expect(compared({ dropped: 5, rest: "ab" }, { dropped: 5, rest: "ab" })?.agree).toBe(true);
  const other = compared({ dropped: 5, rest: "ab" }, { dropped: 5, rest: "cd" });
  expect([other?.agree, other?.unseen]).toEqual([false, undefined]);
  for (const rest of [{}, { rest: "ab" }])
    expect(compared({ dropped: 5 }, { dropped: 5, ...rest })).toMatchObject({
      agree: false,
      unseen: "5 of its values were not kept",
    });
  // What is printed is compared as text, too.
  const [printed] = compareMetrics([series("loss", [1], { dropped: 5 })], [series("loss", [1], { dropped: 5 })]);
  expect(printed?.agree).toBe(true);
});

test("a point at another step is apart", () => {
  expect(firstPointApart([{ step: 1, value: 2 }], [{ step: 2, value: 2 }])).toBe(0);
});

test("a number that was printed and given to loggers is a result of each, told by the logger's name", () => {
  const both = [series("loss", [1]), series("loss", [1], { source: "mlflow" })];
  const [printed, logged] = compareMetrics(both, [series("loss", [1]), series("loss", [2], { source: "mlflow" })]);
  expect(printed).toMatchObject({ name: "loss", agree: true });
  expect(logged).toMatchObject({ name: "loss (mlflow)", agree: false, a: 1, b: 2 });
});

test("what a logger got is compared only where both agents would have seen it", () => {
  const metrics = [series("loss", [1]), series("loss", [1], { source: "wandb" })];
  const id = "01930000-0000-7000-8000-00000000000a";
  const now = sampleRecord(id, { metrics, loggers: ["mlflow", "wandb"] });
  const silent = sampleRecord(id, { metrics: [series("loss", [1])], loggers: ["mlflow", "wandb"] });
  const before = sampleRecord(id, { metrics: [series("loss", [1])] });
  expect(sharedMetrics(before, now)).toEqual({ a: before.metrics, b: before.metrics });
  expect(compareMetrics(sharedMetrics(silent, now).a, sharedMetrics(silent, now).b).map(({ agree }) => agree)).toEqual([
    true,
    false,
  ]);
});
