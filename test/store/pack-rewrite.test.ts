import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Digest } from "#record";
import { openStore, type Store } from "#store";
import { PackWriter } from "../../src/store/objects/pack-writer.ts";
import { filesBelow } from "./damage.ts";
import { recordNaming } from "./sample-record.ts";

let folder: string;
let root: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reprise-rewrite-"));
  root = join(folder, ".reprise");
  store = openStore(root, { create: true });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const textOf = (index: number): string => `object ${index}: ${"x".repeat(3000)}`;

/** A pack of a hundred objects, so many of which a run names; it looks two hours old. */
function packOf(named: number): { kept: Digest[]; surplus: Digest[] } {
  const batch = store.objects.batch();
  const digests = Array.from({ length: 100 }, (_, index) => batch.put(textOf(index)));
  batch.flush();
  store.runs.commit(recordNaming("a-run", digests.slice(0, named)));
  age();
  return { kept: digests.slice(0, named), surplus: digests.slice(named) };
}

function age(): void {
  const past = Date.now() / 1000 - 7200;
  for (const path of filesBelow(join(root, "objects"))) utimesSync(path, past, past);
}

const packs = (): string[] => readdirSync(join(root, "objects/packs"));
const bytesOfPacks = (): number =>
  packs().reduce((sum, name) => sum + statSync(join(root, "objects/packs", name)).size, 0);

/** Does something at the moment when what is needed is durable in its new pack and the old one is still there. */
function between(work: () => void): void {
  const value: unknown = Object.getOwnPropertyDescriptor(PackWriter.prototype, "finish")?.value;
  const finish = value as (this: PackWriter) => void;
  vi.spyOn(PackWriter.prototype, "finish").mockImplementation(function (this: PackWriter) {
    finish.call(this);
    work();
  });
}

test("a pack that is mostly surplus is written anew without it; one that is not stays as it is", () => {
  const { kept, surplus } = packOf(30);
  const before = bytesOfPacks();
  expect(store.collectGarbage({ dryRun: true })).toMatchObject({ objects: 70 });
  expect(bytesOfPacks()).toBe(before);
  const { objects, bytes } = store.collectGarbage();
  expect(objects).toBe(70);
  expect(bytes).toBeGreaterThan(70 * 3000);
  expect(bytesOfPacks()).toBeLessThan(before * 0.31);
  for (const [index, digest] of kept.entries())
    expect(Buffer.from(store.objects.read(digest)).toString()).toBe(textOf(index));
  expect(store.objects.missing(surplus)).toEqual(surplus);
  expect(store.fsck().findings).toEqual([]);
  age();
  expect(store.collectGarbage()).toEqual({ objects: 0, bytes: 0, folders: 0 });
});

test("half of it needed: it is not worth it", () => {
  packOf(51);
  const before = packs();
  expect(store.collectGarbage().objects).toBe(0);
  expect(packs()).toEqual(before);
});

test("a few bytes of surplus are not worth a file", () => {
  const batch = store.objects.batch();
  const digests = Array.from({ length: 1000 }, (_, index) => batch.put(`small ${index}`));
  batch.flush();
  store.runs.commit(recordNaming("a-run", digests.slice(0, 10)));
  age();
  expect(store.collectGarbage().objects).toBe(0);
});

test("a young pack stays, and one that a run in progress may need", () => {
  packOf(30);
  const begun = new Date(Date.now() - 3 * 3_600_000).toISOString();
  store.runs.begin("in-progress", { name: null, startedAt: begun, argv: [], replayOf: null });
  expect(store.collectGarbage().objects).toBe(0);
  store.runs.commit(recordNaming("in-progress", []));
  for (const name of packs()) utimesSync(join(root, "objects/packs", name), new Date(), new Date());
  expect(store.collectGarbage().objects).toBe(0);
  age();
  expect(store.collectGarbage().objects).toBe(70);
});

test("what is named, or asked for, while it is written anew is not lost", () => {
  const { kept, surplus } = packOf(30);
  const other = openStore(root, { create: false });
  const [named, retained] = surplus as [Digest, Digest];
  between(() => other.runs.commit(recordNaming("another", [named])));
  expect(store.collectGarbage().objects).toBe(0);
  age();
  vi.restoreAllMocks();
  between(() => expect(other.objects.retain(retained)).toBe(true));
  expect(store.collectGarbage().objects).toBe(0);
  expect(other.objects.missing([...kept, named, retained])).toEqual([]);
  vi.restoreAllMocks();
  age();
  expect(store.collectGarbage().objects).toBe(69);
  expect(Buffer.from(other.objects.read(named)).toString()).toBe(textOf(30));
  expect(store.fsck().findings).toEqual([]);
  other.close();
});

test("who has just looked finds what was moved: reading, opening, restoring, marking", () => {
  const { kept } = packOf(30);
  const readers = Array.from({ length: 4 }, () => openStore(root, { create: false }));
  // No time passes for those who have looked: they trust what they saw.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  for (const reader of readers) expect(reader.objects.has(kept[0] as Digest)).toBe(true);
  expect(store.collectGarbage().objects).toBe(70);
  const [one, two, three, four] = kept as [Digest, Digest, Digest, Digest];
  expect(Buffer.from(readers[0]?.objects.read(one) ?? []).toString()).toBe(textOf(0));
  const opened = readers[1]?.objects.open(two);
  expect(opened?.intact()).toBe(true);
  opened?.close();
  readers[2]?.objects.readTo(three, join(folder, "restored"));
  expect(readFileSync(join(folder, "restored"), "utf8")).toBe(textOf(2));
  expect(readers[3]?.objects.retain(four)).toBe(true);
  for (const reader of readers) reader.close();
});

test("a pack that gc takes away after it was listed is not damaged", () => {
  const { kept } = packOf(100);
  // Listed, and not there.
  symlinkSync("nowhere", join(root, "objects/packs", `${"ab".repeat(32)}.pack`));
  const other = openStore(root, { create: false });
  expect(other.fsck().findings).toEqual([]);
  expect(other.objects.missing(kept)).toEqual([]);
  other.close();
});

test("a pack with damage stays for repair to look at", () => {
  packOf(30);
  const [name = ""] = packs();
  const path = join(root, "objects/packs", name);
  const bytes = readFileSync(path);
  // In the first object, which is needed.
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  age();
  expect(store.collectGarbage().objects).toBe(0);
  expect(packs()).toEqual([name]);
  expect(filesBelow(join(root, "tmp"))).toEqual([]);
});

test("versions of data: what forgotten ones alone needed goes, also from the packs that they share", () => {
  const file = join(folder, "rows");
  const row = (index: number): string => `${index},${Math.sin(index)},${Math.cos(index)}\n`;
  const lines = Array.from({ length: 120_000 }, (_, index) => row(index));
  const keep = (): Digest => {
    writeFileSync(file, lines.join(""));
    return store.data.adding(() => {
      const [batch, writer] = [store.objects.batch(), store.data.write("file")];
      const { digest, bytes } = batch.putFile(file, { pieces: true });
      batch.flush();
      writer.add({ path: "", kind: "file", mode: "644", bytes, digest });
      store.data.keep({ name: "rows", manifest: writer.finish().digest, source: file });
      return digest;
    });
  };
  keep();
  for (let index = 0; index < 80_000; index++) lines[index] = `new ${row(index)}`;
  const last = keep();
  age();
  const before = bytesOfPacks();
  store.data.remove(store.data.find("rows@1"));
  expect(store.collectGarbage().bytes).toBeGreaterThan(before * 0.25);
  expect(Buffer.from(store.objects.read(last)).toString()).toBe(lines.join(""));
  expect(store.fsck().findings).toEqual([]);
  expect(bytesOfPacks()).toBeLessThan(lines.join("").length * 1.1);
});
