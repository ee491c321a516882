import fc from "fast-check";
import { expect, test } from "vitest";
import { betaQuantile, exactRate, fisherTail, placeAt, regularisedBeta } from "../../../src/compare/statistics/beta.ts";
import { gammaHalfStep, logGamma } from "../../../src/compare/statistics/gamma.ts";
import { normalCdf, normalQuantile, normalTail } from "../../../src/compare/statistics/normal.ts";
import { noncentralCdf, studentQuantile, studentTail } from "../../../src/compare/statistics/student.ts";
import { expectAgreement, type Question, sampled } from "./oracle.ts";

const real = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
/** As many small as large ones. */
const logReal = (min: number, max: number): fc.Arbitrary<number> =>
  real(Math.log10(min), Math.log10(max)).map((x) => 10 ** x);
const ask = (of: string, shape: Record<string, fc.Arbitrary<number>>, count?: number): Question[] =>
  sampled(fc.record(shape), count).map((values) => ({ of, ...values }));
const of = (question: Question, name: string): number => question[name] as number;

test("Student's tail is scipy's, from one degree of freedom to many and out to where p is 1e-300", () => {
  const questions = ask("t", {
    t: fc.oneof(real(-50, 50), logReal(1e-12, 1e12)),
    df: fc.oneof(logReal(0.5, 1e5), fc.integer({ min: 1, max: 60 })),
  });
  const ours = (q: Question): number[] => [studentTail(of(q, "t"), of(q, "df"))];
  // scipy itself loses half of its digits next to the middle with one degree of freedom.
  expectAgreement(questions, ours, 1e-8, 1e-300);
  expect(studentTail(Number.POSITIVE_INFINITY, 3)).toBe(0);
  expect(studentTail(0, 3)).toBe(0.5);
  // Beyond the numbers whose square is one: 1 / (π t) with one degree of freedom.
  expect(studentTail(1e200, 1) / (1e-200 / Math.PI)).toBeCloseTo(1, 12);
});

test("Student's and the normal quantile are scipy's, and none is told for what is no probability", () => {
  const tails = ask("t-quantile", { p: fc.oneof(real(1e-6, 0.5), logReal(1e-12, 0.5)), df: logReal(1, 1e4) });
  expectAgreement(tails, (q) => [studentQuantile(of(q, "p"), of(q, "df"))], 1e-9, 1e-12);
  const normals = ask("normal-quantile", { p: fc.oneof(real(0.001, 0.999), logReal(1e-200, 0.5)) });
  expectAgreement(normals, (q) => [normalQuantile(of(q, "p"))], 1e-11, 1e-13);
  for (const bad of [0, 1, -0.1, Number.NaN]) expect(() => normalQuantile(bad)).toThrow(RangeError);
  for (const bad of [0, 0.6, Number.NaN]) expect(() => studentQuantile(bad, 5)).toThrow(RangeError);
});

test("the normal tail is scipy's on both sides of the seams", () => {
  const questions = ask("normal", { x: fc.oneof(real(-37, 37), real(1.99, 2.01), real(-2.01, -1.99)) });
  expectAgreement(questions, (q) => [normalTail(of(q, "x"))], 1e-12, 1e-300);
  expect(normalCdf(0)).toBe(0.5);
});

test("the incomplete beta function, its inverse, ln Γ and the F tail are scipy's", () => {
  const betas = ask("beta", {
    a: logReal(0.01, 5000),
    b: logReal(0.01, 5000),
    x: fc.oneof(real(1e-300, 1), logReal(1e-12, 1)),
  });
  expectAgreement(betas, (q) => [regularisedBeta(placeAt(of(q, "x")), of(q, "a"), of(q, "b"))], 1e-9, 1e-250);
  const quantiles = ask("beta-quantile", { a: real(0.5, 300), b: real(0.5, 300), p: real(0.001, 0.999) });
  expectAgreement(quantiles, (q) => [betaQuantile(of(q, "p"), of(q, "a"), of(q, "b"))], 1e-9);
  expectAgreement(ask("gamma", { x: logReal(1e-3, 1e6) }), (q) => [logGamma(of(q, "x"))], 1e-13, 1e-13);
  const ratios = ask("f", {
    f: logReal(1e-6, 1e8),
    over: fc.integer({ min: 1, max: 200 }),
    under: fc.integer({ min: 1, max: 200 }),
  });
  expectAgreement(ratios, (q) => [fisherTail(of(q, "f"), of(q, "over"), of(q, "under"))], 1e-9, 1e-300);
  expect([fisherTail(0, 3, 4), fisherTail(Number.POSITIVE_INFINITY, 3, 4)]).toEqual([1, 0]);
  expect(gammaHalfStep(1)).toBeCloseTo(Math.sqrt(Math.PI) / 2, 14);
});

test("the noncentral distribution is scipy's, with one degree of freedom too", () => {
  const questions = ask("nct", { t: real(-20, 20), df: fc.integer({ min: 1, max: 400 }), delta: real(0, 12) });
  expectAgreement(questions, (q) => [noncentralCdf(of(q, "t"), of(q, "df"), of(q, "delta"))], 0, 1e-8);
});

test("the exact interval of a rate is scipy's, at no and at all successes too", () => {
  const counts = sampled(
    fc.integer({ min: 1, max: 200 }).chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n))),
  );
  const questions: Question[] = [...counts, [0, 5], [5, 5]].map(([k, n]) => ({ of: "exact", k, n }));
  const ours = (q: Question): number[] => {
    const { low, high } = exactRate(of(q, "k"), of(q, "n"), 0.95);
    return [low, high];
  };
  expectAgreement(questions, ours, 1e-9, 1e-12);
});
