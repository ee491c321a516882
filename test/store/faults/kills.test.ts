import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fsckStore, openStore, repairStore } from "#store";
import { bundled, type Ended, ended } from "../program.ts";
import { Acknowledged } from "./acknowledged.ts";

/** REPRISE_KILL_ROUNDS=1000 does as many, on the disk of TMPDIR; else few, in memory where there is some. */
const ROUNDS = Number(process.env.REPRISE_KILL_ROUNDS ?? 24);
const PLACE = process.env.REPRISE_KILL_ROUNDS === undefined && existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const SEED = Number(process.env.REPRISE_KILL_SEED ?? 1);
/** Then its database is destroyed and made anew, and the next store begins. */
const ROUNDS_A_STORE = 20;

let program: string;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(PLACE, "reprise-kills-"));
  program = bundled("faults/deeds-program", folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Numbers below 1, always the same for a seed. */
function* randoms(seed: number): Generator<number, never> {
  for (let state = seed >>> 0; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

test("kill -9 at any moment: all that was acknowledged is there and reads right, also from the copies", {
  timeout: 0,
}, async () => {
  const random = randoms(SEED);
  const sum = { rounds: 0, killed: 0, acknowledged: 0, broken: 0, rebuilt: 0 };
  for (let first = 0; first < ROUNDS; first += ROUNDS_A_STORE) {
    const root = join(folder, `store-${first}`);
    const acknowledged = new Acknowledged();
    for (let round = first; round < Math.min(ROUNDS, first + ROUNDS_A_STORE); round++) {
      // Now and then two at once, so that a gc is killed beside a writer.
      const crowd = round % 5 === 4 ? 2 : 1;
      // What another process has just put is only spared by its age, as in life.
      const age = crowd === 1 ? "-60000" : "5000";
      const all = await Promise.all(
        Array.from({ length: crowd }, (_, one) =>
          ended(
            [
              process.execPath,
              program,
              root,
              String(SEED * 100_000 + round * 2 + one),
              "10000",
              one === 1 ? "1" : "3",
              age,
            ],
            (child) => {
              const kill = (ms: number): void => void setTimeout(() => child.kill("SIGKILL"), ms);
              // Early ones hit the start and the making of the store; the others a moment after something was acknowledged.
              if (round % 4 === 0) return kill(30 + random.next().value * 300);
              let left = Math.floor(random.next().value * 12);
              const wait = random.next().value * 60;
              child.stdout?.on("data", (text: string) => {
                left -= text.split("\n").length - 1;
                if (left <= 0) kill(wait);
              });
            },
          ),
        ),
      );
      for (const { lines, signal, stderr } of all) {
        expect(stderr, `round ${round}`).toBe("");
        acknowledged.add(lines);
        sum.killed += signal === "SIGKILL" ? 1 : 0;
      }
      sum.rounds += 1;
      acknowledged.check(root, `after round ${round}`);
    }
    const store = openStore(root, { create: true });
    sum.broken += store.runs.unfinished().length;
    for (const { id } of store.runs.unfinished()) store.runs.remove(id);
    store.collectGarbage({ minimumAgeMs: -60_000 });
    store.close();
    acknowledged.check(root, "after gc");
    for (const ending of ["", "-wal", "-shm"]) rmSync(join(root, `meta.db${ending}`), { force: true });
    const { left } = await repairStore(root);
    expect(left).toEqual([]);
    acknowledged.check(root, "from the copies");
    sum.acknowledged += acknowledged.count;
    sum.rebuilt += 1;
    rmSync(root, { recursive: true });
  }
  process.stderr.write(
    `kill -9: ${sum.rounds} rounds, ${sum.killed} processes killed, ${sum.acknowledged} acknowledged facts of ${sum.rebuilt} stores, 0 lost; ` +
      `${sum.broken} runs broken off and listed as such; ${sum.rebuilt} databases destroyed and made anew\n`,
  );
  expect(sum.killed).toBeGreaterThan(ROUNDS * 0.9);
  expect(sum.acknowledged).toBeGreaterThan(ROUNDS);
  expect(sum.broken).toBeGreaterThan(0);
});

test("eight writers at once, each with its gc: all that they acknowledged is there", async () => {
  const root = join(folder, "crowd");
  const all: Ended[] = await Promise.all(
    Array.from({ length: 8 }, (_, seed) => ended([process.execPath, program, root, String(seed), "6", "4", "60000"])),
  );
  const acknowledged = new Acknowledged();
  for (const { code, lines, stderr } of all) {
    expect({ stderr, code, last: lines.at(-1) }).toEqual({ stderr: "", code: 0, last: "closed" });
    acknowledged.add(lines);
  }
  acknowledged.check(root, "after all");
  expect(acknowledged.runs.size).toBeGreaterThan(24);
  expect(fsckStore(root)).toMatchObject({ runs: acknowledged.runs.size, findings: [] });
});
