import picocolors from "picocolors";
import { expect, test } from "vitest";
import { fold } from "../../src/cli/diff/fold.ts";
import type { DiffLook } from "../../src/cli/diff/look.ts";
import { plotLines } from "../../src/cli/diff/plot.ts";
import type { MetricSeries } from "../../src/record/index.ts";

const series = (values: readonly number[]): MetricSeries => ({
  name: "loss",
  source: "stdout",
  points: values.map((value, step) => ({ step, value })),
  timing: false,
  redrawn: false,
  dropped: 0,
});
const look = (columns: number, plot: DiffLook["plot"]): DiffLook => ({
  colors: picocolors.createColors(false),
  columns,
  plot,
  all: false,
  more: "",
});
const count = (length: number, of: (i: number) => number): number[] => Array.from({ length }, (_, i) => of(i));

test("two curves on one scale, and their distance on its own", () => {
  const a = series(count(10, (i) => i));
  const b = series(count(10, (i) => (i < 5 ? i : 9)));
  expect(plotLines(a, b, look(80, "digits"))).toEqual([
    "      A 0123456789",
    "      B 0123499999",
    "      ≠ 0000097520",
    "        A and B: lowest 0, highest 9; ≠: 0 to 4",
  ]);
  expect(plotLines(a, b, look(80, "blocks"))[0]).toBe("      A ▁▂▃▃▄▅▆▆▇█");
});

test("it is as wide as the terminal allows, and shows where one series ends and where a value is none", () => {
  const a = series(count(1000, (i) => i));
  const b = series(count(500, (i) => i));
  for (const [columns, width] of [
    [80, 70],
    [200, 120],
    [Number.POSITIVE_INFINITY, 60],
  ] as const) {
    const [first, second] = plotLines(a, b, look(columns, "digits"));
    expect(first?.length).toBe(8 + width);
    expect(second?.trimEnd().length).toBe(8 + width / 2);
  }
  const broken = series([1, 2, Number.NaN, Number.POSITIVE_INFINITY]);
  expect(plotLines(series([1, 2, 3, 4]), broken, look(80, "digits"))[1]).toBe("      B 03××");
});

test("what falls by orders of magnitude is drawn on a log scale; too little is not drawn", () => {
  const a = series(count(10, (i) => 10 ** -i));
  const lines = plotLines(a, a, look(80, "digits"));
  expect(lines[3]).toContain("log scale");
  expect(lines[0]).toBe("      A 9876543210");
  expect(plotLines(series([1, 2]), series([1, 3]), look(80, "digits"))).toEqual([]);
});

test("long texts are folded between words, or anywhere, and cut after the last line", () => {
  expect(fold("one two three", 80)).toEqual(["one two three"]);
  expect(fold("one two three", 8)).toEqual(["one two", "three"]);
  expect(fold("abcdefghij", 4)).toEqual(["abcd", "efgh", "ij"]);
  expect(fold("abcdefghij", 4, 2)).toEqual(["abcd", "efg…"]);
  expect(fold("宽宽宽", 3)).toEqual(["宽", "宽", "宽"]);
});
