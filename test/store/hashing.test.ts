import {
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStore } from "#store";
import { stampOf } from "../../src/store/files/file-stamp.ts";
import { HashPool } from "../../src/store/hashing/hash-pool.ts";
import { hashedIn, hashShare, waitForOthers, workOn } from "../../src/store/hashing/hash-share.ts";
import { allLookSame, lookShare, newLooks } from "../../src/store/hashing/look-share.ts";
import { Threads } from "../../src/store/hashing/threads.ts";
import { hashFile } from "../../src/store/objects/hashing-copy.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reprise-hashing-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const MB = 1 << 20;
/** Holes take no disk, and are read as zeros. */
function sparse(name: string, bytes: number): string {
  const path = join(folder, name);
  writeFileSync(path, name);
  truncateSync(path, bytes);
  return path;
}
const sizes = [0, 1, 5 * MB, MB - 1, MB, MB + 1, 70 * MB, 70 * MB + 3, 60 * MB];
const files = () => sizes.map((bytes, index) => sparse(`f${index}`, Math.max(bytes, 2)));
const worker = (place: string): Worker => new Worker(place, { execArgv: [], env: {} });
const built = fileURLToPath(new URL("../../dist/store/hash-worker.js", import.meta.url));
const source = fileURLToPath(new URL("../../src/store/hashing/hash-worker.ts", import.meta.url));

for (const [from, place] of Object.entries({ source, bundle: built }))
  test(`a thread from the ${from} hashes every file that is shared with it`, async () => {
    const paths = [...files(), join(folder, "nowhere"), folder];
    const share = hashShare(paths);
    const thread = worker(place);
    thread.postMessage(share);
    expect(waitForOthers(share, 30_000)).toBe(true);
    await thread.terminate();
    const found = hashedIn(share);
    expect([...found.keys()]).toEqual(paths.slice(0, -2));
    for (const [path, { hex, look }] of found) {
      const { size, mtimeMs, ctimeMs, ino, dev } = statSync(path);
      expect(`sha256:${hex}`).toBe(hashFile(path).digest);
      expect(look).toEqual({ size, mtimeMs, ctimeMs, ino, dev });
    }
  });

test("a thread looks whether files look as they did, and says when one does not", async () => {
  const paths = [...files(), sparse("größe 数据 🙂", 9)];
  const block = (from: number, to: number): string =>
    paths
      .slice(from, to)
      .map((path) => `${basename(path)}\0\0\0${stampOf(statSync(path))}\0`)
      .join("");
  const thread = worker(source);
  const same = (blocks: readonly string[]): boolean => {
    const looks = newLooks();
    thread.postMessage(lookShare(folder, blocks, looks));
    return allLookSame(blocks.length, looks, 20_000);
  };
  const blocks = [block(0, 3), block(3, 5), block(5, 10)];
  expect(same(blocks)).toBe(true);
  expect(same([])).toBe(true);
  writeFileSync(paths[4] ?? "", "other");
  expect(same(blocks)).toBe(false);
  expect(same([block(0, 10)])).toBe(true);
  unlinkSync(paths[8] ?? "");
  expect(same([...blocks.slice(0, 1), block(3, 8), ...blocks.slice(2)])).toBe(false);
  await thread.terminate();
});

test("many bytes are hashed by several threads, few by none; what cannot be read is left out", () => {
  const tasks = (): number => (existsSync("/proc/self/task") ? readdirSync("/proc/self/task").length : 0);
  const listed = [...files(), join(folder, "nowhere")].map((path, index) => ({ path, bytes: sizes[index] ?? 0 }));
  const threads = new Threads();
  const pool = new HashPool(threads);
  const before = tasks();
  expect(pool.hash(listed.slice(0, 6)).size).toBe(0);
  expect(tasks()).toBe(before);
  const found = pool.hash(listed);
  if (before > 0) expect(tasks()).toBeGreaterThan(before);
  expect(found.size).toBe(sizes.length);
  for (const [path, { hex }] of found) expect(`sha256:${hex}`).toBe(hashFile(path).digest);
  threads.close();
  // After its end too.
  expect(pool.hash(listed).size).toBe(sizes.length);
  threads.close();
});

test("a thread that took a file and died does not hold the others up", () => {
  const paths = files();
  const share = hashShare(paths);
  // As a thread does that takes the first file, and no more is heard of it.
  Atomics.add(new Int32Array(share.memory, 0, 1), 0, 1);
  workOn(share);
  expect(waitForOthers(share, 20)).toBe(false);
  expect([...hashedIn(share).keys()]).toEqual(paths.slice(1));
});

test("digests of many large files are right, in the order asked, with links followed and what is gone named", () => {
  const store = openStore(join(folder, ".reprise"), { create: true });
  try {
    const paths = files();
    const [link, gone] = [join(folder, "link"), join(folder, "gone")];
    symlinkSync(paths[6] ?? "", link);
    writeFileSync(gone, "");
    unlinkSync(gone);
    const asked = [gone, ...paths, link];
    const digests = store.files.digestFiles(asked);
    expect([...digests.keys()]).toEqual(asked);
    expect(digests.get(gone)).toEqual({ unknown: "it does not exist" });
    for (const path of paths)
      expect(digests.get(path)).toMatchObject({ digest: hashFile(path).digest, bytes: statSync(path).size });
    expect(digests.get(link)).toEqual(digests.get(paths[6] ?? ""));
    // Those that are kept and those that are only hashed, each asked about once.
    const seen: string[] = [];
    const keep = (path: string): boolean => seen.push(path) > 0 && !path.endsWith("f1");
    const kept = store.files.keepFiles([...paths].reverse(), { limitBytes: 6 * MB, keep });
    expect([...kept.keys()]).toEqual([...paths].reverse());
    expect(seen.toSorted()).toEqual(paths.filter((path) => statSync(path).size <= 6 * MB).toSorted());
    for (const path of paths) expect(kept.get(path)).toMatchObject({ digest: hashFile(path).digest });
    expect([...kept.values()].map((file) => "stored" in file && file.stored)).toEqual(
      [...paths].reverse().map((path) => statSync(path).size <= 6 * MB && !path.endsWith("f1")),
    );
  } finally {
    store.close();
  }
});
