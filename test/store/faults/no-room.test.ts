import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStore } from "#store";
import { type Mounted, mountTmpfs } from "../mount.ts";
import { bundled, ended } from "../program.ts";
import { Acknowledged } from "./acknowledged.ts";

/** From one amount of free space to the next; a page is the least that can matter. */
const STEP = Number(process.env.REPRISE_ROOM_STEP ?? 48 << 10);
const PAGE = 4096;

let folder: string;
let mounted: Mounted | null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reprise-room-"));
  mounted = mountTmpfs(folder, "size=3m");
});
afterEach(() => {
  mounted?.unmount();
  rmSync(folder, { recursive: true, force: true });
});

/** Leaves so many bytes free. */
function leave(path: string, free: number): void {
  const { bavail, bsize } = statfsSync(path);
  writeFileSync(join(path, "ballast"), Buffer.alloc(Math.max(0, bavail * bsize - free)));
}

test("a disk that gets full at each write in turn: said with exit 4, nothing acknowledged is lost, and it goes on with room", {
  timeout: 0,
}, async ({ skip }) => {
  if (mounted === null) return skip("needs the right to mount a tmpfs");
  const program = bundled("faults/deeds-program", folder);
  const root = join(mounted.path, "store");
  const acknowledged = new Acknowledged();
  const sum = { rounds: 0, full: 0 };
  let free = 0;
  for (let seed = 0; ; seed++, free += STEP) {
    rmSync(join(mounted.path, "ballast"), { force: true });
    leave(mounted.path, free + (seed % 12) * PAGE);
    const { lines, code, signal } = await ended([process.execPath, program, root, String(seed), "3", "3"]);
    const said = lines.find((line) => line.startsWith("error "));
    expect(signal, `${free} bytes free`).toBeNull();
    if (said !== undefined) expect(said, `${free} bytes free`).toBe("error STORE_FULL");
    expect(code).toBe(said === undefined ? 0 : 4);
    acknowledged.add(lines);
    rmSync(join(mounted.path, "ballast"));
    acknowledged.check(root, `${free} bytes free`);
    sum.rounds += 1;
    if (said !== undefined) sum.full += 1;
    else if (seed > 3) break;
    // So that the store stays small: what was there must only not be lost meanwhile.
    const store = openStore(root, { create: true });
    for (const { id } of [...store.runs.unfinished(), ...store.runs.list().slice(2)]) {
      store.runs.remove(id);
      acknowledged.add([`removing ${id}`]);
    }
    store.collectGarbage({ minimumAgeMs: -60_000 });
    store.close();
  }
  process.stderr.write(
    `full disk: ${sum.rounds} amounts of free space, ${sum.full} times full and said, ${acknowledged.count} acknowledged facts at the end, 0 lost\n`,
  );
  expect(sum.full).toBeGreaterThan(5);
});
