import { expect, test } from "vitest";
import type { RunRecord } from "#record";
import { factorsOf } from "../../src/replay/factor.ts";

// Only what the rules look at.
const seed = { mode: "fresh", root: "ab", seeded: ["PYTHONHASHSEED"], hashSeed: "7", own: [] } as const;
const kinds = (state: string): string[] =>
  factorsOf({ seed, agent: { state } } as unknown as RunRecord, []).map((factor) => factor.kind);

test("generators are only said to be varied where an agent was inside to do it", () => {
  expect(kinds("attached")).toContain("unseeded-rng");
  expect(kinds("none")).not.toContain("unseeded-rng");
  expect(kinds("none")).toContain("hash-order");
});
