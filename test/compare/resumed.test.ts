import { expect, test } from "vitest";
import { alignResumed } from "#compare";
import type { AgentEvent } from "#record";

const BEGIN: AgentEvent = { e: "fork", pid: 1, ppid: 1, proc: "0", t: 0 };

/** Steps of one class: of each what its parameters are after it. */
const steps = (of: string, values: readonly string[]): AgentEvent[] =>
  values.map((parameters, n) => ({ e: "step", n, kind: "torch", of: `0:${of}`, f: "t.py", l: 9, c: { parameters } }));

test("the stream that goes on is the one with most steps", () => {
  const a = [BEGIN, ...steps("Adam", ["a", "b", "c", "d", "e"]), ...steps("SGD", ["p", "q"])];
  const { main } = alignResumed(a, [BEGIN, ...steps("Adam", ["d", "e"]), ...steps("SGD", ["q"])]);
  expect([main?.of, main?.from]).toEqual(["Adam", 3]);
});

test("fits that are as at the beginning, only fewer, do not show that a training went on", () => {
  const fits = steps("PCA", ["x", "x", "x"]);
  const training = steps("Adam", ["a", "b", "c"]);
  expect(alignResumed([BEGIN, ...fits, ...training], [BEGIN, ...fits.slice(1), ...training]).main).toBe(null);
});
