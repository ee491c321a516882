import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { digestHex, digestOf } from "#record";
import { openStore } from "#store";
import { bundled, ended } from "../program.ts";

const STRACE = spawnSync("strace", ["-f", "-o", "/dev/null", "true"]).status === 0;
const WHY = "needs strace, and the right to use it";
const OBJECT = digestHex(digestOf("some bytes of an object"));

let program: string;
let folder: string;
let root: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reprise-durable-"));
  program = bundled("faults/steps-program", folder);
  root = join(folder, "store");
  openStore(root, { create: true }).close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The system calls of one step, as lines of strace, and what the step said. */
async function traced(step: string, ...inject: string[]): Promise<{ calls: string[]; said: string | undefined }> {
  const log = join(folder, "trace");
  const calls = "trace=fsync,fdatasync,rename,renameat,renameat2,access,write,pwrite64";
  const strace = ["strace", "-f", "-y", "-o", log, "-e", calls, ...inject.flatMap((one) => ["-e", one])];
  const { lines } = await ended([...strace, process.execPath, program, root, step]);
  const all = readFileSync(log, "utf8").split("\n");
  const begin = all.findIndex((line) => line.includes("/mark/begin"));
  const end = all.findIndex((line) => line.includes("/mark/end"));
  expect(begin).toBeGreaterThan(0);
  return { calls: all.slice(begin + 1, end), said: lines[0] };
}
const at = (calls: readonly string[], what: RegExp): number => calls.findIndex((line) => what.test(line));
const syncs = (calls: readonly string[]): string[] => calls.filter((line) => /f(data)?sync\(.*= 0/.test(line));

test("an object: content synced, then renamed, then its folder synced", async ({ skip }) => {
  if (!STRACE) return skip(WHY);
  const { calls, said } = await traced("put");
  expect(said).toBe("done");
  const content = at(calls, /fsync\(.*\/tmp\/put-/);
  const named = calls.findLastIndex((line) => line.includes("rename") && line.includes(OBJECT.slice(2)));
  const synced = at(calls, new RegExp(`fsync\\(.*/objects/${OBJECT.slice(0, 2)}>`));
  expect(content).toBeGreaterThanOrEqual(0);
  expect(named).toBeGreaterThan(content);
  expect(synced).toBeGreaterThan(named);
  // The folder's own name too, since it is new.
  expect(at(calls, /fsync\(.*\/objects>/)).toBeGreaterThan(named);
});

test("five hundred small objects cost a handful of syncs", async ({ skip }) => {
  if (!STRACE) return skip(WHY);
  const { calls, said } = await traced("batch");
  expect(said).toBe("done");
  expect(syncs(calls).length).toBeGreaterThanOrEqual(2);
  expect(syncs(calls).length).toBeLessThanOrEqual(4);
});

test("a commit and a fact are synced before they are acknowledged (synchronous=FULL)", async ({ skip }) => {
  if (!STRACE) return skip(WHY);
  for (const step of ["commit", "fact"]) {
    const { calls, said } = await traced(step);
    expect(said).toBe("done");
    const written = calls.findLastIndex((line) => /pwrite64\(.*meta\.db-wal/.test(line));
    const synced = calls.findLastIndex((line) => /f(data)?sync\(.*meta\.db-wal/.test(line));
    expect(written).toBeGreaterThanOrEqual(0);
    expect(synced, step).toBeGreaterThan(written);
  }
});

test("a sync that fails is an error, and nothing is under the object's name", async ({ skip }) => {
  if (!STRACE) return skip(WHY);
  const other = root;
  root = join(folder, "failing");
  openStore(root, { create: true }).close();
  for (const when of ["1", "2"]) {
    const { said } = await traced("put", `inject=fsync:error=EIO:when=${when}`);
    expect(said).toBe("STORE_IO");
    const store = openStore(root, { create: false });
    expect(store.fsck().findings).toEqual([]);
    if (when === "1") expect(store.objects.has(digestOf("some bytes of an object"))).toBe(false);
    store.close();
  }
  root = other;
});
