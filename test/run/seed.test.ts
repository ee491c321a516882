import { expect, test } from "vitest";
import { freshSeed, parseSeed } from "#run";
import { seedFacts, seedWarnings } from "../../src/run/seed.ts";

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

test("seeds by name stand beside the root seed, each once, below 2^32", () => {
  expect(parseSeed("42,split=7")).toEqual({ mode: "declared", root: "42", named: { split: 7 } });
  expect(parseSeed("init=0,off,a.b-c_1=4294967295")).toMatchObject({
    mode: "off",
    named: { init: 0, "a.b-c_1": 2 ** 32 - 1 },
  });
  expect(parseSeed("split=7")).toMatchObject({ mode: "fresh", named: { split: 7 } });
  for (const bad of [
    "split=4294967296",
    "split=",
    "=7",
    "split=x",
    "a b=1",
    "split=7,split=8",
    "1,2",
    "1,",
    "split=-1",
  ])
    expect(() => parseSeed(bad), bad).toThrow(/named seed|not a seed|twice|two root/);
});

test("named seeds are told with their first place; one that nobody asks for is warned of", () => {
  const seed = { e: "seed", name: "split", value: 7, declared: true, key: "seed:split", f: "train.py", l: 3 } as const;
  const choice = parseSeed("1,split=7,splt=8");
  const facts = seedFacts(choice, { seed: null, ours: true }, [seed, { ...seed, l: 9 }], same);
  expect(facts.named).toEqual([
    { name: "split", value: 7, declared: true, file: "train.py", line: 3 },
    { name: "splt", value: 8, declared: true, file: null, line: null },
  ]);
  expect(seedWarnings(facts, true).map(({ message }) => message)).toEqual([
    "--seed splt=…: the program never asks for a seed of that name; it asks for split",
  ]);
  expect(seedWarnings(facts, false)).toEqual([]);
  expect(seedFacts(freshSeed(), { seed: null, ours: true }, [], same)).not.toHaveProperty("named");
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
