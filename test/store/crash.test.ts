import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStore } from "#store";
import { bundled, ended } from "./program.ts";

let program: string;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reprise-crash-"));
  program = bundled("writer-program", folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("kill -9 at any moment: every acknowledged run is whole, the broken one is visible", async () => {
  const root = join(folder, "killed");
  const acknowledged = new Set<string>();
  let broken = 0;
  for (let round = 0; round < 30; round++) {
    // The first rounds hit the start and the making of the store, the others a moment after an acknowledged run.
    const delay = (round * 7) % 29;
    const { lines } = await ended([process.execPath, program, root, String(round), "1000"], (child) => {
      const kill = (ms: number): void => void setTimeout(() => child.kill("SIGKILL"), ms);
      if (round < 5) kill(40 + round * 10);
      let left = round % 4;
      child.stdout?.on("data", () => {
        if (left-- === 0) kill(delay);
      });
    });
    for (const line of lines) acknowledged.add(line);
    const store = openStore(root, { create: true });
    try {
      expect(store.fsck().findings, `round ${round}`).toEqual([]);
      const kept = new Set(store.runs.list().map(({ id }) => id));
      for (const id of acknowledged) expect(kept.has(id), `${id} after round ${round}`).toBe(true);
      for (const { id, state } of store.runs.unfinished()) {
        expect(state).toBe("broken");
        expect(kept.has(id)).toBe(false);
      }
      broken = store.runs.unfinished().length;
    } finally {
      store.close();
    }
  }
  expect(acknowledged.size).toBeGreaterThan(20);
  expect(broken).toBeGreaterThan(0);
  const store = openStore(root, { create: false });
  for (const { id } of store.runs.unfinished()) store.runs.remove(id);
  store.collectGarbage({ minimumAgeMs: -60_000 });
  expect(store.runs.unfinished()).toEqual([]);
  expect(store.fsck().findings).toEqual([]);
  expect(store.runs.list()).not.toHaveLength(0);
  store.close();
});

test("eight writers at once, each with its gc: all that they acknowledged is there", async () => {
  const root = join(folder, "crowd");
  const all = await Promise.all(
    Array.from({ length: 8 }, (_, seed) => ended([process.execPath, program, root, String(seed), "6"])),
  );
  for (const { code, lines, stderr } of all) {
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(lines.at(-1)).toBe("closed");
  }
  const store = openStore(root, { create: false });
  expect(store.runs.list()).toHaveLength(48);
  expect(store.runs.unfinished()).toEqual([]);
  expect(store.fsck()).toMatchObject({ runs: 48, findings: [] });
  store.close();
});
