import fc from "fast-check";
import { expect, test } from "vitest";
import { narrow } from "../../src/replay/narrow.ts";

function trialFor(guilty: readonly number[], count: { n: number }) {
  return async (held: readonly number[]): Promise<boolean> => {
    count.n += 1;
    return guilty.every((factor) => held.includes(factor));
  };
}

test("finds exactly the guilty factors, whatever they are", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      fc.array(fc.nat(39), { minLength: 1, maxLength: 4 }),
      async (size, picks) => {
        const factors = Array.from({ length: size }, (_, i) => i);
        const guilty = [...new Set(picks.map((pick) => pick % size))].sort((a, b) => a - b);
        const found = await narrow(factors, trialFor(guilty, { n: 0 }), 1000);
        expect([...found.held].sort((a, b) => a - b)).toEqual(guilty);
        expect(found.complete).toBe(true);
      },
    ),
  );
});

test("asks about log2(n) times for one guilty factor", async () => {
  const count = { n: 0 };
  await narrow(
    Array.from({ length: 64 }, (_, i) => i),
    trialFor([37], count),
    1000,
  );
  expect(count.n).toBeLessThanOrEqual(2 * Math.log2(64) + 2);
});

test("never leaves a guilty factor out when the budget is spent, and says so", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 20 }), fc.nat(19), fc.nat(6), async (size, pick, budget) => {
      const guilty = [pick % size];
      const found = await narrow(
        Array.from({ length: size }, (_, i) => i),
        trialFor(guilty, { n: 0 }),
        budget,
      );
      expect(found.held).toContain(guilty[0]);
    }),
  );
});
