import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStore } from "#store";
import { bundled, ended } from "../program.ts";
import { Acknowledged } from "./acknowledged.ts";
import { type Fate, TracedDisk } from "./disk-model.ts";
import { CALLS, type Call, readTrace } from "./trace.ts";

const STRACE = spawnSync("strace", ["-f", "-o", "/dev/null", "true"]).status === 0;
const WHY = "needs strace, and the right to use it";
/** The power goes after every so many calls: REPRISE_POWER_STRIDE=1 is after each. */
const STRIDE = Number(process.env.REPRISE_POWER_STRIDE ?? 29);

let folder: string;
let before: Acknowledged;
let calls: Call[];
const root = (): string => join(folder, "store");
beforeAll(async () => {
  if (!STRACE) return;
  folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "reprise-power-"));
  const program = bundled("faults/deeds-program", folder);
  openStore(root(), { create: true }).close();
  before = new Acknowledged();
  before.add((await ended([process.execPath, program, root(), "7", "3"])).lines);
  cpSync(root(), join(folder, "snapshot"), { recursive: true });
  const log = join(folder, "trace");
  const argv = ["strace", "-y", "-xx", "-s", "100000000", "-o", log, "-e", `trace=${CALLS}`];
  const { code } = await ended([...argv, process.execPath, program, root(), "8", "6", "2"]);
  expect(code).toBe(0);
  calls = readTrace(readFileSync(log, "utf8"));
}, 120_000);
afterAll(() => {
  if (STRACE) rmSync(folder, { recursive: true, force: true });
});

/** One store for each moment; says at how many it was tried, and what went wrong. */
function cutAll(
  disk: TracedDisk,
  fateAt: (moment: number) => Fate,
  stride = STRIDE,
): { tried: number; wrong: string[] } {
  const wrong: string[] = [];
  const moments = disk.moments.filter((_, index) => index % stride === 0);
  const into = join(folder, "cut");
  for (const moment of moments) {
    disk.cut(moment, fateAt(moment), into);
    const acknowledged = new Acknowledged();
    acknowledged.add(disk.said.filter(({ at }) => at <= moment).map(({ line }) => line));
    try {
      before.check(into, `power cut after call ${moment}`);
      acknowledged.check(into, `power cut after call ${moment}`);
    } catch (error) {
      wrong.push(`${moment}: ${(error as Error).message}`);
    }
    rmSync(into, { recursive: true });
  }
  return { tried: moments.length, wrong };
}

const chance =
  (seed: number) =>
  (moment: number): Fate => {
    let state = (seed * 7919 + moment * 104729) >>> 0;
    return () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 31 === 0;
    };
  };

test.for<[string, (moment: number) => Fate]>([
  ["nothing that no fsync followed is there", () => () => false],
  [
    "names are there and their bytes are not",
    () =>
      ({ kind }) =>
        kind === "name",
  ],
  [
    "bytes are there and their names are not",
    () =>
      ({ kind }) =>
        kind === "data",
  ],
  ["blocks and names by chance, 1", chance(1)],
  ["blocks and names by chance, 2", chance(2)],
])("the power goes: %s; nothing acknowledged is lost", { timeout: 0 }, ([what, fateAt], { skip }) => {
  if (!STRACE) return skip(WHY);
  const { tried, wrong } = cutAll(new TracedDisk(root(), join(folder, "snapshot"), calls), fateAt);
  process.stderr.write(`power cut, ${what}: at ${tried} moments, wrong ${wrong.length}\n`);
  expect(wrong).toEqual([]);
  expect(tried).toBeGreaterThan(9);
});

test("the same is lost where nothing is synced: the trial can fail", { timeout: 0 }, (context) => {
  if (!STRACE) return context.skip(WHY);
  const careless = new TracedDisk(root(), join(folder, "snapshot"), calls, false);
  expect(cutAll(careless, () => () => false, 67).wrong.length).toBeGreaterThan(3);
});
