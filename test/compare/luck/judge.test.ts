import { describe, expect, test } from "vitest";
import { goalOf, judgeMetric, type MetricQuestion, type SideSeen, sameSeed, seedEffect } from "#compare";
import { isUnknown, type MetricComparison } from "#record";

/** Normal deviates of a seeded stream: every run of these tests sees the same ones. */
function stream(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 4_294_967_296;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

const QUESTION: MetricQuestion = {
  name: "accuracy",
  at: "last",
  goal: "max",
  goalFrom: "name",
  confidence: 0.95,
  power: 0.8,
  margin: null,
  paired: false,
};
const SIDE: SideSeen = { sameSeed: { values: [1, 1], sd: 0, equal: true }, effect: "varied", own: null };

function judge(
  a: readonly (number | null)[],
  b: readonly (number | null)[],
  changes: Partial<MetricQuestion> = {},
  sides: readonly [Partial<SideSeen>, Partial<SideSeen>] = [{}, {}],
): MetricComparison {
  const values = a.map((value, seed) => ({ seed, a: value, b: b[seed] ?? null }));
  return judgeMetric({ ...QUESTION, ...changes }, { values, a: { ...SIDE, ...sides[0] }, b: { ...SIDE, ...sides[1] } });
}

const A = [0.9, 0.91, 0.92, 0.9, 0.93, 0.91, 0.92, 0.9];
const B = A.map((value, i) => value + 0.05 + (i % 3) / 500);

describe("the verdict", () => {
  test("a clear gain is better where more is better, worse where less is, and only differs where nobody knows", () => {
    expect(judge(A, B).verdict).toBe("better");
    expect(judge(B, A).verdict).toBe("worse");
    expect(judge(A, B, { goal: "min" })).toMatchObject({ verdict: "worse", superiority: { p: 0 } });
    expect(judge(B, A, { goal: "min" })).toMatchObject({ verdict: "better", superiority: { p: 1 } });
    expect(judge(A, B, { goal: null }).verdict).toBe("differs");
    expect(judge(A, B, { paired: true }).difference?.method).toBe("paired t");
  });

  test("what may be luck is not shown, and says how many seeds would be needed: more than there are", () => {
    const luck = judge(
      A,
      A.map((value, i) => value + (i % 2 === 0 ? 0.02 : -0.015)),
    );
    expect(luck.verdict).toBe("not-shown");
    expect(luck.power?.seeds).toBeGreaterThan(8);
    expect(luck.reason).toContain("both intervals");
  });

  test("a mean that one outlier makes is not shown: P has its own say", () => {
    const base = Array.from({ length: 10 }, (_, i) => 0.5 + i / 1000);
    const mixed = base.map((value, i) => (i < 5 ? value + 0.1 : value - 0.0005));
    expect(judge(base, mixed, { paired: true }).verdict).toBe("not-shown");
  });

  test("five pairs never show anything at 0.95, six can", () => {
    expect(judge(A.slice(0, 5), B.slice(0, 5), { paired: true })).toMatchObject({
      verdict: "not-shown",
      reason: expect.stringContaining("with 5 seeds nothing can be shown at 0.95") as unknown,
    });
    expect(judge(A.slice(0, 6), B.slice(0, 6), { paired: true }).verdict).toBe("better");
  });

  test("equivalence only with a margin; equal values under every seed need no test", () => {
    expect(judge(A, A.toReversed(), { margin: 0.05 }).verdict).toBe("equivalent");
    expect(judge(A, A.toReversed(), { margin: 0.001 }).verdict).toBe("not-shown");
    const same = judge(A, A);
    expect(same).toMatchObject({
      verdict: "not-shown",
      difference: { estimate: 0, low: 0, high: 0 },
      power: { seeds: null },
    });
    expect(same.reason).toContain("bit for bit");
  });

  test("failed replays leave their pair out, and too few values are inconclusive", () => {
    const paired = judge([null, ...A.slice(1)], [...B.slice(0, 7), null], { paired: true });
    expect(paired.a.over?.n).toBe(6);
    expect(judge([null, ...A.slice(1)], B).a.over?.n).toBe(7);
    for (const n of [0, 1, 2])
      expect(
        judge(
          A,
          B.map((value, i) => (i < n ? value : null)),
        ),
      ).toMatchObject({
        verdict: "inconclusive",
        reason: expect.stringContaining("too few values") as unknown,
      });
  });

  test("a side that seeds do not reach is one sample, whatever the numbers say; so is noise of a program that seeds itself", () => {
    const constant = [{ effect: "constant", own: "train.py:3, random.seed" }, {}] as const;
    expect(judge(A, B, {}, constant)).toMatchObject({
      verdict: "inconclusive",
      reason:
        "A seeds itself (train.py:3, random.seed): seeds cannot be varied from outside, and there is only one sample",
    });
    const noisy = { effect: "unclear", sameSeed: { values: [1, 2], sd: 0.7, equal: false } } as const;
    expect(judge(A, B, {}, [{ ...noisy, own: "train.py:3, random.seed" }, {}]).verdict).toBe("inconclusive");
    expect(judge(A, B, {}, [noisy, noisy]).verdict).toBe("better");
  });

  test("everything in it has a JSON form, also where there is no spread", () => {
    const document = judge([1, 1, 1, 1, 1, 1, 1], [2, 2, 2, 2, 2, 2, 2]);
    expect(document).toMatchObject({ verdict: "better", difference: { t: null, p: 0 }, effect: { d: null, g: null } });
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });
});

describe("over many comparisons", () => {
  const shown = (apart: number, paired: boolean, n: number, rounds: number): number => {
    const next = stream(n * 7 + (paired ? 1 : 0));
    const list = (middle: number): number[] => Array.from({ length: n }, () => middle + next());
    let found = 0;
    for (let i = 0; i < rounds; i++) if (judge(list(0), list(apart), { paired }).verdict !== "not-shown") found += 1;
    return found / rounds;
  };

  test("luck is called a difference no more often than was allowed", () => {
    for (const paired of [true, false]) expect(shown(0, paired, 10, 200)).toBeLessThan(0.06);
  });

  test("ten seeds find 2σ, as the power says", () => {
    expect(shown(2, false, 10, 60)).toBeGreaterThan(0.9);
  });
});

describe("what seeds do", () => {
  test("nothing printed or learned differs: constant; a constant number under noise elsewhere is one too", () => {
    const none = sameSeed([], "not asked");
    expect(isUnknown(none)).toBe(true);
    expect(seedEffect([1, 2], none, { reach: false, noisy: false })).toBe("constant");
    expect(seedEffect([1, 1, 1], sameSeed([1, 1], ""), { reach: true, noisy: true })).toBe("constant");
    expect(seedEffect([1, 1, 1], sameSeed([1, 1], ""), { reach: true, noisy: false })).toBe("varied");
  });

  test("with noise the spread over seeds has to be shown to be the larger one", () => {
    const over = [1, 2, 3, 4, 5, 6];
    const seen = { reach: true, noisy: true };
    expect(seedEffect(over, sameSeed([1, 1.001], ""), seen)).toBe("varied");
    expect(seedEffect(over, sameSeed([1, 2], ""), seen)).toBe("unclear");
    expect(seedEffect(over, sameSeed([1, 1.3, 1.1, 0.9, 1], ""), seen)).toBe("varied");
  });
});

test.each([
  ["max", ["accuracy", "val_acc", "test_acc1", "macro_f1", "roc_auc", "r2", "mean_reward", "top5"]],
  [
    "min",
    ["loss", "val_loss", "rmse", "train/loss", "perplexity", "cross_entropy", "error_rate", "mean_squared_error"],
  ],
  [null, ["score", "neg_mean_squared_error", "acc_std", "loss_scale", "reward_loss", "x", "Accuracy_gap", "steps"]],
] as const)("what is better by convention: %s", (goal, names) => {
  for (const name of names) expect([name, goalOf(name)]).toEqual([name, goal]);
});
