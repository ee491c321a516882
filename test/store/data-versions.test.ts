import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Digest } from "#record";
import { type DataEntry, type DataVersion, type ObjectBatch, openStore, repairStore, type Store } from "#store";
import { filesBelow } from "./damage.ts";
import { code } from "./error-code.ts";

let folder: string;
let root: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reprise-data-"));
  root = join(folder, ".reprise");
  store = openStore(root, { create: true });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const reopen = (): void => {
  store.close();
  store = openStore(root, { create: false });
};
function age(): void {
  const past = Date.now() / 1000 - 7200;
  for (const path of filesBelow(join(root, "objects"))) utimesSync(path, past, past);
  reopen();
}
const entry = (path: string, content: string, keeper: Pick<ObjectBatch, "put"> = store.objects): DataEntry => ({
  path,
  kind: "file",
  mode: "644",
  bytes: Buffer.byteLength(content),
  digest: keeper.put(content),
});
function add(name: string, files: Readonly<Record<string, string>>): { version: DataVersion; isNew: boolean } {
  return store.data.adding(() => {
    const writer = store.data.write("folder");
    const batch = store.objects.batch();
    for (const path of Object.keys(files).sort()) writer.add(entry(path, files[path] ?? "", batch));
    batch.flush();
    return store.data.keep({ name, manifest: writer.finish().digest, source: "/data" });
  });
}
const many = (count: number, salt = ""): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`f/${String(index).padStart(6, "0")}`, `${index}${salt}`]),
  );
const objectsOf = (manifest: Digest): Digest[] =>
  [...store.data.entries(manifest)].flatMap(({ digest }) => (digest === null ? [] : [digest]));

test("versions are numbered, found by name, number and how far back, and the same content is the same version", () => {
  expect(add("iris", { "a.csv": "1" })).toMatchObject({
    isNew: true,
    version: { name: "iris", version: 1, entries: 1, bytes: 1 },
  });
  expect(add("iris", { "a.csv": "1" })).toMatchObject({ isNew: false, version: { version: 1 } });
  add("iris", { "a.csv": "1", "b.csv": "22" });
  expect(store.data.find("iris")).toMatchObject({ version: 2, entries: 2, bytes: 3, kind: "folder", source: "/data" });
  expect(store.data.find("iris@1").version).toBe(1);
  expect(store.data.find("iris@~1").version).toBe(1);
  expect(() => store.data.find("iris@9")).toThrow(code("DATA_UNKNOWN"));
  expect(() => store.data.find("irish")).toThrow(code("DATA_UNKNOWN"));
  expect([...store.data.entries(store.data.find("iris").manifest)]).toMatchObject([
    { path: "a.csv" },
    { path: "b.csv" },
  ]);
  expect(store.data.list().map(({ version }) => version)).toEqual([1, 2]);
});

test("a number is never given twice, and a version is never changed", () => {
  add("iris", { a: "1" });
  add("iris", { a: "2" });
  store.data.remove({ name: "iris", version: 2 });
  expect(add("iris", { a: "3" }).version.version).toBe(3);
  const database = new DatabaseSync(join(root, "meta.db"));
  expect(() => database.exec("UPDATE data_versions SET entries = 9")).toThrow(/never changed/);
  database.close();
});

test("every kind of entry comes back as it went in", () => {
  const entries: DataEntry[] = [
    { path: " odd\nname\t\"'\u{1F600}", kind: "file", mode: "755", bytes: 1, digest: store.objects.put("x") },
    { path: "empty", kind: "folder", mode: "755", bytes: 0, digest: null },
    { path: "link", kind: "link", mode: "755", bytes: 0, digest: null, to: " odd" },
    { path: "raw-\uFFFD", raw: "cmF3Lf8=", kind: "file", mode: "600", bytes: 1, digest: store.objects.put("x") },
  ];
  const writer = store.data.write("folder");
  for (const one of entries) writer.add(one);
  expect([...store.data.entries(writer.finish().digest)]).toEqual(entries);
});

test("two versions of many files share all parts but those that differ", () => {
  const files = many(20_000);
  add("big", files);
  const before = [...store.objects.digests()].length;
  files["f/010000"] = "changed";
  const { version } = add("big", files);
  // The file, the part that names it, the head.
  expect([...store.objects.digests()].length - before).toBe(3);
  expect(objectsOf(version.manifest)).toHaveLength(20_000);
});

test("gc keeps what a version needs, and takes it when the version is gone", () => {
  const { version } = add("set", many(300));
  age();
  expect(store.collectGarbage().objects).toBe(0);
  expect(store.objects.missing(objectsOf(version.manifest))).toEqual([]);
  store.data.remove(version);
  expect(store.collectGarbage().objects).toBe(302);
});

test("gc takes nothing that is being added, however long that takes", () => {
  store.data.adding(() => {
    const writer = store.data.write("folder");
    writer.add(entry("a", "added long ago"));
    for (const path of filesBelow(join(root, "objects"))) {
      const now = Date.now() / 1000;
      utimesSync(path, now, now);
    }
    expect(store.collectGarbage({ minimumAgeMs: 0 }).objects).toBe(0);
    store.data.keep({ name: "slow", manifest: writer.finish().digest, source: "/data" });
  });
  expect(store.collectGarbage({ minimumAgeMs: 0 }).objects).toBe(0);
  expect(store.fsck().findings).toEqual([]);
});

test("fsck names the version that a missing file hurts, and gc then takes nothing", () => {
  const { version } = add("set", { a: "alone in a file" });
  const [digest] = objectsOf(version.manifest);
  rmSync(join(root, "objects", String(digest).slice(7, 9), String(digest).slice(9)));
  expect(store.fsck().findings).toMatchObject([{ code: "STORE_MISSING_OBJECT", digest, runs: [], data: ["set@1"] }]);
  rmSync(join(root, "objects", version.manifest.slice(7, 9), version.manifest.slice(9)));
  expect(store.fsck().findings).toMatchObject([{ code: "STORE_MISSING_OBJECT", runs: [], data: ["set@1"] }]);
  store.objects.put("garbage");
  age();
  expect(() => store.collectGarbage()).toThrow(code("STORE_MISSING_OBJECT"));
});

test("a flipped bit in the row of a version is found, and nothing is handed out by it", () => {
  add("set", { a: "1" });
  store.close();
  const database = new DatabaseSync(join(root, "meta.db"));
  database.exec("DROP TRIGGER data_versions_frozen; UPDATE data_versions SET bytes = 5");
  database.close();
  store = openStore(root, { create: false });
  expect(() => store.data.find("set")).toThrow(code("DATA_INVALID"));
  expect(store.fsck().findings).toMatchObject([{ code: "DATA_INVALID", data: ["set@1"] }]);
});

test.each(["gone", "overwritten"])(
  "with the database %s every version comes back by repair, and gc then frees none of its files",
  async (how) => {
    add("set", many(40));
    add("set", { a: "removed again" });
    add("set", { a: "the third" });
    add("other", { b: "2" });
    store.data.remove({ name: "set", version: 2 });
    const before = store.data.list();
    store.close();
    for (const ending of ["", "-wal", "-shm"]) rmSync(join(root, `meta.db${ending}`), { force: true });
    if (how === "overwritten") writeFileSync(join(root, "meta.db"), Buffer.alloc(8192, "no database"));
    await repairStore(root);
    store = openStore(root, { create: false });
    expect(store.data.list()).toEqual(before);
    expect(add("set", { a: "the fourth" }).version.version).toBe(4);
    age();
    const files = store.data.list().flatMap(({ manifest }) => objectsOf(manifest));
    store.collectGarbage();
    expect(store.objects.missing(files)).toEqual([]);
    expect(store.fsck().findings).toEqual([]);
  },
);
