import { expect, test } from "vitest";
import { compareMetrics, firstPointApart } from "#compare";
import type { MetricSeries } from "#record";

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

test("a point at another step is apart", () => {
  expect(firstPointApart([{ step: 1, value: 2 }], [{ step: 2, value: 2 }])).toBe(0);
});
