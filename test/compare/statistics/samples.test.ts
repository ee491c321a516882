import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differences, equivalence, paired, welch } from "../../../src/compare/statistics/difference.ts";
import { effectOf } from "../../../src/compare/statistics/effect.ts";
import { powerOf, runsForDifference, runsForSuperiority } from "../../../src/compare/statistics/power.ts";
import { isConstant, mean, sd, summarise } from "../../../src/compare/statistics/sample.ts";
import { pairedSuperiority, superiority } from "../../../src/compare/statistics/superiority.ts";
import { expectAgreement, type Question, sampled } from "./oracle.ts";

/** On a grid: scipy squares what it is given, and the squares of the smallest numbers are 0 to it. */
const plain = fc.integer({ min: -1_000_000, max: 1_000_000 }).map((k) => k / 1000);
const coarse = fc.integer({ min: 0, max: 5 }).map((k) => k / 10);
/** Metrics as they come: spread, with ties, far from zero, tiny. */
const list = (minLength: number, maxLength = 40): fc.Arbitrary<number[]> =>
  fc.oneof(
    fc.array(plain, { minLength, maxLength }),
    fc.array(coarse, { minLength, maxLength }),
    fc.array(
      plain.map((x) => 1e6 + x),
      { minLength, maxLength },
    ),
    fc.array(
      plain.map((x) => x * 1e-50),
      { minLength, maxLength },
    ),
  );
const pair = fc.integer({ min: 2, max: 30 }).chain((n) => fc.tuple(list(n, n), list(n, n)));
const spread = (values: readonly number[]): boolean => !isConstant(values);
const numbers = (question: Question, name: string): number[] => question[name] as number[];
/** Differences of large numbers lose digits in any arithmetic. */
const size = (question: Question): number =>
  Math.max(...numbers(question, "a").map(Math.abs), ...numbers(question, "b").map(Math.abs)) * 1e-13;

describe("beside scipy, on random samples", () => {
  test("mean, deviation and quantiles", () => {
    const questions = sampled(list(2)).map((x): Question => ({ of: "summary", x }));
    const ours = (question: Question): number[] => {
      const { mean: at, sd: apart, min, q25, median, q75, max } = summarise(numbers(question, "x"));
      return [at, apart ?? Number.NaN, min, q25, median, q75, max];
    };
    const slack = (question: Question): number => Math.max(...numbers(question, "x").map(Math.abs)) * 1e-14;
    expectAgreement(questions, ours, 1e-9, slack);
  });

  test.each([
    ["welch", welch, fc.tuple(list(2), list(2))],
    ["paired", paired, pair],
  ] as const)("%s: estimate, error, t, degrees of freedom, p and interval", (of, function_, samples) => {
    const usable = sampled(samples).filter(([a, b]) => spread(of === "paired" ? differences(a, b) : [...a, ...b]));
    const questions = usable
      .filter(([a, b]) => of === "paired" || spread(a) || spread(b))
      .map(([a, b]): Question => ({ of, a, b }));
    const ours = (question: Question): number[] => {
      const found = function_(numbers(question, "a"), numbers(question, "b"), 0.95);
      return [found.estimate, found.standardError, found.t, found.df, found.p, found.low, found.high];
    };
    expectAgreement(questions, ours, 2e-7, size);
  });

  test("two one-sided tests, P(b > a) of pairs and of samples, Cliff's delta, Cohen's d and Hedges' g", () => {
    const samples = sampled(pair, 120).filter(([a, b]) => spread(a) && spread(b));
    const margins = samples.map(
      ([a, b], i): Question => ({ of: "equivalence", a, b, margin: sd(a) * (0.1 + (i % 7) / 2) }),
    );
    const test_ = (q: Question): number[] => {
      const difference = welch(numbers(q, "a"), numbers(q, "b"), 0.95);
      return [equivalence(difference, q.margin as number, 0.95).p];
    };
    expectAgreement(margins, test_, 1e-6, 1e-12);
    const questions = samples.map(([a, b]) => ({ a, b }));
    expectAgreement(
      questions.map((q): Question => ({ of: "superiority", ...q })),
      (q) => {
        const [a, b] = [numbers(q, "a"), numbers(q, "b")];
        return [superiority(a, b, 0.95).p, pairedSuperiority(a, b, 0.95).p, effectOf(a, b, false).cliff];
      },
      0,
      1e-12,
    );
    expectAgreement(
      questions.map((q): Question => ({ of: "effect", ...q })),
      (q) => {
        const { d, g } = effectOf(numbers(q, "a"), numbers(q, "b"), false);
        return [d ?? Number.NaN, g ?? Number.NaN];
      },
      1e-7,
      1e-9,
    );
  });

  test("the power of a t test", () => {
    const shape = {
      n: fc.integer({ min: 2, max: 300 }),
      d: fc.double({ min: 0, max: 3, noNaN: true }),
      paired: fc.boolean(),
    };
    const questions = sampled(fc.record(shape)).map((values): Question => ({ of: "power", ...values }));
    const ours = (q: Question): number[] => [
      powerOf(q.paired === true ? "paired" : "unpaired", q.n as number, q.d as number, 0.95),
    ];
    expectAgreement(questions, ours, 0, 1e-8);
  });
});

describe("at the ends of what a sample can be", () => {
  test("equal values have no spread, whatever rounding would say", () => {
    const same = [0.1, 0.1, 0.1];
    expect(welch(same, same, 0.95)).toMatchObject({ estimate: 0, low: 0, high: 0, p: 1, t: 0 });
    expect(welch(same, [0.2, 0.2, 0.2], 0.95)).toMatchObject({ estimate: 0.1, low: 0.1, high: 0.1, p: 0 });
    expect(effectOf(same, [0.2, 0.2], false)).toEqual({ d: null, g: null, dz: null, cliff: 1 });
    expect(equivalence(welch(same, same, 0.95), 0.01, 0.95)).toEqual({ margin: 0.01, p: 0, equivalent: true });
    expect(equivalence(welch(same, [0.2, 0.2], 0.95), 0.01, 0.95).equivalent).toBe(false);
  });

  test("two values a side are a sample; one is none; nan, infinities and unequal pairs are refused", () => {
    expect(welch([1, 2], [3, 4], 0.95).df).toBeCloseTo(2, 12);
    expect(() => welch([1], [3, 4], 0.95)).toThrow(RangeError);
    expect(() => paired([1, 2], [3, 4, 5], 0.95)).toThrow(RangeError);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY])
      for (const ask of [mean, sd, summarise]) expect(() => ask([1, bad])).toThrow(RangeError);
    expect(() => superiority([Number.NaN], [1], 0.95)).toThrow(RangeError);
    expect(() => equivalence(welch([1, 2], [3, 4], 0.95), 0, 0.95)).toThrow(RangeError);
  });

  test("numbers whose squares vanish or overflow, and huge offsets, keep their digits", () => {
    for (const scale of [1e-300, 1e-320, 1, 1e300]) {
      const found = welch([1 * scale, 2 * scale, 3 * scale], [2 * scale, 4 * scale, 6 * scale], 0.95);
      const plainOne = welch([1, 2, 3], [2, 4, 6], 0.95);
      expect(found.t / plainOne.t).toBeCloseTo(1, scale === 1e-320 ? 2 : 9);
      expect(found.df / plainOne.df).toBeCloseTo(1, scale === 1e-320 ? 2 : 9);
    }
    expect(sd([1e15 + 1, 1e15 + 2, 1e15 + 3])).toBeCloseTo(1, 12);
    expect(mean([1e308, 1e308, 1e308])).toBe(1e308);
  });

  test("where all pairs point one way the interval is that of a rate, and six of six are the fewest that show anything", () => {
    const [a, b] = [
      [1, 2, 3, 4, 5, 6],
      [2, 3, 4, 5, 6, 7],
    ];
    expect(pairedSuperiority(a, b, 0.95)).toMatchObject({ p: 1, high: 1, method: "exact" });
    expect(pairedSuperiority(a, b, 0.95).low).toBeCloseTo(0.025 ** (1 / 6), 12);
    expect(pairedSuperiority(a.slice(1), b.slice(1), 0.95).low).toBeLessThan(0.5);
    expect(superiority([1, 2, 3], [7, 8, 9, 10], 0.95).low).toBeCloseTo(0.025 ** (1 / 3), 12);
    expect(pairedSuperiority([1, 1], [1, 1], 0.95)).toMatchObject({ p: 0.5, method: "exact" });
  });
});

test("the bootstrap interval is the same every time, and about as wide as that of the rate it estimates", () => {
  const [a, b] = sampled(fc.tuple(list(40, 40), list(40, 40)), 1)[0] ?? [[], []];
  expect(superiority(a, b, 0.95)).toEqual(superiority(a, b, 0.95));
  const mixed = Array.from({ length: 40 }, (_, i) => (i % 4 === 0 ? 0 : 2));
  const found = pairedSuperiority(
    Array.from({ length: 40 }, () => 1),
    mixed,
    0.95,
  );
  // 0.75 ± 1.96 √(0.75 · 0.25 / 40)
  expect(found.low).toBeCloseTo(0.75 - 0.134, 1);
  expect(found.high).toBeCloseTo(0.75 + 0.134, 1);
});

test("runs needed: 5 a side find 2σ, 10 find 1.3σ, 30 find 0.7σ, and Noether's 29 are Bouthillier's", () => {
  for (const [n, deviations] of [
    [5, 2],
    [10, 1.3],
    [30, 0.7],
  ] as const) {
    expect(powerOf("unpaired", n, deviations, 0.95)).toBeGreaterThan(0.74);
    const needed = runsForDifference("unpaired", deviations, 0.95, 0.8) ?? 0;
    expect(Math.abs(needed - n)).toBeLessThan(5);
    expect(powerOf("unpaired", needed, deviations, 0.95)).toBeGreaterThanOrEqual(0.8);
    expect(powerOf("unpaired", needed - 1, deviations, 0.95)).toBeLessThan(0.8);
  }
  expect(runsForSuperiority("unpaired", 0.75, 0.95, 0.95, 1)).toBe(29);
  expect(runsForSuperiority("unpaired", 0.5, 0.95, 0.8)).toBeNull();
  expect(runsForDifference("paired", 0, 0.95, 0.8)).toBeNull();
  expect(runsForDifference("paired", 1e-5, 0.95, 0.8)).toBeNull();
});
