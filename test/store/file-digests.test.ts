import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, type Stats, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { digestOf } from "#record";
import { openStore, type Store } from "#store";

let folder: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reprise-files-"));
  store = openStore(join(folder, ".reprise"), { create: true });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
const digested = (path: string): unknown => store.files.digestFiles([path]).get(path);

test("what cannot be digested is unknown, with the reason; the rest is not held up", () => {
  const good = file("good", "good");
  mkdirSync(join(folder, "folder"));
  symlinkSync(good, join(folder, "link"));
  symlinkSync("circle", join(folder, "circle"));
  execFileSync("mkfifo", [join(folder, "pipe")]);
  const paths = ["good", "folder", "link", "circle", "pipe", "nowhere", "good/below"].map((name) => join(folder, name));
  const known = { digest: digestOf("good"), bytes: 4, ctimeMs: statSync(good).ctimeMs };
  expect([...store.files.digestFiles([...paths, good]).values()]).toEqual([
    known,
    { unknown: "it is not a regular file" },
    known,
    { unknown: "its links go round in a circle" },
    { unknown: "it is not a regular file" },
    { unknown: "it does not exist" },
    { unknown: "it does not exist" },
  ]);
});

test("a file that looks the same is not read again; one that was touched is", async () => {
  const path = file("data", "one");
  await pause(40);
  expect(store.files.cachedDigest(path, statSync(path))).toBeNull();
  expect(digested(path)).toMatchObject({ digest: digestOf("one"), bytes: 3 });
  expect(store.files.cachedDigest(path, statSync(path))).toBe(digestOf("one"));
  // Same length, same mtime: only the inode's change time tells.
  const { atime, mtime } = statSync(path);
  writeFileSync(path, "two");
  utimesSync(path, atime, mtime);
  expect(digested(path)).toMatchObject({ digest: digestOf("two"), bytes: 3 });
  rmSync(path);
  expect(digested(path)).toEqual({ unknown: "it does not exist" });
});

test("a remembered digest outlives the process's store", async () => {
  const paths = Array.from({ length: 30 }, (_, index) => file(`many-${index}`, `content ${index}`));
  await pause(40);
  const first = store.files.digestFiles(paths);
  store.close();
  store = openStore(join(folder, ".reprise"), { create: false, readonly: true });
  for (const [index, path] of paths.entries()) {
    expect(store.files.cachedDigest(path, statSync(path))).toBe(digestOf(`content ${index}`));
  }
  expect(store.files.digestFiles(paths)).toEqual(first);
});

test("writes in the same tick of the clock as the reading are never missed", () => {
  const path = join(folder, "racy");
  for (let round = 0; round < 300; round++) {
    const content = String(round % 10);
    writeFileSync(path, content);
    expect(digested(path)).toMatchObject({ digest: digestOf(content), bytes: 1 });
  }
});

test("a file just changed is not remembered, nor one with times to the whole second for two seconds", () => {
  const fresh = file("fresh", "x");
  const stat = statSync(fresh);
  const changed = Math.max(stat.mtimeMs, stat.ctimeMs);
  store.files.rememberDigest(fresh, stat, digestOf("x"), changed + 15);
  expect(store.files.cachedDigest(fresh, statSync(fresh))).toBeNull();
  store.files.rememberDigest(fresh, stat, digestOf("x"), changed + 25);
  expect(store.files.cachedDigest(fresh, statSync(fresh))).toBe(digestOf("x"));
  const coarse: Stats = Object.assign(statSync(fresh), { size: 2, mtimeMs: 5000, ctimeMs: 6000 });
  store.files.rememberDigest(fresh, coarse, digestOf("y"), 7900);
  expect(store.files.cachedDigest(fresh, coarse)).toBeNull();
  store.files.rememberDigest(fresh, coarse, digestOf("y"), 8100);
  expect(store.files.cachedDigest(fresh, coarse)).toBe(digestOf("y"));
  // From the future: the clock was set back, nothing can be said.
  const future: Stats = Object.assign(statSync(fresh), { mtimeMs: Date.now() + 3_600_000.5 });
  store.files.rememberDigest(fresh, future, digestOf("z"));
  expect(store.files.cachedDigest(fresh, future)).toBeNull();
});

test("keeping files stores those within the limit that are wanted, once", async () => {
  const names = Array.from({ length: 40 }, (_, index) => `f${index}`);
  const paths = names.map((name) => file(name, `content of ${name}`));
  const large = file("large", "l".repeat(1000));
  const refused = file("refused", "not this one");
  await pause(40);
  const keep = (path: string): boolean => path !== refused;
  for (let round = 0; round < 2; round++) {
    const kept = store.files.keepFiles([...paths, large, refused, join(folder, "nowhere")], { limitBytes: 500, keep });
    for (const [index, path] of paths.entries()) {
      const digest = digestOf(`content of ${names[index]}`);
      expect(kept.get(path)).toEqual({ digest, bytes: `content of ${names[index]}`.length, stored: true });
      expect(Buffer.from(store.objects.read(digest)).toString()).toBe(`content of ${names[index]}`);
    }
    expect(kept.get(large)).toEqual({ digest: digestOf("l".repeat(1000)), bytes: 1000, stored: false });
    expect(kept.get(refused)).toMatchObject({ stored: false });
    expect(kept.get(join(folder, "nowhere"))).toEqual({ unknown: "it does not exist" });
    expect([...store.objects.digests()]).toHaveLength(40);
  }
});

test("files above a size can be left out, and a folder that grows is still told right", () => {
  const [small, large] = [file("small", "s"), file("large", "l".repeat(100))];
  expect([...store.files.digestFiles([small, large], { mostBytes: 10 }).keys()]).toEqual([small]);
  const many = Array.from({ length: 40 }, (_, index) => file(`many-${index}`, `content ${index}`));
  for (let at = 0; at < many.length; at += 10) store.files.digestFiles(many.slice(at, at + 10));
  writeFileSync(many[3] ?? "", "another");
  const found = store.files.digestFiles(many);
  for (const [index, path] of many.entries()) {
    const content = index === 3 ? "another" : `content ${index}`;
    expect(found.get(path)).toMatchObject({ digest: digestOf(content), bytes: content.length });
  }
});
