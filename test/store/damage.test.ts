import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Digest, RepriseError } from "#record";
import { openStore } from "#store";
import { filesBelow, flipBit } from "./damage.ts";
import { code } from "./error-code.ts";
import { recordNaming } from "./sample-record.ts";

let folder: string;
let root: string;
let loose: Digest[];
let packed: Digest[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reprise-damage-"));
  root = join(folder, ".reprise");
  const store = openStore(root, { create: true });
  loose = [store.objects.put("a"), store.objects.put("some words"), store.objects.put(Buffer.alloc(5000, "z"))];
  const batch = store.objects.batch();
  packed = Array.from({ length: 20 }, (_, index) => batch.put(`packed ${index}`));
  batch.flush();
  store.runs.commit(recordNaming("first-run", loose));
  store.runs.commit(recordNaming("second-run", [...loose.slice(0, 1), ...packed]));
  store.close();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What each object reads as now: its text, or the code of the error. */
function readings(): Map<Digest, string> {
  const store = openStore(root, { create: false });
  try {
    return new Map(
      [...loose, ...packed].map((digest) => {
        try {
          return [digest, Buffer.from(store.objects.read(digest)).toString()];
        } catch (error) {
          return [digest, error instanceof RepriseError ? error.code : String(error)];
        }
      }),
    );
  } finally {
    store.close();
  }
}

test("one flipped bit anywhere in an object's file is found, named with its runs, and never handed out", () => {
  const whole = readings();
  for (const path of filesBelow(join(root, "objects"))) {
    const { size } = statSync(path);
    for (let at = 0; at < size; at += Math.max(1, Math.floor(size / 12))) {
      flipBit(path, at, at % 8);
      const store = openStore(root, { create: false });
      const { findings } = store.fsck();
      store.close();
      // The first line of a pack says only what the file is.
      if (!(path.endsWith(".pack") && at < 15)) {
        expect(findings.length, `${path} at ${at}`).toBeGreaterThan(0);
        expect(findings.flatMap(({ runs }) => runs).length).toBeGreaterThan(0);
      }
      for (const [digest, reading] of readings()) {
        expect([whole.get(digest), "STORE_CORRUPT_OBJECT", "STORE_MISSING_OBJECT"]).toContain(reading);
      }
      flipBit(path, at, at % 8);
    }
  }
  expect(readings()).toEqual(whole);
});

test("an object that lost its end, or all of it, is damaged; a new put of it mends it", () => {
  const [, digest] = loose;
  if (digest === undefined) throw new Error("no object");
  const path = filesBelow(join(root, "objects")).find((one) => readFileSync(one, "utf8") === "some words") ?? "";
  for (const length of [9, 1, 0]) {
    truncateSync(path, length);
    expect(readings().get(digest)).toBe("STORE_CORRUPT_OBJECT");
    const store = openStore(root, { create: false });
    expect(store.fsck().findings).toEqual([
      expect.objectContaining({ code: "STORE_CORRUPT_OBJECT", digest, runs: ["first-run"] }),
    ]);
    expect(store.objects.put("some words")).toBe(digest);
    expect(store.fsck().findings).toEqual([]);
    store.close();
  }
  rmSync(path);
  const store = openStore(root, { create: false });
  expect(store.fsck().findings).toEqual([
    expect.objectContaining({ code: "STORE_MISSING_OBJECT", digest, runs: ["first-run"] }),
  ]);
  store.close();
});

/** Uses all of the database. The answer, or the code of the error; never anything else. */
function useDatabase(): string {
  try {
    const store = openStore(root, { create: false });
    try {
      const found = store.fsck().findings.map((finding) => finding.code);
      if (found.length > 0) return found[0] ?? "";
      return JSON.stringify([store.runs.list(), store.runs.get("first-run"), store.runs.get("second-run")]);
    } finally {
      store.close();
    }
  } catch (error) {
    if (error instanceof RepriseError) return error.code;
    throw error;
  }
}

const DAMAGED = [
  "STORE_CORRUPT_DATABASE",
  "STORE_CORRUPT_RECORD",
  "STORE_NEWER",
  "STORE_IO",
  "STORE_UNREADABLE",
  "RUN_UNKNOWN",
];

test("a database cut off anywhere, or with a flipped bit, is told from a whole one", () => {
  const whole = useDatabase();
  const database = join(root, "meta.db");
  const copy = join(folder, "copy.db");
  copyFileSync(database, copy);
  const { size } = statSync(database);
  for (let length = size - 1; length >= 0; length -= Math.max(1, Math.min(length, Math.floor(size / 15)))) {
    truncateSync(database, length);
    expect(DAMAGED, `cut to ${length}`).toContain(useDatabase());
    copyFileSync(copy, database);
  }
  for (let at = 1; at < size; at += Math.floor(size / 60)) {
    flipBit(database, at, at % 8);
    expect([whole, ...DAMAGED], `bit at ${at}`).toContain(useDatabase());
    for (const ending of ["-wal", "-shm"]) rmSync(database + ending, { force: true });
    copyFileSync(copy, database);
  }
  writeFileSync(database, "no database at all, but quite a long text".repeat(100));
  expect(() => openStore(root, { create: true })).toThrow(code("STORE_CORRUPT_DATABASE"));
  rmSync(database);
  expect(() => openStore(root, { create: true })).toThrow(code("STORE_CORRUPT_DATABASE"));
  copyFileSync(copy, database);
  expect(useDatabase()).toBe(whole);
});

test("a damaged stat cache costs time, nothing else", () => {
  const file = import.meta.filename;
  const digests = (): unknown => {
    const store = openStore(root, { create: false });
    try {
      return [...store.files.digestFiles([file])];
    } finally {
      store.close();
    }
  };
  const right = digests();
  const cache = join(root, "stat-cache.db");
  cpSync(cache, join(folder, "cache.db"));
  for (const length of [0, 100, 4096, statSync(cache).size - 1]) {
    truncateSync(cache, length);
    expect(digests()).toEqual(right);
    cpSync(join(folder, "cache.db"), cache);
  }
  writeFileSync(cache, "rubbish".repeat(1000));
  expect(digests()).toEqual(right);
  expect(digests()).toEqual(right);
});
