import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { CompareDocument } from "#record";
import { type Sealed, seal } from "./sealed.ts";

const TRAIN = `import os, random, sys, time
if "/rep" in os.getcwd():
    time.sleep(float(sys.argv[2]))
print(f"accuracy={float(sys.argv[1]) + random.gauss(0, 0.01):.6f}")
`;

let place: Sealed;
beforeEach(() => {
  place = seal({ "train.py": TRAIN });
});
afterEach(() => place.remove());

/** Two runs around other middles; their replays take so many seconds more. */
function record(seconds: number): void {
  for (const [name, middle] of [
    ["a", 0.8],
    ["b", 0.9],
  ])
    place.shell(`reprise run -q --name ${name} -- python3 train.py ${middle} ${seconds}`);
}

test("E Ctrl-C ends the replay that is running, prints what is known, and what was made is there when asked again", async () => {
  record(1);
  const { pid, ended } = place.start("reprise compare a b --seed 7 --seeds 4 --json");
  // Ten replays of a second and more.
  await sleep(5000);
  process.kill(pid, "SIGINT");
  const { code, out, err } = await ended;
  const stopped = JSON.parse(out) as CompareDocument;
  expect(code).toBe(130);
  expect(stopped).toMatchObject({ format: "reprise/compare@1", complete: false, notes: ["stopped"] });
  expect(err).toContain("reprise: seed 1 of 4, A (10 replays left)");
  const kept = stopped.replays.a.length + stopped.replays.b.length;
  expect(kept).toBeGreaterThan(0);
  const again = place.shell("reprise compare a b --seed 7 --seeds 4 --json -q");
  const whole = JSON.parse(again.out) as CompareDocument;
  expect([...whole.replays.a, ...whole.replays.b].filter(({ reused }) => reused)).toHaveLength(kept);
  expect(whole).toMatchObject({ complete: true, made: 10 - kept });
}, 120_000);

test("E a budget, a margin and a loss have their exit codes; narrow and plain terminals are respected", () => {
  record(0);
  expect(place.shell("reprise compare a b --seed 7 --budget 1 -q").code).toBe(3);
  expect(place.shell("reprise compare a b --seed 7 --seeds 6 --margin 5 -q").code).toBe(0);
  expect(place.shell("reprise compare b a --seed 7 --seeds 6 -q")).toMatchObject({
    code: 1,
    out: expect.stringContaining("✗ B is worse than A on accuracy") as unknown,
  });
  const plain = place.shell("reprise compare a b --seed 7 --seeds 6 -q", { LC_ALL: "C" });
  expect(plain.code).toBe(0);
  expect(plain.out).toMatch(/^\+ B is better than A on accuracy - P\(B>A\) = 1/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: nothing but ASCII is what is asked for
  expect(plain.out).toMatch(/^[\x00-\x7f]*$/);
  const narrow = place.shell("reprise compare a b --seed 7 --seeds 6 -q", { COLUMNS: "60" });
  const lines = narrow.out.split("\n").filter((line) => !line.startsWith("next:"));
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
}, 120_000);
