import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
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

test("a clock that was set, and one of another machine, take nothing from a run in progress", () => {
  const hours = (count: number): string => new Date(Date.now() + count * 3_600_000).toISOString();
  const begin = (id: string, startedAt: string): void => {
    store.runs.begin(id, { name: null, startedAt, argv: [], replayOf: null });
    // By the clock of the file system it began three hours ago.
    const past = Date.now() / 1000 - 3 * 3600;
    utimesSync(join(root, "runs", id, "begin.json"), past, past);
  };
  // Begun while the clock was days ahead; what it put two hours ago is older than any clock says.
  begin("ahead", hours(50));
  const own = store.objects.put("of the run");
  age();
  expect(store.collectGarbage().objects).toBe(0);
  store.runs.commit(recordNaming("ahead", [own]));
  begin("behind", hours(-2000));
  store.objects.put("of the other");
  age();
  expect(store.collectGarbage().objects).toBe(0);
  // Times in the future are not old.
  store.runs.commit(recordNaming("behind", []));
  const ahead = Date.now() / 1000 + 7200;
  for (const path of filesBelow(join(root, "objects"))) utimesSync(path, ahead, ahead);
  expect(store.collectGarbage().objects).toBe(0);
  expect(there()).toHaveLength(2);
});

test("a run of another machine keeps what it may need until it is removed", () => {
  const startedAt = new Date(Date.now() - 3 * 3_600_000).toISOString();
  store.runs.begin("elsewhere", { name: null, startedAt, argv: [], replayOf: null });
  const database = new DatabaseSync(join(root, "meta.db"));
  // As begin() would have written it there.
  database.exec(
    `UPDATE open_runs SET digest = NULL, process = json_set(process, '$.host', 'other', '$.boot', 'another')`,
  );
  database.close();
  expect(store.runs.unfinished()).toMatchObject([{ id: "elsewhere", state: "elsewhere" }]);
  store.objects.put("of that run");
  age();
  expect(store.collectGarbage().objects).toBe(0);
  store.runs.remove("elsewhere");
  expect(store.collectGarbage().objects).toBe(1);
});

test("--dry-run says what would go, and takes nothing", () => {
  store.objects.put("garbage");
  pack("lost");
  mkdirSync(join(root, "runs", "left-behind"));
  age();
  const told = store.collectGarbage({ dryRun: true });
  expect(told).toMatchObject({ objects: 21, folders: 2 });
  expect(there()).toHaveLength(21);
  expect(store.collectGarbage()).toEqual(told);
  expect(there()).toHaveLength(0);
});

test("nothing goes while it cannot be told what is needed", () => {
  store.runs.commit(recordNaming("a-run", [store.objects.put("needed")]));
  store.runs.addFact("a-run", "note", { shown: store.objects.put("mentioned") });
  store.objects.put("garbage");
  age();
  for (const damage of [
    "DROP TRIGGER records_frozen; UPDATE records SET json = replace(json, 'sha256:', 'sha257:')",
    "DROP TRIGGER facts_frozen; UPDATE facts SET json = replace(json, 'sha256:', 'sha257:')",
    "DELETE FROM runs",
  ]) {
    const database = new DatabaseSync(join(root, "meta.db"));
    database.exec(`PRAGMA foreign_keys = ON; BEGIN; ${damage}; COMMIT`);
    database.close();
    expect(() => store.collectGarbage()).toThrow(/damaged/);
    expect(there()).toHaveLength(3);
  }
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
