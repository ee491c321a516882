import { expect, test } from "vitest";
import { ALARMS, CONFIDENCE, measuredTolerance, outsideRate, trainingsNeeded } from "../../src/audit/tolerance.ts";
import { normalCdf } from "../../src/compare/statistics/normal.ts";

/** mulberry32, and normal numbers by Box and Muller. */
function normals(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 4_294_967_296;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** How often an audit of unchanged code fails, under one golden: two of three outside, in any metric. */
function alarmRate(goldens: readonly (readonly [low: number, high: number])[]): number {
  const passes = goldens.map(([low, high]) => {
    const q = 1 - (normalCdf(high) - normalCdf(low));
    return 1 - q * q * (3 - 2 * q);
  });
  return 1 - passes.reduce((all, one) => all * one, 1);
}

test("of three trainings two are outside as often as the rate is made for", () => {
  for (const count of [1, 4, 30]) {
    const q = outsideRate(0.01, count);
    expect(q * q * (3 - 2 * q) * count).toBeCloseTo(0.01, 10);
  }
});

test.each([1, 4])(
  "with %i metrics no more than 1 audit of 100 fails by noise, with the confidence that is said",
  (count) => {
    const draw = normals(20_261_121 + count);
    const n = Math.max(10, trainingsNeeded(count));
    const goldens = 80;
    let worse = 0;
    for (let i = 0; i < goldens; i++) {
      const intervals = Array.from({ length: count }, () => {
        const found = measuredTolerance(Array.from({ length: n }, draw), count);
        if (!("tolerance" in found)) throw new Error(`${n} values were too few`);
        return [found.tolerance.low, found.tolerance.high] as const;
      });
      if (alarmRate(intervals) > ALARMS) worse += 1;
    }
    // Of 80 goldens 4 may be worse; 10 or more would be so by chance less than once in a hundred times.
    expect(worse).toBeLessThan(goldens * (1 - CONFIDENCE) * 2.5);
  },
);

test("a shift of six deviations is seen, one of a half is not", () => {
  const draw = normals(7);
  const values = Array.from({ length: 10 }, draw);
  const found = measuredTolerance(values, 1);
  if (!("tolerance" in found)) throw new Error("10 values were too few");
  expect(found.tolerance.low).toBeGreaterThan(-6);
  expect(found.tolerance.high).toBeLessThan(6);
  expect(found.tolerance.high).toBeGreaterThan(0.5);
});

test("too few values are refused with how many are needed", () => {
  expect(measuredTolerance([0.91, 0.92, 0.93], 4)).toEqual({ needed: trainingsNeeded(4) });
  expect(trainingsNeeded(4)).toBeGreaterThan(3);
  expect(trainingsNeeded(30)).toBeGreaterThan(trainingsNeeded(4));
});
