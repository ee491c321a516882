import { describe, expect, test } from "vitest";
import { checkSeedArgument, withSeed } from "../../../src/replay/compare/seed-argument.ts";
import { seedAt } from "../../../src/replay/compare/seeds.ts";
import { pairingOf, type Start } from "../../../src/replay/compare/start.ts";

describe("an argument that carries the seed", () => {
  test.each([
    ["python t.py", "--seed {seed}", "python t.py --seed 7"],
    ["python t.py --seed 1 --lr 2", "--seed {seed}", "python t.py --seed 7 --lr 2"],
    ["python t.py --seed=1", "--seed {seed}", "python t.py --seed=7"],
    ["python t.py --seed 1", "--seed={seed}", "python t.py --seed 7"],
    ["python t.py --lr=2", "--seed={seed}", "python t.py --lr=2 --seed=7"],
    ["python t.py +seed=1 lr=2", "seed={seed}", "python t.py +seed=7 lr=2"],
    ["python t.py lr=2", "seed={seed}", "python t.py lr=2 seed=7"],
    ["python t.py --seeds 3", "--seed {seed}", "python t.py --seeds 3 --seed 7"],
    ["python t.py", "{seed}", "python t.py 7"],
    ["python t.py -s 1", "-s {seed} --np-seed {seed}", "python t.py -s 7 --np-seed 7"],
    ["python t.py --name seed=x", "--seed {seed}", "python t.py --name seed=x --seed 7"],
  ])("%s with %s is %s", (command, template, expected) => {
    expect(withSeed(command.split(" "), template, 7).join(" ")).toBe(expected);
  });

  test("a template without a place, and a line of a shell, are refused", () => {
    expect(() => checkSeedArgument("--seed 3", ["python"])).toThrow(/needs \{seed\}/);
    expect(() => checkSeedArgument("--seed {seed}", ["/bin/sh", "-c", "python t.py"])).toThrow(/line of a shell/);
    expect(() => checkSeedArgument("--seed {seed}", ["python", "-c", "print()"])).not.toThrow();
  });
});

test("seeds come from their base and number alone, and arguments of every library take them", () => {
  const seeds = Array.from({ length: 100 }, (_, i) => seedAt("base", i, false));
  expect(new Set(seeds.map(({ root }) => root)).size).toBe(100);
  expect(seeds.every(({ root, value }) => /^[0-9a-f]{32}$/.test(root) && value >= 0 && value < 2 ** 31)).toBe(true);
  expect(seedAt("base", 5, false)).toEqual(seeds[5]);
  expect(seedAt("base", 5, true).root).toMatch(/^\d{1,20}$/);
  expect(seedAt("other", 5, false)).not.toEqual(seeds[5]);
});

describe("pairs", () => {
  const start = (text: string, kind: Start["kind"] = "steps"): Start => ({ kind, text, course: "" });

  test("belong together when they begin alike under one seed, and otherwise under another", () => {
    expect(
      pairingOf([
        [start("1"), start("1")],
        [start("2"), start("2")],
      ]).paired,
    ).toBe(true);
    expect(
      pairingOf([
        [start("1"), start("1")],
        [start("2"), start("3")],
      ]),
    ).toMatchObject({ paired: false, reason: expect.stringContaining("1 of 2") as unknown });
    expect(
      pairingOf([
        [start("1"), start("1")],
        [start("1"), start("1")],
      ]).reason,
    ).toContain("the same under every seed");
    expect(
      pairingOf([
        [start("1"), start("1", "metric")],
        [start("2"), start("2")],
      ]).paired,
    ).toBe(false);
    expect(
      pairingOf([
        [start("", null), start("", null)],
        [start("", null), start("", null)],
      ]).reason,
    ).toContain("nothing was seen");
    expect(pairingOf([]).paired).toBe(false);
  });
});
