import { randomBytes } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { digestOf } from "#record";
import { openStore } from "#store";
import { type Chunked, chunkOpen } from "../../src/store/chunks/chunk-open.ts";
import { chunkTogether } from "../../src/store/hashing/chunk-together.ts";
import { Threads } from "../../src/store/hashing/threads.ts";

let folder: string;
let threads: Threads;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reprise-together-"));
  threads = new Threads();
});
afterEach(() => {
  threads.close();
  rmSync(folder, { recursive: true, force: true });
});

const MB = 1 << 20;

/** Rows of a table, and here and there what has no boundary in it or cannot be told in advance. */
function table(name: string, bytes: number): string {
  const parts: Buffer[] = [Buffer.alloc(3 * MB, 7), randomBytes(2 * MB)];
  for (let [row, length] = [0, 5 * MB]; length < bytes; row++) {
    const rows = Array.from({ length: 5000 }, (_, at) => `${row * 5000 + at},${(at * 7919) % 83},city${at % 97}\n`);
    parts.push(Buffer.from(rows.join("")));
    length += parts.at(-1)?.length ?? 0;
  }
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat(parts).subarray(0, bytes));
  return path;
}

function opened<T>(path: string, work: (fd: number) => T): T {
  const fd = openSync(path, "r");
  try {
    return work(fd);
  } finally {
    closeSync(fd);
  }
}

test("two threads cut a file into the pieces that one cuts, and hand out their bytes", () => {
  // The second and third once the thread runs, one of them a whole number of slots long, one with a short last piece.
  for (const bytes of [70 * MB + 12_345, 16 * MB, 12 * MB + 1]) {
    const path = table("table.csv", bytes);
    const content = readFileSync(path);
    let at = 0;
    const together = opened(path, (fd) =>
      chunkTogether(fd, bytes, threads, (digest, piece) => {
        expect(content.compare(piece, 0, piece.length, at, at + piece.length)).toBe(0);
        expect(digestOf(piece)).toBe(digest);
        at += piece.length;
      }),
    );
    const alone: Chunked = opened(path, (fd) => chunkOpen(fd, () => {}));
    expect(together).toEqual(alone);
    expect(at).toBe(bytes);
    expect(threads.running).toBe(1);
  }
});

test("file after file goes through the same memory, but not after one that failed", () => {
  const path = table("table.csv", 70 * MB);
  const alone = opened(path, (fd) => chunkOpen(fd, () => {}));
  const through = (take: () => void): Chunked | null => opened(path, (fd) => chunkTogether(fd, 70 * MB, threads, take));
  expect(through(() => {})).toEqual(alone);
  const first = threads.ring;
  expect(first).not.toBeNull();
  expect(through(() => {})).toEqual(alone);
  expect(threads.ring).toBe(first);
  const failing = (): void => {
    throw new Error("no room");
  };
  expect(() => through(failing)).toThrow("no room");
  expect(threads.ring).toBeNull();
  expect(through(() => {})).toEqual(alone);
});

test("a small file starts no thread", () => {
  const path = table("table.csv", 6 * MB);
  expect(opened(path, (fd) => chunkTogether(fd, 6 * MB, threads, () => {}))).toBeNull();
  expect(threads.running).toBe(0);
});

test("a file that is shorter than it was, or empty, is what was read of it", () => {
  for (const bytes of [0, 5 * MB]) {
    const path = table("table.csv", bytes);
    const alone = opened(path, (fd) => chunkOpen(fd, () => {}));
    expect(opened(path, (fd) => chunkTogether(fd, 80 * MB, threads, () => {}))).toEqual(alone);
  }
});

test("where keeping fails the error comes out, and the thread does the next file", () => {
  const path = table("table.csv", 70 * MB);
  const failing = (): void => {
    throw new Error("no room");
  };
  expect(() => opened(path, (fd) => chunkTogether(fd, 70 * MB, threads, failing))).toThrow("no room");
  const alone = opened(path, (fd) => chunkOpen(fd, () => {}));
  expect(opened(path, (fd) => chunkTogether(fd, 70 * MB, threads, () => {}))).toEqual(alone);
});

test("a large table comes back from the store byte for byte, and its next version shares its pieces", () => {
  const path = table("table.csv", 70 * MB);
  const store = openStore(join(folder, ".reprise"), { create: true });
  try {
    for (const round of [0, 1]) {
      if (round === 1) writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from("one,row,more\n")]));
      const kept = store.files.keepFiles([path], { limitBytes: Number.POSITIVE_INFINITY, pieces: true }).get(path);
      if (kept === undefined || !("digest" in kept)) throw new Error("not kept");
      const content = readFileSync(path);
      expect(kept.digest).toBe(digestOf(content));
      expect(content.equals(store.objects.read(kept.digest))).toBe(true);
    }
    const pieces = [...store.objects.digests()].length;
    const alone = opened(path, (fd) => chunkOpen(fd, () => {})).chunks;
    // Two objects in pieces, and one last piece more.
    expect(pieces).toBeLessThanOrEqual(new Set(alone.map(({ digest }) => digest)).size + 3);
  } finally {
    store.close();
  }
});
