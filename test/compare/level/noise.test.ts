import { describe, expect, test } from "vitest";
import { judgeNoise, type NoiseJudgement } from "#compare";
import type { MetricSeries, RunRecord } from "#record";
import { sampleRecord } from "../../store/sample-record.ts";

const series = (name: string, values: readonly number[], changes: Partial<MetricSeries> = {}): MetricSeries => ({
  name,
  source: "stdout",
  points: values.map((value, step) => ({ step, value })),
  timing: false,
  redrawn: false,
  dropped: 0,
  ...changes,
});

const run = (metrics: readonly MetricSeries[], changes: Partial<RunRecord> = {}): RunRecord =>
  sampleRecord("01a1fcd1-64b8-70e1-98b2-71f6df57036d", { metrics, ...changes });
const accuracies = (...values: number[]): RunRecord[] => values.map((value) => run([series("acc", [0.5, value])]));

const judged = (baseline: RunRecord, replays: readonly RunRecord[], at: "last" | "best" = "last"): NoiseJudgement =>
  judgeNoise(baseline, replays, { confidence: 0.95, power: 0.8, at });
const NOISE = [0.91, 0.925, 0.917, 0.922, 0.909] as const;

describe("a metric of a run beside those of its replays", () => {
  test("inside is reproduced, outside differs, and both tell the interval and the shift that would be seen", () => {
    const inside = judged(run([series("acc", [0.4, 0.915])]), accuracies(...NOISE));
    expect(inside).toMatchObject({ verdict: "reproduced", statistics: { measured: 5, each: 0.95, needed: null } });
    const noise = inside.statistics.metrics.find(({ at }) => at === "last");
    expect(noise).toMatchObject({ name: "acc", verdict: "within", baseline: 0.915, interval: { method: "Student" } });
    expect(noise?.interval?.shift).toBeCloseTo(4.12 * (noise?.interval?.sd ?? 0), 3);
    const outside = judged(run([series("acc", [0.4, 0.84])]), accuracies(...NOISE));
    expect(outside.verdict).toBe("differs");
    expect(outside.reason).toMatch(/^acc is 0\.84, and 5 replays put it between 0\.89\d+ and 0\.9\d+$/);
    expect(outside.evidence.filter(({ agree }) => !agree)).toMatchObject([{ name: "acc", how: "tolerance", a: 0.84 }]);
  });

  test("too few replays are inconclusive, however well the values agree, and it is said how many are needed", () => {
    const few = judged(run([series("acc", [0.4, 0.915])]), accuracies(0.91, 0.92, 0.915));
    expect(few).toMatchObject({ verdict: "inconclusive", statistics: { needed: 4 } });
    expect(few.reason).toBe("acc: 3 values of it were measured, and 4 are needed at 0.95");
    expect(judged(run([series("acc", [0.915])]), []).verdict).toBe("inconclusive");
  });

  test("each of several noisy metrics is judged more strictly, and one that is equal everywhere costs nothing", () => {
    const of = (acc: number, loss: number): RunRecord =>
      run([series("acc", [acc]), series("loss", [loss]), series("lr", [0.1])]);
    const replays = NOISE.map((acc) => of(acc, 1 - acc));
    const found = judged(of(0.915, 0.085), replays);
    expect(found.statistics.each).toBeCloseTo(0.975, 12);
    expect(found).toMatchObject({ verdict: "inconclusive", statistics: { needed: 6 } });
    const more = judged(of(0.915, 0.085), [...replays, of(0.914, 0.086)]);
    expect(more.verdict).toBe("reproduced");
    expect(more.evidence.find(({ name }) => name === "lr")).toMatchObject({ agree: true, how: "bytes" });
  });

  test("a value that differs from one that all replays share is not called outside before luck is ruled out", () => {
    const equal = (n: number): RunRecord[] => accuracies(...Array.from({ length: n }, () => 1));
    const one = run([series("acc", [0.5, 0.99])]);
    expect(judged(one, equal(10)).verdict).toBe("inconclusive");
    expect(judged(one, equal(19)).verdict).toBe("differs");
    expect(judged(run([series("acc", [0.5, 1])]), equal(10)).verdict).toBe("reproduced");
  });

  test("with best, a metric is judged by its best value too, where its name says what is better", () => {
    const of = (best: number, last: number): RunRecord => run([series("acc", [best, last]), series("thing", [1, 2])]);
    const replays = NOISE.map((value) => of(value, value - 0.1));
    expect(judged(of(0.8, 0.815), replays).verdict).toBe("reproduced");
    const best = judged(of(0.7, 0.815), replays, "best");
    expect(best.verdict).toBe("inconclusive");
    expect(best.statistics.metrics.filter(({ at }) => at === "best").map(({ name }) => name)).toEqual(["acc"]);
    const more = [...replays, of(0.9, 0.8)];
    expect(judged(of(0.99, 0.815), more, "best").reason).toMatch(/^acc, best is 0\.99/);
  });
});

describe("what has to agree besides", () => {
  test("the exit code of every replay, the set of metrics, the number of steps", () => {
    const base = run([series("acc", [0.4, 0.915])]);
    const failed = run([series("acc", [0.4, 0.92])], { exitCode: 1, status: "failed" });
    expect(judged(base, [...accuracies(...NOISE), failed])).toMatchObject({
      verdict: "differs",
      reason: "it ended with 0, a replay with 1",
    });
    expect(judged(base, [...accuracies(...NOISE), run([])])).toMatchObject({
      verdict: "differs",
      reason: "acc, number of values: missing in 1 of 6 replays; 1 more (--json has them)",
    });
    const longer = NOISE.map((value) => run([series("acc", [0.3, 0.4, value])]));
    expect(judged(base, longer).reason).toMatch(/^acc, number of values: 2 values, and 3 in every replay/);
    expect(judged(run([]), [run([]), run([])])).toMatchObject({ verdict: "inconclusive" });
  });

  test("steps that differ from replay to replay (early stopping) are judged like any number", () => {
    const stopped = (n: number): RunRecord =>
      run([
        series(
          "acc",
          Array.from({ length: n }, (_, i) => (i === n - 1 ? 0.9 : 0.1)),
        ),
      ]);
    const replays = [12, 15, 21, 18, 14, 17].map(stopped);
    expect(judged(stopped(16), replays).verdict).toBe("reproduced");
    expect(judged(stopped(90), replays).verdict).toBe("differs");
    const bars = NOISE.map((value) => run([series("acc", [value, value, value], { redrawn: true })]));
    expect(judged(run([series("acc", [0.915], { redrawn: true })]), bars).verdict).toBe("reproduced");
  });

  test("values that are no numbers, and values that were not kept, are never inside", () => {
    const nan = run([series("acc", [0.4, Number.NaN])]);
    expect(judged(nan, accuracies(...NOISE))).toMatchObject({ verdict: "inconclusive" });
    expect(judged(nan, accuracies(...Array.from({ length: 19 }, (_, i) => i / 20))).verdict).toBe("differs");
    expect(judged(nan, [...accuracies(...NOISE), nan]).verdict).toBe("reproduced");
    const lost = run([series("acc", [0.4, 0.915], { dropped: 3 })]);
    expect(
      judged(
        lost,
        NOISE.map(() => lost),
      ).verdict,
    ).toBe("inconclusive");
    const some = judged(run([series("acc", [0.4, 0.915])]), [...accuracies(...NOISE), nan]);
    expect(some.statistics.metrics.find(({ at }) => at === "last")?.reason).toBe(
      "1 of 6 replays gave no finite number, and are left out",
    );
  });

  test("time and speed are no results", () => {
    const of = (acc: number, seconds: number): RunRecord =>
      run([series("acc", [acc]), series("seconds", [seconds], { timing: true })]);
    expect(
      judged(
        of(0.915, 1e6),
        NOISE.map((acc, i) => of(acc, i)),
      ).verdict,
    ).toBe("reproduced");
  });
});

test("runs of the recipe itself are called different in no more cases than said, with several metrics that hang together", () => {
  let state = 20_261_121;
  const uniform = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 4_294_967_296;
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const trained = (): RunRecord => {
    const skill = normal();
    const right = Math.min(100, Math.max(0, Math.round(93 + 2 * skill + normal())));
    return run([
      series("loss", [1, 0.3 - 0.02 * skill + 0.01 * normal()]),
      series("val_loss", [1, 0.4 - 0.03 * skill + 0.02 * normal()]),
      series("acc", [0.5, right / 100]),
      series("lr", [0.1, 0.01]),
    ]);
  };
  const ROUNDS = 800;
  const words = Array.from({ length: ROUNDS }, () => judged(trained(), Array.from({ length: 10 }, trained)).verdict);
  const alarms = words.filter((word) => word === "differs").length;
  expect(words.filter((word) => word === "reproduced")).toHaveLength(ROUNDS - alarms);
  // 0.05 of 800 are 40, and chance takes it below 61 in 999 of 1000 cases.
  expect(alarms).toBeLessThan(61);
  expect(alarms).toBeGreaterThan(5);
});

test("how an imported run ended may not be known: that is no difference, and nothing is reproduced either", () => {
  const imported = run([series("acc", [0.4, 0.915])], { status: "unknown", exitCode: null });
  expect(judged(imported, accuracies(...NOISE))).toMatchObject({
    verdict: "inconclusive",
    reason: "exit: nobody said how it ended",
  });
});
