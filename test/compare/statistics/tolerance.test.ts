import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  eachOf,
  equalNeeded,
  type Tolerance,
  type ToleranceQuestion,
  type TooFew,
  toleranceOf,
  valuesNeeded,
} from "../../../src/compare/index.ts";
import { exactRate } from "../../../src/compare/statistics/beta.ts";
import { chiTail } from "../../../src/compare/statistics/chi.ts";
import { predictionFactor, seenOf, shiftSeen, toleranceFactor } from "../../../src/compare/statistics/factor.ts";
import { expectAgreement, type Question, sampled } from "./oracle.ts";

const real = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
const values = fc.array(
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map((k) => k / 1000),
  { minLength: 10, maxLength: 60 },
);
const of = (question: Question, name: string): number => question[name] as number;

function measured(list: readonly number[], question: ToleranceQuestion): Tolerance {
  const found = toleranceOf(list, question);
  if (found.kind !== "tolerance") throw new Error(found.reason);
  return found;
}

/** Seeded: what is measured here is measured again. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return (((z ^ (z >>> 14)) >>> 0) + 0.5) / 4_294_967_296;
  };
}

type Draw = (uniform: () => number) => number;
const normal: Draw = (uniform) => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
const exponential: Draw = (uniform) => -Math.log(uniform());
/** So many right of so many test samples, as an accuracy. */
const accuracy =
  (samples: number, rate: number): Draw =>
  (uniform) => {
    let right = 0;
    for (let i = 0; i < samples; i++) if (uniform() < rate) right += 1;
    return right / samples;
  };
const coin =
  (rate: number): Draw =>
  (uniform) =>
    uniform() < rate ? 1 : 0;

/** How often one more value was outside of what n values measured. Too few values are no alarm. */
function alarms(draw: Draw, n: number, rounds: number, question: ToleranceQuestion, shift = 0): number {
  const uniform = generator(20_261_121 + n);
  let outside = 0;
  for (let i = 0; i < rounds; i++) {
    const found = toleranceOf(
      Array.from({ length: n }, () => draw(uniform)),
      question,
    );
    const next = draw(uniform) + shift;
    if (found.kind === "tolerance" && (next < found.low || next > found.high)) outside += 1;
  }
  return outside;
}

describe("beside scipy", () => {
  test("the chi-squared tail, from one degree of freedom to many", () => {
    const questions = sampled(fc.record({ x: real(1e-6, 400), df: fc.integer({ min: 1, max: 300 }) })).map(
      (q): Question => ({ of: "chi", ...q }),
    );
    expectAgreement(questions, (q) => [chiTail(of(q, "x"), of(q, "df"))], 1e-9, 1e-280);
    expect(chiTail(0, 3)).toBe(1);
  });

  test("the exact factor of the normal tolerance interval, by quadrature", () => {
    const questions = sampled(
      fc.record({ n: fc.integer({ min: 3, max: 80 }), share: real(0.6, 0.99), confidence: real(0.6, 0.99) }),
      10,
    ).map((q): Question => ({ of: "tolerance-factor", ...q }));
    expectAgreement(questions, (q) => [toleranceFactor(of(q, "n"), of(q, "share"), of(q, "confidence"))], 1e-6);
  });

  test("how often a shift is seen", () => {
    const questions = sampled(
      fc.record({ n: fc.integer({ min: 3, max: 60 }), factor: real(1.5, 9), shift: real(0, 8) }),
      100,
    ).map((q): Question => ({ of: "seen", ...q }));
    expectAgreement(questions, (q) => [seenOf(of(q, "n"), of(q, "factor"), of(q, "shift"))], 0, 1e-7);
  });
});

test("factors are those of the printed tables (Odeh and Owen 1980; Hahn and Meeker 1991)", () => {
  expect(toleranceFactor(5, 0.95, 0.95)).toBeCloseTo(5.077, 3);
  expect(toleranceFactor(10, 0.95, 0.95)).toBeCloseTo(3.393, 3);
  expect(toleranceFactor(20, 0.9, 0.95)).toBeCloseTo(2.319, 2);
  expect(predictionFactor(5, 0.95)).toBeCloseTo(3.041, 3);
  expect(predictionFactor(10, 0.99)).toBeCloseTo(3.408, 3);
});

test("two and three values are refused, and it is said how many are needed; five speak of a shift of four deviations", () => {
  const refused: Pick<TooFew, "kind" | "needed"> = { kind: "too-few", needed: 4 };
  for (const list of [[], [0.91], [0.91, 0.93], [0.91, 0.93, 0.92]]) {
    expect(toleranceOf(list, { confidence: 0.95 })).toMatchObject({ ...refused, n: list.length });
  }
  const five = measured([0.91, 0.93, 0.92, 0.94, 0.9], { confidence: 0.95 });
  expect(five).toMatchObject({ method: "Student", n: 5, confidence: 0.95 });
  expect(five.shift / five.sd).toBeCloseTo(4.12, 1);
  expect([1, 4, 16].map((count) => valuesNeeded({ confidence: eachOf(0.95, count) }))).toEqual([4, 7, 12]);
  expect(valuesNeeded({ confidence: 0.95, share: 0.95 })).toBe(8);
  expect(() => toleranceOf([1, Number.NaN, 3], { confidence: 0.95 })).toThrow(RangeError);
});

test("equal values are refused until another one is no luck, and then nothing else lies within", () => {
  expect(equalNeeded({ confidence: 0.95 })).toBe(19);
  expect(equalNeeded({ confidence: 0.95, share: 0.95 })).toBe(59);
  const equal = (n: number): number[] => Array.from({ length: n }, () => 0.97);
  expect(toleranceOf(equal(18), { confidence: 0.95 })).toMatchObject({ kind: "too-few", needed: 19, equal: true });
  expect(toleranceOf(equal(19), { confidence: 0.95 })).toMatchObject({ method: "equal", low: 0.97, high: 0.97 });
  // Zero and minus zero have no spread either.
  expect(toleranceOf([0, -0, 0, 0], { confidence: 0.95 })).toMatchObject({ kind: "too-few", equal: true });
});

test("from 39 values on nothing is assumed of the distribution", () => {
  const list = (n: number): number[] => Array.from({ length: n }, (_, i) => Math.sin(i) ** 3);
  expect(measured(list(38), { confidence: 0.95 }).method).toBe("Student");
  expect(measured(list(39), { confidence: 0.95 })).toMatchObject({ method: "ranks", confidence: 0.95 });
  expect(measured(list(92), { confidence: 0.95, share: 0.95 }).method).toBe("normal");
  expect(measured(list(93), { confidence: 0.95, share: 0.95 }).method).toBe("ranks");
  const sorted = list(200).toSorted((x, y) => x - y);
  const found = measured(sorted, { confidence: 0.95 });
  expect([found.low, found.high]).toEqual([sorted[4], sorted[195]]);
});

describe("for any values", () => {
  const inputs = [values, real(0.8, 0.99)] as const;
  const spread = (list: readonly number[]): boolean => new Set(list).size > 2;

  test("what was measured lies within, more confidence is wider, and their order does not matter", () => {
    fc.assert(
      fc.property(...inputs, (list, confidence) => {
        fc.pre(spread(list) && list.length < 2 / (1 - confidence) - 1);
        const found = measured(list, { confidence });
        for (const value of list) expect(value >= found.low && value <= found.high).toBe(true);
        const wide = measured(list, { confidence: (1 + confidence) / 2 });
        expect(wide.low <= found.low && wide.high >= found.high).toBe(true);
        expect(measured(list.toReversed(), { confidence })).toEqual(found);
      }),
      { numRuns: 40 },
    );
  });

  test("moved and stretched values give the interval moved and stretched", () => {
    fc.assert(
      fc.property(...inputs, fc.integer({ min: -8, max: 8 }), (list, confidence, power) => {
        fc.pre(spread(list));
        const by = 2 ** power;
        const [found, other] = [list, list.map((value) => -value * by)].map((one) => measured(one, { confidence }));
        expect(other?.high).toBeCloseTo(-(found?.low ?? 0) * by, 6);
        expect(other?.shift).toBeCloseTo((found?.shift ?? 0) * by, 6);
      }),
      { numRuns: 40 },
    );
  });
});

describe("coverage, counted over simulated measurements", () => {
  const ROUNDS = 2000;
  const rate = (count: number): { low: number; high: number } => exactRate(count, ROUNDS, 0.999);

  test.each([4, 5, 10, 20])("normal noise and %i values: as often outside as is said", (n) => {
    const { low, high } = rate(alarms(normal, n, ROUNDS, { confidence: 0.95, most: 20 }));
    // What was measured always lies within: with 20 values that makes it a little wider than said.
    expect(low).toBeLessThanOrEqual(0.05);
    expect(high).toBeGreaterThanOrEqual(n < 20 ? 0.05 : 0.045);
  });

  test.each([
    ["a skewed one", exponential],
    ["a normal one", normal],
    ["an accuracy of 100 samples", accuracy(100, 0.95)],
  ])("by ranks, whatever the distribution: %s", (_, draw) => {
    const { low, high } = rate(alarms(draw, 39, ROUNDS, { confidence: 0.95 }));
    expect(low).toBeLessThanOrEqual(0.05);
    if (draw === exponential || draw === normal) expect(high).toBeGreaterThanOrEqual(0.05);
  });

  test.each([0.01, 0.1, 0.3])("rare odd values (%d of runs) raise no more alarms than said", (odd) => {
    for (const n of [5, 10, 20, 38]) {
      expect(rate(alarms(coin(odd), n, ROUNDS, { confidence: 0.95 })).low).toBeLessThanOrEqual(0.05);
    }
  });

  test("accuracies of 30 samples raise no more alarms than said", () => {
    for (const n of [5, 10]) {
      const count = alarms(accuracy(30, 0.95), n, 1000, { confidence: 0.95 });
      expect(exactRate(count, 1000, 0.999).low).toBeLessThanOrEqual(0.05);
    }
  });

  test("a share of all values is held as often as is said", () => {
    const uniform = generator(7);
    let held = 0;
    const factor = toleranceFactor(10, 0.9, 0.95);
    for (let i = 0; i < ROUNDS; i++) {
      const list = Array.from({ length: 10 }, () => normal(uniform));
      const at = list.reduce((sum, value) => sum + value, 0) / 10;
      const reach = factor * Math.sqrt(list.reduce((sum, value) => sum + (value - at) ** 2, 0) / 9);
      // Of the standard normal distribution: 0.9 lies within so many deviations.
      if (chiTail((at + reach) ** 2, 1) / 2 + chiTail((reach - at) ** 2, 1) / 2 <= 0.1) held += 1;
    }
    const { low, high } = rate(held);
    expect(low).toBeLessThanOrEqual(0.95);
    expect(high).toBeGreaterThanOrEqual(0.95);
  });

  test("the shift that is said to be seen four times of five is", () => {
    for (const n of [5, 10]) {
      const shift = shiftSeen(n, predictionFactor(n, 0.95), 0.8);
      const { low, high } = rate(alarms(normal, n, ROUNDS, { confidence: 0.95 }, shift));
      expect(low).toBeLessThanOrEqual(0.8);
      expect(high).toBeGreaterThanOrEqual(0.8);
    }
  });
});
