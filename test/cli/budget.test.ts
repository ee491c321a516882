import { expect, test } from "vitest";
import { budgetOf } from "../../src/cli/budget.ts";
import { budgetText, Purse } from "../../src/replay/blame/budget.ts";

test.each([
  ["40", { replays: 40 }],
  ["20m", { minutes: 20 }],
  ["90s", { minutes: 1.5 }],
  ["1h", { minutes: 60 }],
  ["1.5h", { minutes: 90 }],
])("--budget %s", (text, budget) => {
  expect(budgetOf(text)).toEqual(budget);
});

test.each(["0", "0m", "-3", "m", "20 m", "1d", "20m30s", "1e3", ""])("--budget %s is refused", (text) => {
  expect(() => budgetOf(text)).toThrow(/no time and no number of replays/);
});

test("what is left is told, and nothing is left of a time that is over", async () => {
  const purse = new Purse({ replays: 3 });
  expect([purse.left(1), purse.left(3), purse.left(5), purse.leftText(1)]).toEqual([2, 0, 0, "2 replays"]);
  const time = new Purse({ minutes: 0.0005 });
  expect(time.left(1000)).toBe(Number.POSITIVE_INFINITY);
  await new Promise((done) => setTimeout(done, 60));
  expect(time.left(0)).toBe(0);
  expect([budgetText({ minutes: 0.5 }), budgetText({ minutes: 20 }), budgetText({ replays: 7, minutes: 60 })]).toEqual([
    "30 s",
    "20 min",
    "7 replays and 60 min",
  ]);
});
