import { expect, test } from "vitest";
import type { AuditWord } from "../../src/audit/document.ts";
import { majority } from "../../src/audit/majority.ts";

const [w, o, i]: readonly AuditWord[] = ["within", "outside", "inconclusive"];

test.each([
  ["two that agree need no third", [w, w], w, 1],
  ["two that agree need no third", [o, o], o, 1],
  ["the third decides", [w, o, w], w, 2],
  ["the third decides", [w, o, o], o, 2],
  ["the third decides", [o, w, w], w, 2],
  ["the third decides", [o, w, o], o, 2],
  ["what could not be judged takes nothing from one that is within", [w, i], w, 1],
  ["what could not be judged leaves one that is outside in doubt", [o, i], i, 1],
  ["what could not be made leaves the first", [o, null], o, 1],
  ["what could not be made leaves the first", [w, o, null], w, 2],
  ["what says nothing is not asked again", [i], i, 0],
] as const)("%s: %j", async (_words, [first, ...next], verdict, made) => {
  const turns: number[] = [];
  const said = await majority(first as AuditWord, true, (turn) => {
    turns.push(turn);
    return Promise.resolve(next[turn - 2] as AuditWord | null);
  });
  expect({ said, turns }).toEqual({ said: verdict, turns: [2, 3].slice(0, made) });
});

test("without noise the first one decides", async () => {
  expect(await majority("outside", false, () => Promise.reject(new Error("not to be asked")))).toBe("outside");
});
