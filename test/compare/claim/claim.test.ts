import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ClaimError, holds, judgeClaim, numbersOf, parseClaim, replaysForRate, replaysNeeded } from "#compare";
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
const run = (...metrics: MetricSeries[]): RunRecord =>
  sampleRecord("01a1fcd1-64b8-70e1-98b2-71f6df57036d", { metrics });
const BIG = run(
  series("auc", [0.5, 0.96, 0.93]),
  series("val/acc", [0.8]),
  series("loss", [2, 1, 0.5]),
  series("bad", [Number.NaN]),
);
const SMALL = run(series("auc", [0.5, 0.88]));
const said = (text: string): boolean =>
  holds(parseClaim(text), (name) => (name === null || name === "big" ? BIG : name === "small" ? SMALL : null));

describe("what claims mean", () => {
  test.each([
    ["auc > 0.9", true],
    ["auc >= 93%", true],
    ["0.9 < auc < 0.95", true],
    ["max(auc) == 0.96", true],
    ["final(auc) ≠ 0.96 and min(loss) ≤ 0.5", true],
    ["auc = 0.92 ± 0.02", true],
    ["auc == 0.9 +- 0.02", false],
    ["auc == 0.9 +/- (0.01 + 0.03)", true],
    ['"val/acc" > 0.79', true],
    ["auc(big) > auc(small) + 0.02", true],
    ["auc > max(auc(small))", true],
    ["abs(auc - 0.95) < 0.03", true],
    ["steps(loss) == 3", true],
    ["mean(loss) * 3 == 3.5", true],
    ["-loss > -0.6", true],
    ["loss / first(loss) < 0.3", true],
    ["1 - 2 - 3 == -4 or auc > 2", true],
    ["auc > 2 or auc > 0.9 and auc > 2", false],
    ["bad < 1", false],
    ["bad >= 1", false],
    ["bad != 1", false],
    ["auc(nobody) != 1", false],
    ["loss(small) < 1", false],
  ])("%s is %s", (text, expected) => {
    expect(said(text)).toBe(expected);
  });

  test("the numbers that a claim hangs on are told", () => {
    expect(
      numbersOf(parseClaim("max(auc) > auc(small) + auc(small)"), (name) => (name === null ? BIG : SMALL)),
    ).toEqual([
      { name: "max(auc)", value: 0.96 },
      { name: "auc(small)", value: 0.88 },
    ]);
  });

  test("values that were not kept hold of nothing", () => {
    const lost = run(series("auc", [0.5, 0.99], { dropped: 2 }));
    expect(["auc > 0.9", "auc <= 0.9"].map((text) => holds(parseClaim(text), () => lost))).toEqual([false, false]);
  });
});

test.each([
  ["auc > > 0.9", 7, "a number, a metric or '(' was expected, and there is '>'"],
  ["auc", 4, "a comparison, such as > or ==, was expected, and there is the end"],
  ["auc > 0.9 extra", 11, "a comparison, 'and', 'or' or the end was expected, and there is 'extra'"],
  ["(auc > 0.9", 6, "')' was expected, and there is '>'"],
  ["auc > ", 6, "a number, a metric or '(' was expected, and there is the end"],
  ["auc ? 1", 5, "'?' is no part of a claim"],
  ['"auc > 1', 1, "a quote is not closed"],
  ["auc > 0.9 ± 0.1", 11, "± goes with ==, such as auc == 0.93 ± 0.01"],
  ["max(3) > 1", 5, "max(…) takes a metric, such as max(loss)"],
  ["auc() > 1", 5, "the name of a run, as in auc(baseline), was expected, and there is ')'"],
  ["and > 1", 1, "a number, a metric or '(' was expected, and there is 'and'"],
  ["", 1, "a number, a metric or '(' was expected, and there is the end"],
  [`${"(".repeat(60)}auc`, 51, "50 levels are the most"],
  [`${"1+".repeat(600)}1 > 0`, 1000, "a claim has 1000 characters at most"],
])("'%s' is refused at its column", (text, column, message) => {
  expect(() => parseClaim(text)).toThrow(new ClaimError(column, message));
  try {
    parseClaim(text);
  } catch (error) {
    expect((error as ClaimError).column).toBe(column);
  }
});

describe("for any claim", () => {
  const { term } = fc.letrec<{ term: readonly [string, number] }>((tie) => ({
    term: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.integer({ min: 0, max: 99 }).map((value) => [String(value), value] as const),
      fc
        .tuple(tie("term"), fc.constantFrom("+", "-", "*"), tie("term"))
        .map(
          ([[a, x], sign, [b, y]]) =>
            [`(${a} ${sign} ${b})`, sign === "+" ? x + y : sign === "-" ? x - y : x * y] as const,
        ),
      tie("term").map(([text, value]) => [`-(${text})`, -value] as const),
    ),
  }));

  test("arithmetic comes out as written", () => {
    fc.assert(
      fc.property(term, ([text, value]) => {
        fc.pre(text.length < 900 && text.split("(").length < 40);
        expect(said(`${text} == 0 + ${value < 0 ? `-${-value}` : value}`)).toBe(true);
        expect(said(`${text} > ${value < 0 ? `-${-value}` : value}`)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  test("whatever is typed is a claim or a ClaimError within its text", () => {
    const words = fc.constantFrom(
      "auc",
      "max",
      "abs",
      "(",
      ")",
      "<",
      ">=",
      "±",
      "+",
      "-",
      "/",
      "and",
      "or",
      "1",
      "0.5%",
      '"x"',
      "`",
      "≠",
      ",",
      " ",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words).map((list) => list.join(" ")),
        ),
        (text) => {
          try {
            expect(typeof said(text)).toBe("boolean");
          } catch (error) {
            if (!(error instanceof ClaimError)) throw error;
            expect(error.column).toBeGreaterThanOrEqual(1);
            expect(error.column).toBeLessThanOrEqual(text.length + 1);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("how often a claim holds", () => {
  const seen = (k: number, n: number, record = true) => ({
    text: "auc > 0.9",
    from: "--claim",
    record,
    values: [],
    held: Array.from({ length: n }, (_, i) => i < k),
  });

  test("fourteen of fourteen show four runs of five, thirteen do not; a failing record is never mended by replays", () => {
    expect([replaysForRate(0.8, 0.95), replaysForRate(0.9, 0.95), replaysForRate(0.5, 0.95)]).toEqual([14, 29, 5]);
    expect(judgeClaim(seen(14, 14), 0.8, 0.95)).toMatchObject({ verdict: "holds", held: 14, of: 14 });
    expect(judgeClaim(seen(14, 14), 0.8, 0.95).atLeast).toBeCloseTo(0.05 ** (1 / 14), 10);
    expect(judgeClaim(seen(13, 13), 0.8, 0.95).verdict).toBe("unknown");
    expect(judgeClaim(seen(13, 14), 0.8, 0.95).verdict).toBe("unknown");
    expect(judgeClaim(seen(14, 14, false), 0.8, 0.95).verdict).toBe("fails");
    expect(judgeClaim(seen(5, 14), 0.8, 0.95).verdict).toBe("fails");
    expect(judgeClaim(seen(0, 0), 0.8, 0.95).verdict).toBe("unknown");
    expect(replaysNeeded(judgeClaim(seen(13, 14), 0.8, 0.95), 0.8, 0.95)).toBe(37);
    expect(replaysNeeded(judgeClaim(seen(3, 14), 0.8, 0.95), 0.8, 0.95)).toBeNull();
  });

  test("a claim that holds less often than asked is called shown in no more of all cases than said", () => {
    // Exactly, over all outcomes of so many replays: no simulation is needed.
    const chance = (k: number, n: number, p: number): number => {
      let ways = 1;
      for (let i = 0; i < k; i++) ways = (ways * (n - i)) / (i + 1);
      return ways * p ** k * (1 - p) ** (n - k);
    };
    for (const n of [5, 14, 30]) {
      for (const rate of [0.5, 0.8, 0.9]) {
        const counts = Array.from({ length: n + 1 }, (_, k) => k);
        const wrongly = (word: string, p: number): number =>
          counts
            .filter((k) => judgeClaim(seen(k, n), rate, 0.95).verdict === word)
            .reduce((sum, k) => sum + chance(k, n, p), 0);
        expect(wrongly("holds", rate - 1e-9)).toBeLessThanOrEqual(0.05);
        expect(wrongly("fails", rate)).toBeLessThanOrEqual(0.05);
      }
    }
  });
});
