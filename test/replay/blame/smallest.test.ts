import fc from "fast-check";
import { expect, test } from "vitest";
import type { Session } from "../../../src/replay/blame/session.ts";
import { type Question, shrink, smallest } from "../../../src/replay/blame/smallest.ts";
import type { Ingredient } from "../../../src/replay/mix/ingredient.ts";

/** What the search looks at of a session: how much it may still ask. */
function budget(
  most = 10_000,
  weightOf: (one: Ingredient) => number = () => 1,
): { session: Session; asked: () => number; count: (question: Question) => Question } {
  const session = { left: 0, times: 2, replays: 0, allowance: most, weightOf };
  const answers = new Map<string, Awaited<ReturnType<Question>>>();
  return {
    session: session as unknown as Session,
    asked: () => session.replays,
    count: (question) => async (some) => {
      const key = some
        .map((item) => item.name)
        .sort((a, b) => (a < b ? -1 : 1))
        .join(" ");
      const known = answers.get(key);
      if (known !== undefined) return known;
      session.replays += 1;
      session.allowance -= 1;
      const answer = await question(some);
      answers.set(key, answer);
      return answer;
    },
  };
}

const make = (size: number): Ingredient[] =>
  Array.from({ length: size }, (_, i) => ({
    kind: "config",
    name: String(i).padStart(3, "0"),
    file: null,
    line: null,
    words: "",
    a: null,
    b: null,
  }));

const names = (some: readonly Ingredient[]): number[] => some.map((item) => Number(item.name)).sort((a, b) => a - b);

test("finds exactly the guilty, however many", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 60 }),
      fc.array(fc.nat(59), { minLength: 1, maxLength: 4 }),
      async (size, picks) => {
        const guilty = [...new Set(picks.map((pick) => pick % size))].sort((a, b) => a - b);
        const { session, count } = budget();
        const question = count(async (some) => {
          const taken = names(some).filter((item) => guilty.includes(item)).length;
          return taken === guilty.length ? "yes" : taken === 0 ? "no" : "partly";
        });
        const { found, complete } = await smallest(session, make(size), question);
        expect(complete).toBe(true);
        expect(names((await shrink(session, found, question)).found)).toEqual(guilty);
      },
    ),
  );
});

test("one among n costs log2 n questions and one", async () => {
  for (const size of [2, 8, 14, 64, 500])
    for (const guilty of [0, 1, size - 1]) {
      const { session, asked, count } = budget();
      const question = count(async (some) => (names(some).includes(guilty) ? "yes" : "no"));
      await smallest(session, make(size), question);
      expect(asked()).toBeLessThanOrEqual(Math.ceil(Math.log2(size)) + 1);
    }
});

test("whatever breaks, the set suffices, and only what was not seen to matter is unsure", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 16 }),
      fc.array(fc.nat(15), { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(fc.nat(15), fc.nat(15)), { maxLength: 4 }),
      async (size, picks, pairs) => {
        const guilty = new Set(picks.map((pick) => pick % size));
        // Names and their uses: a mixture with one and without the other does not run.
        const bound = pairs.map(([x, y]) => [x % size, y % size] as const);
        const { session, count } = budget();
        const question = count(async (some) => {
          const taken = new Set(names(some));
          if (bound.some(([x, y]) => taken.has(x) !== taken.has(y))) return "unresolved";
          const held = [...guilty].filter((item) => taken.has(item)).length;
          return held === guilty.size ? "yes" : held === 0 ? "no" : "partly";
        });
        const { found } = await smallest(session, make(size), question);
        const small = await shrink(session, found, question);
        expect(await question(small.found)).toBe("yes");
        const sure = small.found.filter((item) => !small.unsure.includes(item));
        for (const item of names(sure)) expect(guilty.has(item)).toBe(true);
        for (const item of guilty) expect(names(small.found)).toContain(item);
      },
    ),
    { numRuns: 300 },
  );
});

test("when nothing more may be asked, what was found so far still holds the guilty", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 4, max: 30 }), fc.nat(29), fc.nat(29), fc.nat(8), async (size, x, y, most) => {
      const guilty = [...new Set([x % size, y % size])];
      const { session, count } = budget(most);
      const question = count(async (some) => {
        const taken = guilty.filter((item) => names(some).includes(item)).length;
        return taken === guilty.length ? "yes" : taken === 0 ? "no" : "partly";
      });
      const { found } = await smallest(session, make(size), question, most);
      for (const item of guilty) expect(names(found)).toContain(item);
    }),
  );
});

test("what hardly ever matters costs one question together, and is found all the same where it does", async () => {
  const all = make(24);
  const weightOf = (one: Ingredient): number => (Number(one.name) < 4 ? 1 : 0.03);
  for (const [guilty, most] of [
    [2, 4],
    [20, 11],
  ] as const) {
    const { session, count, asked } = budget(10_000, weightOf);
    const question = count(async (some) => (names(some).includes(guilty) ? "yes" : "no"));
    expect(names((await smallest(session, all, question)).found)).toEqual([guilty]);
    expect(asked()).toBeLessThanOrEqual(most);
  }
});

test("two that stand together cost little more than one: what was seen to suffice is not asked for again", async () => {
  const { session, count, asked } = budget();
  const question = count(async (some) => {
    const taken = names(some).filter((item) => item === 4 || item === 5).length;
    return taken === 2 ? "yes" : taken === 0 ? "no" : "partly";
  });
  expect(names((await smallest(session, make(64), question)).found)).toEqual([4, 5]);
  expect(asked()).toBeLessThanOrEqual(8);
});
