import { expect, test } from "vitest";
import { firstStepApart } from "#compare";
import type { AgentEvent } from "#record";

type Channels = Readonly<Record<string, string>>;

const step = (n: number, c: Channels): AgentEvent => ({ e: "step", n, kind: "torch", of: "0:SGD", f: "t.py", l: 9, c });
const fork = (proc: string): AgentEvent => ({ e: "fork", pid: 1, ppid: 1, proc, t: 0 });
const same = { batch: "b", "batch-set": "s", loss: "l", parameters: "p" };
const run = (...steps: Channels[]): AgentEvent[] => [fork("0"), ...steps.map((c, i) => step(i - 1, c))];

test("equal steps are not apart, and runs without steps neither", () => {
  expect(firstStepApart(run(same, same), run(same, same))).toBeNull();
  expect(firstStepApart([fork("0")], [fork("0")])).toBeNull();
});

test("within a step the first channel in the order of cause and effect is named", () => {
  const other = { ...same, batch: "B", loss: "L", parameters: "P" };
  expect(firstStepApart(run(same, same, other), run(same, same, same))).toMatchObject({
    channel: "order",
    before: 1,
    a: "B",
    b: "b",
  });
  const rows = { ...other, "batch-set": "S" };
  expect(firstStepApart(run(same, rows), run(same, same))).toMatchObject({ channel: "data", before: 0 });
  expect(firstStepApart(run({ parameters: "P" }, other), run({ parameters: "p" }, same))).toMatchObject({
    channel: "parameters",
    step: { n: -1 },
  });
});

test("what heals is no root; what comes after is", () => {
  const rng = { ...same, "rng.torch": "1" };
  const healed = { ...same, "rng.torch": "2" };
  const last = { ...same, loss: "L" };
  expect(firstStepApart(run(rng, same, last), run(healed, same, same))).toMatchObject({ channel: "loss", before: 1 });
});

test("more steps on one side are control flow", () => {
  expect(firstStepApart(run(same, same), run(same, same, same))).toMatchObject({
    channel: "control-flow",
    a: null,
    b: "0:SGD step 1",
  });
});

test("processes are compared with their like, in whatever order their files come", () => {
  const a = [fork("0"), step(0, same), fork("0/1"), step(0, { loss: "x" })];
  const b = [fork("0/1"), step(0, { loss: "x" }), fork("0"), step(0, same)];
  expect(firstStepApart(a, b)).toBeNull();
  expect(firstStepApart(a, [...b.slice(0, 2), fork("0"), step(0, { ...same, loss: "y" })])).toMatchObject({
    channel: "loss",
  });
});
