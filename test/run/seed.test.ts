import { expect, test } from "vitest";
import { freshSeed, parseSeed } from "#run";
import { seedFacts } from "../../src/run/seed.ts";

const same = (path: string): string => path;

test("a fresh seed is 128 bits and another one each time", () => {
  const [a, b] = [freshSeed(), freshSeed()];
  expect(a.root).toMatch(/^[0-9a-f]{32}$/);
  expect(a.root).not.toBe(b.root);
});

test("--seed takes fresh, off and whole numbers below 2^64", () => {
  expect(parseSeed("off")).toEqual({ mode: "off", root: null });
  expect(parseSeed("042")).toEqual({ mode: "declared", root: "42" });
  expect(parseSeed("18446744073709551615").root).toBe("18446744073709551615");
  for (const bad of ["18446744073709551616", "-1", "1.5", "abc", ""])
    expect(() => parseSeed(bad), bad).toThrow(/not a seed/);
});

test("a hash seed that the user set is not said to be ours", () => {
  const choice = { mode: "fresh", root: "ab" } as const;
  expect(seedFacts(choice, { seed: "7", ours: false }, [], same).seeded).toEqual([]);
  expect(seedFacts(choice, { seed: "7", ours: true }, [{ e: "seeded", name: "random" }], same).seeded).toEqual([
    "PYTHONHASHSEED",
    "random",
  ]);
});

test("what the program seeds itself is listed once per place and value", () => {
  const own = { e: "own", name: "random.seed", f: "train.py", l: 3, value: "1" } as const;
  expect(seedFacts(freshSeed(), { seed: null, ours: true }, [own, own], same).own).toEqual([
    { library: "random.seed", file: "train.py", line: 3, value: "1" },
  ]);
});
