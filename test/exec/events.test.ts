import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { EventTail, packEvents, readEvents } from "#exec";
import type { AgentEvent } from "#record";
import { folder } from "./driver.ts";

const read = (p: string): string => `${JSON.stringify({ e: "read", p })}\n`;

test("events are read by file, in an order that the file system does not decide", async () => {
  const dir = folder();
  writeFileSync(join(dir, "20-b.jsonl"), read("/b"));
  writeFileSync(join(dir, "10-a.jsonl"), `${read("/a")}${read("/ä\u2028")}`);
  writeFileSync(join(dir, ".proc-0"), "");
  const events = await readEvents(dir);
  expect(events.files.map((file) => file.name)).toEqual(["10-a.jsonl", "20-b.jsonl"]);
  expect(events.events).toEqual(["/a", "/ä\u2028", "/b"].map((p) => ({ e: "read", p })));
});

test("a torn line is counted, a strange one left out, and the rest is read", async () => {
  const dir = folder();
  const lines = [
    '{"e":"future","x":1}',
    '{"e":"read"}',
    "[]",
    "null",
    "\u0000\u0001",
    '{"e":"toString"}',
    "",
    '{"e":"read","p":"/kept"}',
  ];
  writeFileSync(join(dir, "1.jsonl"), `${lines.join("\n")}\n{"e":"read","p":"/to`);
  expect(await readEvents(dir)).toMatchObject({ events: [{ p: "/kept" }], torn: 2, unknown: 5 });
});

test("a folder that is not there, or a file that cannot be read, is no error", async () => {
  const dir = folder();
  expect(await readEvents(join(dir, "none"))).toEqual({
    files: [],
    events: [],
    torn: 0,
    unknown: 0,
    skipped: 0,
    skippedMetrics: 0,
  });
  mkdirSync(join(dir, "1.jsonl"));
  expect(await readEvents(dir)).toMatchObject({ events: [], torn: 1 });
});

test("beyond the cap only the ends of processes are kept", async () => {
  const dir = folder();
  const end = `${JSON.stringify({ e: "end", how: "atexit", modules: [], maps: [], frameworks: {} })}\n`;
  writeFileSync(join(dir, "1.jsonl"), Array.from({ length: 500 }, (_, n) => read(`/${n}`)).join("") + end);
  const events = await readEvents(dir, { cap: 100 });
  expect([events.events.length, events.skipped, events.events.at(-1)?.e]).toEqual([101, 400, "end"]);
});

test("lines of any length and cut at any place come out whole", async () => {
  const dir = folder();
  const paths = [100, (1 << 20) - 20, 3_000_000, 5, 6_000_000].map((length) => `/${"x".repeat(length)}`);
  writeFileSync(join(dir, "1.jsonl"), paths.map(read).join(""));
  const { events, torn } = await readEvents(dir);
  expect(events.map((event) => (event.e === "read" ? event.p.length : 0))).toEqual(
    paths.slice(0, 4).map((p) => p.length),
  );
  expect(torn).toBe(1); // longer than any event
});

test("the tail hands each whole line on once, while it is written", async () => {
  const dir = folder();
  const seen: [string, string][] = [];
  const tail = new EventTail(dir, (event: AgentEvent, file) =>
    seen.push([file, event.e === "read" ? event.p : event.e]),
  );
  const file = join(dir, "7.jsonl");
  appendFileSync(file, read("/one"));
  await vi.waitFor(() => expect(seen).toEqual([["7.jsonl", "/one"]]), 30_000);
  const line = read("/größer");
  appendFileSync(file, line.slice(0, 20));
  await sleep(120);
  appendFileSync(file, line.slice(20));
  await sleep(120);
  appendFileSync(file, read("/last"));
  tail.stop();
  expect(seen.map(([, path]) => path)).toEqual(["/one", "/größer", "/last"]);
});

test("a pack holds every file behind its name, equal for equal files", async () => {
  const dir = folder();
  writeFileSync(join(dir, "b.jsonl"), read("/b"));
  writeFileSync(join(dir, "a.jsonl"), `${read("/a")}{"torn`);
  const out = join(folder(), "pack");
  await packEvents(dir, out);
  expect(readFileSync(out, "utf8")).toBe(
    `{"e":"file","name":"a.jsonl"}\n${read("/a")}{"torn\n{"e":"file","name":"b.jsonl"}\n${read("/b")}`,
  );
});
