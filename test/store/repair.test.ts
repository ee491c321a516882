import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Digest, digestHex, digestOf } from "#record";
import { fsckStore, openStore, type RepairReport, repairStore, type Store, storeSource } from "#store";
import { filesBelow, flipBit } from "./damage.ts";
import { code } from "./error-code.ts";
import { recordNaming } from "./sample-record.ts";

let folder: string;
let root: string;
let loose: Digest;
let large: Digest;
let packed: Digest[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reprise-repair-"));
  root = join(folder, ".reprise");
  use((store) => {
    loose = store.objects.put("some words");
    large = store.objects.put(Buffer.alloc(100_000, "l"));
    const batch = store.objects.batch();
    packed = Array.from({ length: 20 }, (_, index) => batch.put(`packed ${index}`));
    batch.flush();
    store.runs.commit(recordNaming("first-run", [loose, large], { name: "one" }));
    store.runs.commit(recordNaming("second-run", [loose, ...packed], { startedAt: "2026-02-02T03:04:05.678Z" }));
    store.runs.commit(recordNaming("removed-run", [loose]));
    store.runs.remove("removed-run");
    store.runs.addFact("first-run", "verdict", { word: "reproduced", shown: [1.5, null] });
    store.runs.addFact("second-run", "note", "n");
    store.runs.addFact("first-run", "note", "m");
    const begin = { name: "open", startedAt: "2026-03-02T03:04:05.678Z", argv: ["a b", "c"], replayOf: null };
    store.runs.begin("broken-run", { ...begin, pid: 2 ** 22 + 1 });
  });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function use<T>(work: (store: Store) => T): T {
  const store = openStore(root, { create: true });
  try {
    return work(store);
  } finally {
    store.close();
  }
}

/** Everything that the store says of its runs. */
const told = (): unknown =>
  use(({ runs }) => ({
    list: runs.list(),
    records: runs.list().map(({ id }) => runs.get(id)),
    facts: runs.list().map(({ id }) => runs.facts(id)),
    last: runs.find("@last").id,
    unfinished: runs.unfinished(),
  }));

const looseFile = (digest: Digest): string =>
  join(root, "objects", digestHex(digest).slice(0, 2), digestHex(digest).slice(2));
const packFile = (): string => filesBelow(join(root, "objects/packs"))[0] ?? "";

async function whole(report: Promise<RepairReport>): Promise<RepairReport> {
  const made = await report;
  expect(made.left).toEqual([]);
  expect(fsckStore(root).findings).toEqual([]);
  return made;
}

test("a whole store is left as it is", async () => {
  const before = told();
  expect(await whole(repairStore(root))).toMatchObject({
    database: null,
    key: "whole",
    restored: [],
    quarantine: null,
    runs: 2,
  });
  expect(told()).toEqual(before);
});

test.each([
  ["gone", () => rmSync(join(root, "meta.db"))],
  ["empty", () => truncateSync(join(root, "meta.db"))],
  ["overwritten", () => writeFileSync(join(root, "meta.db"), "no database, but quite a long text".repeat(500))],
  ["cut in half", () => truncateSync(join(root, "meta.db"), Math.floor(statSync(join(root, "meta.db")).size / 2))],
])("a database that is %s loses nothing: runs, facts and what is unfinished come back", async (_, damage) => {
  const before = told();
  damage();
  expect(() => use(() => {})).toThrow(code("STORE_CORRUPT_DATABASE"));
  expect(fsckStore(root).findings.length).toBeGreaterThan(0);
  const { database, quarantine } = await whole(repairStore(root));
  expect(database).toEqual({ runs: 2, facts: 3, lost: [] });
  expect(told()).toEqual(before);
  expect(quarantine === null).toBe(_ === "gone");
  // A removed run stays removed, and what comes after has its place.
  use(({ runs }) => {
    expect(() => runs.get("removed-run")).toThrow(code("RUN_UNKNOWN"));
    expect(runs.addFact("second-run", "note", "later").seq).toBeGreaterThan(3);
  });
});

test("acknowledged runs that a damaged log of SQLite dropped in silence are found, and come back", async () => {
  const open = openStore(root, { create: false });
  open.runs.commit(recordNaming("late-run", [loose], { startedAt: "2026-05-02T03:04:05.678Z" }));
  open.runs.addFact("first-run", "note", "late");
  // As after kill -9: the log is not written back.
  cpSync(root, join(folder, "killed"), { recursive: true });
  open.close();
  root = join(folder, "killed");
  const log = join(root, "meta.db-wal");
  expect(statSync(log).size).toBeGreaterThan(0);
  flipBit(log, 40);
  const codes = fsckStore(root).findings.map(({ runs, code: found }) => [found, ...runs]);
  expect(codes).toContainEqual(["STORE_CORRUPT_DATABASE", "late-run"]);
  use((store) => expect(() => store.collectGarbage({ minimumAgeMs: -1 })).toThrow(code("STORE_CORRUPT_DATABASE")));
  await whole(repairStore(root));
  use(({ runs }) => {
    expect(runs.get("late-run").id).toBe("late-run");
    expect(runs.facts("first-run").at(-1)?.value).toBe("late");
  });
});

test("a flipped bit in a small object is turned back; the damaged one is kept aside", async () => {
  for (const path of [looseFile(loose), packFile()]) {
    const original = readFileSync(path);
    flipBit(path, path === packFile() ? 20 : 3, 5);
    const damaged = readFileSync(path);
    expect(fsckStore(root).findings).toMatchObject([{ code: "STORE_CORRUPT_OBJECT" }]);
    const { restored, quarantine } = await whole(repairStore(root));
    expect(restored).toMatchObject([{ from: "its own bytes" }]);
    expect(filesBelow(quarantine?.folder ?? "").map((name) => readFileSync(name))).toEqual([damaged]);
    expect(original.equals(damaged)).toBe(false);
  }
  use(({ objects }) => {
    expect(Buffer.from(objects.read(loose)).toString()).toBe("some words");
    for (const [index, digest] of packed.entries())
      expect(Buffer.from(objects.read(digest)).toString()).toBe(`packed ${index}`);
  });
});

test("a flipped bit anywhere in a pack hurts nobody after a repair", async () => {
  const { size } = statSync(packFile());
  const copy = join(folder, "copy");
  cpSync(root, copy, { recursive: true });
  for (let at = 15; at < size; at += 37) {
    flipBit(packFile(), at, at % 8);
    await whole(repairStore(root));
    rmSync(root, { recursive: true });
    cpSync(copy, root, { recursive: true });
  }
});

test("a good copy comes from another store, or from where a run wrote it; one that is nowhere is named", async () => {
  const other = join(folder, "other");
  cpSync(root, other, { recursive: true });
  writeFileSync(looseFile(large), "x".repeat(100_000));
  const alone = await repairStore(root);
  expect(alone.left).toMatchObject([{ code: "STORE_MISSING_OBJECT", digest: large, runs: ["first-run"] }]);
  expect((await whole(repairStore(root, { sources: [storeSource(other)] }))).restored).toEqual([
    { digest: large, from: other },
  ]);

  const project = join(folder, "project");
  mkdirSync(join(project, "out"), { recursive: true });
  const at = { argv: ["t"], executable: "t", cwd: project, project, workdir: "" };
  const kept = use((store) => {
    const digest = store.objects.put(Buffer.alloc(50_000, "m"));
    const record = recordNaming("third-run", [loose, digest], { command: at });
    // recordNaming says one byte of each: here it is told truly.
    store.runs.commit({
      ...record,
      outputs: [record.outputs].flat().map((file) => ({ ...file, bytes: 50_000 })) as never,
    });
    return digest;
  });
  writeFileSync(join(project, "out/0"), Buffer.alloc(50_000, "n"));
  rmSync(looseFile(kept));
  expect((await repairStore(root)).left).toMatchObject([{ digest: kept, runs: ["third-run"] }]);
  writeFileSync(join(project, "out/0"), Buffer.alloc(50_000, "m"));
  expect((await whole(repairStore(root))).restored).toMatchObject([{ digest: kept }]);
});

test("a source that hands out something else is not believed", async () => {
  rmSync(looseFile(large));
  const liar = {
    name: "liar",
    fetch: (_: Digest, into: string) => {
      writeFileSync(into, "rubbish");
      return true;
    },
  };
  const { left, restored } = await repairStore(root, { sources: [liar] });
  expect(restored).toEqual([]);
  expect(left).toMatchObject([{ digest: large }]);
  use(({ objects }) => expect(objects.has(large)).toBe(false));
});

test("VERSION and key come back; a store of a newer Reprise is left alone", async () => {
  const key = use((store) => store.key());
  for (const damage of ["reprise/store@3\n", "rubbish", ""]) {
    writeFileSync(join(root, "VERSION"), damage);
    await whole(repairStore(root));
    expect(readFileSync(join(root, "VERSION"), "utf8")).toBe("reprise/store@1\n");
  }
  writeFileSync(join(root, "VERSION"), "reprise/store@12\n");
  await expect(repairStore(root)).rejects.toThrow(code("STORE_NEWER"));
  writeFileSync(join(root, "VERSION"), "reprise/store@1\n");
  for (const [name, at] of [
    ["key", 7],
    ["key.copy", 7],
    ["key.copy", 40],
  ] as const) {
    flipBit(join(root, name), at);
    expect(use((store) => store.key())).toEqual(key);
    expect(fsckStore(root).findings).toMatchObject([{ code: "STORE_CORRUPT_KEY" }]);
    expect((await whole(repairStore(root))).key).toBe("restored");
    expect(use((store) => store.key())).toEqual(key);
  }
  rmSync(join(root, "key.copy"));
  writeFileSync(join(root, "key"), "short");
  expect((await whole(repairStore(root))).key).toBe("new");
});

test("no database is made anew while another process has it open", async () => {
  const program = `const { DatabaseSync } = require("node:sqlite"); const d = new DatabaseSync(process.argv[1]);
    d.prepare("SELECT count(*) FROM runs").get(); console.log("open"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["-e", program, join(root, "meta.db")], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    await once(child.stdout, "data");
    flipBit(join(root, "records/un/first-run.log"), 100);
    await expect(repairStore(root)).rejects.toThrow(code("STORE_BUSY"));
  } finally {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  await whole(repairStore(root));
});

test("a store from before the copies were made gets them when it is opened", async () => {
  rmSync(join(root, "records"), { recursive: true });
  rmSync(join(root, "key.copy"));
  const before = told();
  expect(filesBelow(join(root, "records"))).toHaveLength(2);
  rmSync(join(root, "meta.db"));
  await whole(repairStore(root));
  expect(told()).toEqual(before);
  expect(digestOf("some words")).toBe(loose);
});

test("versions of data come back from where they lay, file by file, once the list of them is back", async () => {
  const data = join(folder, "data");
  mkdirSync(data);
  const other = join(folder, "other");
  const files = ["a.csv", "b.csv"].map((name) => ({ name, text: `${name},1\n`.repeat(30_000) }));
  for (const { name, text } of files) writeFileSync(join(data, name), text);
  const manifest = use((store) =>
    store.data.adding(() => {
      const writer = store.data.write("folder");
      for (const { name, text } of files)
        writer.add({ path: name, kind: "file", mode: "644", bytes: text.length, digest: store.objects.put(text) });
      const { digest } = writer.finish();
      return store.data.keep({ name: "tables", manifest: digest, source: data }).version.manifest;
    }),
  );
  cpSync(root, other, { recursive: true });
  for (const { text } of files) rmSync(looseFile(digestOf(text)));
  rmSync(looseFile(manifest));
  expect((await repairStore(root)).left).toMatchObject([
    { code: "STORE_MISSING_OBJECT", digest: manifest, data: ["tables@1"] },
  ]);
  const { restored } = await whole(repairStore(root, { sources: [storeSource(other)] }));
  expect(restored.map(({ digest }) => digest)).toEqual([manifest, ...files.map(({ text }) => digestOf(text))]);
  for (const { text } of files) rmSync(looseFile(digestOf(text)));
  expect((await whole(repairStore(root))).restored).toHaveLength(2);

  const versions = use(({ data: kept }) => kept.list());
  expect(versions).toHaveLength(1);
  for (const ending of ["", "-wal", "-shm"]) rmSync(join(root, `meta.db${ending}`), { force: true });
  expect(fsckStore(root).findings).toContainEqual(expect.objectContaining({ data: ["tables@1"] }));
  await whole(repairStore(root));
  expect(use(({ data: kept }) => kept.list())).toEqual(versions);
  flipBit(join(root, "records/data"), 90);
  expect(fsckStore(root).findings).toMatchObject([{ code: "STORE_CORRUPT_COPY" }]);
  await whole(repairStore(root));
  expect(use(({ data: kept }) => kept.list())).toEqual(versions);
  use((store) => store.data.remove({ name: "tables", version: 1 }));
  rmSync(join(root, "meta.db"));
  await whole(repairStore(root));
  expect(use(({ data: kept }) => kept.list())).toEqual([]);
});

test("an unfinished run whose row is damaged is told from its folder; under a name that was never given it is not told", async () => {
  const before = told();
  for (const [change, lost] of [
    ["command = 'another'", false],
    ["id = 'brkken-run'", true],
  ] as const) {
    const database = new DatabaseSync(join(root, "meta.db"));
    database.exec(`UPDATE open_runs SET ${change}`);
    database.close();
    if (lost) use(({ runs }) => expect(() => runs.unfinished()).toThrow(code("STORE_CORRUPT_DATABASE")));
    else expect(told()).toEqual(before);
    expect(fsckStore(root).findings).toMatchObject([{ code: "STORE_CORRUPT_DATABASE" }]);
    await whole(repairStore(root));
    expect(told()).toEqual(before);
  }
});
