import { expect, test } from "vitest";
import { partOfLog } from "../../../src/replay/resume/partial.ts";

const origin = {
  roots: [],
  pids: [],
  startMs: Date.UTC(2026, 0),
  endMs: Date.UTC(2026, 0) + 60_000,
  seconds: 60,
  uuids: [],
  hostname: "host",
};
const HEAD = Array.from({ length: 20 }, (_, i) => `option ${"abcdefghijklmnopqrst"[i]}`);
const epochs = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `epoch ${from + i} loss 0.${from + i}`);

const asideOf = (a: readonly string[], b: readonly string[]): string | null => {
  const bytes = (lines: readonly string[]): Uint8Array => new TextEncoder().encode(`${lines.join("\n")}\n`);
  return partOfLog("train.log", bytes(a), bytes(b), 0.5, { a: origin, b: origin });
};

const WHOLE = epochs(1, 10);

test.each([
  ["begun anew", WHOLE, epochs(6, 10)],
  ["begun anew under the same heading", ["epoch loss", ...WHOLE], ["epoch loss", ...epochs(6, 10)]],
  ["written on", WHOLE, [...epochs(1, 6), ...epochs(6, 10)]],
  [
    "written on, after a long heading",
    [...HEAD, ...WHOLE],
    [...HEAD, ...epochs(1, 6), ...HEAD, "again", ...epochs(6, 10)],
  ],
])("a log of two parts: %s", (_, a, b) => {
  expect(asideOf(a, b)).toBe("a log in two parts: train.log");
});

test.each([
  ["one number is another", ["accuracy: 0.91", "done"], ["accuracy: 0.85", "a warning", "done"]],
  ["its beginning is another", WHOLE, ["epoch 1 loss 0.7", ...epochs(2, 6), ...epochs(6, 10)]],
  ["lines are lost between the parts", WHOLE, [...epochs(1, 3), ...HEAD, ...epochs(6, 10)]],
  ["it has one more line", WHOLE, [...WHOLE, "epoch 11 loss 0.2"]],
  ["its end is another", WHOLE, [...epochs(1, 9), ...epochs(6, 9), "epoch 10 loss 0.4"]],
])("no log of two parts: %s", (_, a, b) => {
  expect(asideOf(a, b)).toBe(null);
});
