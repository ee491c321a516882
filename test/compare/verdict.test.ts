import { expect, test } from "vitest";
import { decide, likenessOf, missRate } from "#compare";
import type { Evidence, RunRecord } from "#record";

// Only what the rules look at.
const ok = { exitCode: 0, signal: null } as RunRecord;
const failed = { exitCode: 3, signal: null } as RunRecord;
const item = (agree: boolean, kind: Evidence["kind"] = "metric"): Evidence => ({
  kind,
  name: "x",
  agree,
  how: "bytes",
  aside: [],
  a: 1,
  b: 1,
  distance: 0,
});

test("varied and equal is reproduced; equal only when held is conditional; never equal differs", () => {
  expect(decide(ok, { varied: [item(true)], held: null, obstacle: null }).verdict).toBe("reproduced");
  expect(decide(ok, { varied: [item(false)], held: [item(true)], obstacle: null }).verdict).toBe("conditional");
  expect(decide(ok, { varied: [item(false)], held: [item(false)], obstacle: null }).verdict).toBe("differs");
});

test("a run with no result is never reproduced", () => {
  expect(decide(ok, { varied: [item(true, "exit")], held: null, obstacle: null }).verdict).toBe("inconclusive");
  expect(likenessOf(ok, [item(true, "exit")])).toBe("unseen");
});

test("a failure is a result", () => {
  expect(decide(failed, { varied: [item(true, "exit")], held: null, obstacle: null }).verdict).toBe("reproduced");
});

test("what could not be made or seen is inconclusive, with the reason", () => {
  expect(decide(ok, { varied: [item(true)], held: null, obstacle: "input data.csv is gone" })).toEqual({
    verdict: "inconclusive",
    reason: "input data.csv is gone",
  });
  expect(decide(ok, { varied: null, held: null, obstacle: null }).verdict).toBe("inconclusive");
  expect(decide(ok, { varied: [item(false)], held: null, obstacle: null }).verdict).toBe("inconclusive");
});

test("the rule of three bounds what so few replays would miss", () => {
  expect(missRate(0)).toBeNull();
  expect(missRate(1)).toBe(1);
  expect(missRate(30)).toBeCloseTo(0.1);
});

test("what differs in bytes and could not be looked at is inconclusive, but not beside a difference that was seen", () => {
  const blind: Evidence = { ...item(false, "output"), name: "model.bin", unseen: "too large to compare by content" };
  expect(decide(ok, { varied: [blind], held: null, obstacle: null })).toEqual({
    verdict: "inconclusive",
    reason: "model.bin: too large to compare by content",
  });
  expect(decide(ok, { varied: [blind, item(false)], held: [item(false)], obstacle: null }).verdict).toBe("differs");
});

test("what only one run had and was set aside is nothing compared", () => {
  const aside: Evidence = {
    ...item(true, "output"),
    a: "sha256:1",
    b: null,
    how: "masked",
    aside: ["temporary file of one run only: /tmp/x"],
  };
  expect(decide(ok, { varied: [item(true, "exit"), aside], held: null, obstacle: null }).verdict).toBe("inconclusive");
  expect(decide(ok, { varied: [aside, item(true)], held: null, obstacle: null }).verdict).toBe("reproduced");
});

test("what could not be looked at neither parts nor agrees", () => {
  const blind: Evidence = { ...item(false, "output"), unseen: "the content of one is gone" };
  expect(likenessOf(ok, [item(true), blind])).toBe("unseen");
  expect(likenessOf(ok, [item(false), blind])).toBe("parted");
  expect(likenessOf(ok, [item(true), item(true, "exit")])).toBe("same");
});

test("no evidence at all, as of a replay that was ended early and shows no difference, is no agreement", () => {
  expect(likenessOf(failed, [])).toBe("unseen");
  expect(decide(failed, { varied: [], held: null, obstacle: null }).verdict).toBe("inconclusive");
});
