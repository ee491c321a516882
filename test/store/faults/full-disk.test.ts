import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { digestOf } from "#record";
import { openStore } from "#store";
import { filesBelow } from "../damage.ts";
import { code } from "../error-code.ts";
import { type Mounted, mountTmpfs } from "../mount.ts";
import { recordNaming, sampleRecord } from "../sample-record.ts";

let folder: string;
let mounted: Mounted | null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reprise-full-"));
  mounted = mountTmpfs(folder, "size=4m");
});
afterEach(() => {
  mounted?.unmount();
  rmSync(folder, { recursive: true, force: true });
});

/** Leaves so many bytes free. */
function fill(path: string, free: number): void {
  const ballast = join(path, "ballast");
  const chunks = Buffer.alloc(4096, "b");
  let bytes = 0;
  try {
    for (;;) {
      writeFileSync(ballast, chunks, { flag: "a" });
      bytes += chunks.length;
    }
  } catch {
    rmSync(ballast);
    writeFileSync(ballast, Buffer.alloc(Math.max(0, bytes - free), "b"));
  }
}

test("a full disk is an error; what was kept before is whole, and it goes on when there is room", ({ skip }) => {
  if (mounted === null) return skip("needs the right to mount a tmpfs");
  const root = join(mounted.path, ".reprise");
  const store = openStore(root, { create: true });
  const kept = store.objects.put("kept before");
  store.runs.commit(recordNaming("before", [kept]));
  fill(mounted.path, 64 << 10);
  const objects = [...store.objects.digests()];

  const large = Buffer.alloc(1 << 20, "l");
  expect(() => store.objects.put(large)).toThrow(code("STORE_FULL"));
  const writer = store.objects.writer();
  expect(() => writer.write(large)).toThrow(code("STORE_FULL"));
  writer.abort();
  const source = join(folder, "source");
  writeFileSync(source, large);
  expect(() => store.objects.putFile(source)).toThrow(code("STORE_FULL"));
  expect(() => store.objects.putFile(source, { move: true })).toThrow(code("STORE_FULL"));
  expect(filesBelow(folder).includes(source)).toBe(true);
  const batch = store.objects.batch();
  expect(() => {
    for (let index = 0; index < 100; index++) batch.put(`${index} ${"s".repeat(60_000)}`);
    batch.flush();
  }).toThrow(code("STORE_FULL"));
  batch.abort();
  const many = sampleRecord("too-large", {
    warnings: Array.from({ length: 4000 }, () => ({ code: "X", message: "m".repeat(100) })),
  });
  expect(() => store.runs.commit(many)).toThrow(code("STORE_FULL"));

  expect([...store.objects.digests()]).toEqual(objects);
  expect(store.objects.has(digestOf(large))).toBe(false);
  expect(store.runs.list()).toHaveLength(1);
  expect(store.fsck()).toMatchObject({ runs: 1, findings: [] });
  expect(readdirSync(join(root, "tmp")).flatMap((name) => readdirSync(join(root, "tmp", name)))).toEqual([]);

  rmSync(join(mounted.path, "ballast"));
  store.runs.commit(many);
  expect(store.runs.get("too-large")).toEqual(many);
  store.close();
});

test("no room for a new store: said, and the next attempt can finish it", ({ skip }) => {
  if (mounted === null) return skip("needs the right to mount a tmpfs");
  const root = join(mounted.path, ".reprise");
  for (const free of [0, 4096, 8192, 16384, 40960]) {
    rmSync(join(mounted.path, "ballast"), { force: true });
    fill(mounted.path, free);
    expect(() => openStore(root, { create: true }), `${free} bytes free`).toThrow(code("STORE_FULL"));
  }
  rmSync(join(mounted.path, "ballast"));
  const store = openStore(root, { create: true });
  store.runs.commit(sampleRecord("a-run"));
  expect(store.fsck().findings).toEqual([]);
  store.close();
});
