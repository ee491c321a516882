import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Digest, digestOf } from "#record";
import { openStore, type Store } from "#store";
import { filesBelow } from "./damage.ts";
import { recordNaming } from "./sample-record.ts";

let folder: string;
let root: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reprise-garbage-"));
  root = join(folder, ".reprise");
  store = openStore(root, { create: true });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Lets everything in the store look as old as two hours. */
function age(): void {
  const past = Date.now() / 1000 - 7200;
  for (const path of filesBelow(join(root, "objects"))) utimesSync(path, past, past);
  for (const part of ["tmp", "runs"]) {
    for (const name of readdirSync(join(root, part))) utimesSync(join(root, part, name), past, past);
  }
}
function pack(prefix: string): Digest[] {
  const batch = store.objects.batch();
  const digests = Array.from({ length: 20 }, (_, index) => batch.put(`${prefix} ${index}`));
  batch.flush();
  return digests;
}
const there = (): Digest[] => [...store.objects.digests()].sort();

test("only what is old and what nobody mentions goes", () => {
  const named = store.objects.put("named");
  const mentioned = store.objects.put("mentioned in a fact");
  const garbage = store.objects.put("garbage");
  const kept = pack("kept");
  const lost = pack("lost");
  store.runs.commit(recordNaming("a-run", [named, kept[3] ?? named]));
  store.runs.addFact("a-run", "verdict", { shown: [mentioned] });
  expect(store.collectGarbage()).toEqual({ objects: 0, bytes: 0, folders: 0 });
  age();
  const young = store.objects.put("young");
  expect(store.collectGarbage()).toMatchObject({ objects: 1 + lost.length, folders: 0 });
  expect(there()).toEqual([named, mentioned, young, ...kept].sort());
  expect(store.objects.has(garbage)).toBe(false);
  expect(store.objects.has(lost[0] ?? named)).toBe(false);
  expect(store.fsck().findings).toEqual([]);
});

test("what is put again or retained counts as new", () => {
  const one = store.objects.put("put again");
  const two = store.objects.put("retained");
  const packed = pack("packed");
  age();
  store.close();
  store = openStore(root, { create: false });
  store.objects.put("put again");
  expect(store.objects.retain(two)).toBe(true);
  expect(store.objects.retain(packed[0] ?? one)).toBe(true);
  expect(store.collectGarbage().objects).toBe(0);
  expect(there()).toEqual([one, two, ...packed].sort());
});

test("while a run is in progress nothing goes that it may have put; a broken one holds nothing up", () => {
  const begin = { name: null, startedAt: new Date(Date.now() - 3 * 3_600_000).toISOString(), argv: [], replayOf: null };
  store.runs.begin("in-progress", begin);
  store.objects.put("of the run");
  age();
  expect(store.collectGarbage().objects).toBe(0);
  store.runs.commit(recordNaming("in-progress", []));
  store.runs.begin("broken", { ...begin, pid: 2 ** 22 + 1 });
  age();
  expect(store.collectGarbage().objects).toBe(1);
  expect(readdirSync(join(root, "runs"))).toEqual(["broken"]);
});

test("a removed run's objects go, except those that another names; left folders go too", () => {
  const shared = store.objects.put("shared");
  const own = store.objects.put("own");
  store.runs.commit(recordNaming("first-run", [shared, own]));
  store.runs.commit(recordNaming("second-run", [shared]));
  store.runs.remove("first-run");
  mkdirSync(join(root, "runs", "left-behind"));
  age();
  expect(store.collectGarbage()).toMatchObject({ objects: 1, bytes: 3, folders: 2 });
  expect(there()).toEqual([shared]);
  expect(store.objects.has(digestOf("own"))).toBe(false);
  expect(store.objects.put("own")).toBe(own);
});
