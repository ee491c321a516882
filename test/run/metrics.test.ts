import { expect, test } from "vitest";
import { parseMetricLine } from "#content";
import { MetricCollector } from "../../src/run/metrics.ts";

test("gathers points per stream and name, in order", () => {
  const collector = new MetricCollector(parseMetricLine);
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
  const collector = new MetricCollector(parseMetricLine);
  collector.add("stderr", "1/3 loss=3\r2/3 loss=2\r3/3 loss=1");
  expect(collector.finish()[0]).toMatchObject({ redrawn: true, points: [{ step: null, value: 1 }] });
});

test("a carriage return at the end of a line draws nothing again", () => {
  const collector = new MetricCollector(parseMetricLine);
  collector.add("stdout", "loss=3\r");
  expect(collector.finish()[0]).toMatchObject({ redrawn: false, points: [{ step: null, value: 3 }] });
});

test.each(["1/9 loss=3\b\b\b\b9/9 loss=1", "3/9 loss=1\u001b[A", " 40%|####   | 2/5 [00:00<00:01, loss=1]"])(
  "%j is drawn again and again",
  (line) => {
    const collector = new MetricCollector(parseMetricLine);
    collector.add("stdout", line);
    expect(collector.finish()[0]?.redrawn).toBe(true);
  },
);

test("a torrent of numbers is counted and no longer read", () => {
  const collector = new MetricCollector(() => [{ name: "loss", value: 1, step: null, timing: false }]);
  for (let i = 0; i < 500_100; i++) collector.add("stdout", "loss=1");
  const [found] = collector.finish();
  expect([found?.points.length, found?.dropped]).toEqual([100_000, 400_100]);
});
