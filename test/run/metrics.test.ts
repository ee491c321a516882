import { expect, test } from "vitest";
import { MetricCollector, type Reading } from "../../src/run/metrics.ts";

const parse = (line: string): Reading[] =>
  [...line.matchAll(/(\w+)=([\d.]+)/g)].map((match) => ({
    name: match[1] ?? "",
    value: Number(match[2]),
    step: null,
    timing: false,
  }));

test("gathers points per stream and name, in order", () => {
  const collector = new MetricCollector(parse);
  collector.add("stdout", "loss=3");
  collector.add("stderr", "loss=9");
  collector.add("stdout", "loss=2 acc=0.5");
  const found = collector.finish();
  expect(found.map((s) => [s.source, s.name, s.points.map((p) => p.value)])).toEqual([
    ["stdout", "loss", [3, 2]],
    ["stderr", "loss", [9]],
    ["stdout", "acc", [0.5]],
  ]);
});

test("a redrawn line counts by its last state", () => {
  const collector = new MetricCollector(parse);
  collector.add("stderr", "1/3 loss=3\r2/3 loss=2\r3/3 loss=1");
  expect(collector.finish()[0]).toMatchObject({ redrawn: true, points: [{ step: null, value: 1 }] });
});

test("a carriage return at the end of a line draws nothing again", () => {
  const collector = new MetricCollector(parse);
  collector.add("stdout", "loss=3\r");
  expect(collector.finish()[0]).toMatchObject({ redrawn: false, points: [{ step: null, value: 3 }] });
});
