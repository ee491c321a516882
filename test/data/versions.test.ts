import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addData, dataStatus, diffData, restoreData } from "#data";
import type { DataEntry } from "#store";
import { code } from "../store/error-code.ts";
import { type DataFolder, dataFolder } from "./folder.ts";

let at: DataFolder;
beforeEach(() => {
  at = dataFolder();
});
afterEach(() => at.remove());

const add = (options = {}) => addData(at.store, at.data, { name: "set", ...options });
const status = () => dataStatus(at.store, at.store.data.find("set"));
const changes = () => (status().changes ?? []).map(({ change, path, from }) => [change, path, ...(from ? [from] : [])]);
const tree = (folder: string): string[] => readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();

test("what is no data in capitals either comes back from no version, and keeps none from coming back", () => {
  at.put({ "a.csv": "1", ".GIT/config": "[core]", "deep/.Svn/entries": "1", "deep/b.csv": "2", ".gitkeep": "" });
  expect(add().version.entries).toBe(3);
  expect(changes()).toEqual([]);
  const to = join(at.root, "elsewhere");
  restoreData(at.store, at.store.data.find("set"), { to });
  expect(tree(to)).toEqual([".gitkeep", "a.csv", "deep", "deep/b.csv"]);
});

test("a link whose text could not be put back is left, by name", () => {
  at.put({ "a.csv": "1" });
  symlinkSync(Buffer.from([0xff, 0x2e]), join(at.data, "odd"));
  expect(add().left).toMatchObject([{ path: "odd", why: "a link to a name that is no UTF-8" }]);
  expect(status()).toMatchObject({ changes: [], unchanged: 1, left: [{ path: "odd" }] });
});

describe("status", () => {
  test("says what came, went, changed and got another name, and reads nothing twice", () => {
    at.put({
      "a.csv": "1",
      "dir/b.csv": "22",
      "dir.csv": "3",
      "dir/sub/c.csv": "long enough to be known again",
      z: "",
    });
    add();
    expect(changes()).toEqual([]);
    expect(status().unchanged).toBe(5);
    at.put({ "a.csv": "2", "new.csv": "new" });
    rmSync(join(at.data, "dir.csv"));
    renameSync(join(at.data, "dir/sub/c.csv"), join(at.data, "moved.csv"));
    rmSync(join(at.data, "dir/sub"), { recursive: true });
    expect(changes()).toEqual([
      ["changed", "a.csv"],
      ["removed", "dir.csv"],
      ["renamed", "moved.csv", "dir/sub/c.csv"],
      ["added", "new.csv"],
    ]);
  });

  test("a change of the same length within the clock's grain is seen, also with the old time put back", () => {
    for (let round = 0; round < 30; round++) {
      at.put({ "a.bin": `x${round % 10}` });
      add();
      const { atime, mtime } = statSync(join(at.data, "a.bin"));
      at.put({ "a.bin": `y${round % 10}` });
      utimesSync(join(at.data, "a.bin"), atime, mtime);
      expect(changes()).toEqual([["changed", "a.bin"]]);
    }
  });

  test("a time that goes backwards, or a file swapped for another of the same length and time, hides nothing", () => {
    at.put({ one: "first ", two: "second" });
    const time = new Date("2020-01-01T00:00:00Z");
    for (const name of ["one", "two"]) utimesSync(join(at.data, name), time, time);
    add();
    expect(changes()).toEqual([]);
    renameSync(join(at.data, "one"), join(at.data, "aside"));
    renameSync(join(at.data, "two"), join(at.data, "one"));
    renameSync(join(at.data, "aside"), join(at.data, "two"));
    expect(changes()).toEqual([
      ["changed", "one"],
      ["changed", "two"],
    ]);
    add();
    utimesSync(join(at.data, "one"), new Date(0), new Date(0));
    expect(changes()).toEqual([]);
  });

  test("a second look at what is unchanged, which reads stamps alone, misses nothing that comes after it", () => {
    const past = new Date(Date.now() - 60_000);
    for (const name of ["a", "b", "c/d", "c/e/f", "c.g/h", "i/j/k/l"]) {
      at.put({ [name]: `content of ${name}` });
      utimesSync(join(at.data, name), past, past);
    }
    symlinkSync("a", join(at.data, "link"));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    const { version } = add();
    expect(changes()).toEqual([]);
    expect(at.store.files.treeStamps(at.data, version.manifest)).not.toBe(null);
    expect(status().unchanged).toBe(7);
    const ways: (() => void)[] = [
      () => at.put({ a: "Content of a" }),
      () => chmodSync(join(at.data, "b"), 0o755),
      () => at.put({ z: "new" }),
      () => rmSync(join(at.data, "c/d")),
      () => mkdirSync(join(at.data, "empty")),
      () => renameSync(join(at.data, "link"), join(at.data, "link2")),
      () => at.put({ "i/j/new": "new" }),
      () => at.put({ "c/e/new/new": "new" }),
      () => rmSync(join(at.data, "i"), { recursive: true }),
      () => at.put({ "i/j/k/l": "Content of i/j/k/l" }),
      () => {
        // The same files, seen through a link.
        renameSync(join(at.data, "c/e"), join(at.root, "aside"));
        symlinkSync(join(at.root, "aside"), join(at.data, "c/e"));
      },
      () => {
        rmSync(join(at.data, "c/e"), { recursive: true });
        at.put({ "c/e": "content of c/e/f" });
      },
    ];
    for (const [index, change] of ways.entries()) {
      change();
      expect(changes().length, `way ${index}`).toBeGreaterThan(0);
      restoreData(at.store, version, { force: true });
      expect(changes()).toEqual([]);
    }
  });

  test("what may be run, links and empty folders count", () => {
    at.put({ "run.sh": "#!/bin/sh\n" });
    symlinkSync("run.sh", join(at.data, "link"));
    mkdirSync(join(at.data, "empty"));
    add();
    chmodSync(join(at.data, "run.sh"), 0o755);
    unlinkSync(join(at.data, "link"));
    symlinkSync("empty", join(at.data, "link"));
    rmSync(join(at.data, "empty"), { recursive: true });
    expect(changes()).toEqual([
      ["removed", "empty"],
      ["changed", "link"],
      ["mode", "run.sh"],
    ]);
    rmSync(at.data, { recursive: true });
    expect(status().changes).toBe(null);
  });
});

describe("restore", () => {
  test("puts exactly a version back: bytes, names, links, empty folders, what may be run", () => {
    at.put({ "a.csv": "1", "dir/b.csv": "22", "run.sh": "x", "large.csv": "1,2,3\n".repeat(400_000) });
    chmodSync(join(at.data, "run.sh"), 0o755);
    symlinkSync("dir/b.csv", join(at.data, "link"));
    mkdirSync(join(at.data, "empty"));
    const { version } = add();
    const before = tree(at.data);
    at.put({ "a.csv": "changed", "more/x.csv": "more" });
    add();
    rmSync(join(at.data, "dir"), { recursive: true });
    restoreData(at.store, version);
    expect(tree(at.data)).toEqual(before);
    expect(readFileSync(join(at.data, "a.csv"), "utf8")).toBe("1");
    expect(readlinkSync(join(at.data, "link"))).toBe("dir/b.csv");
    expect(statSync(join(at.data, "run.sh")).mode & 0o777).toBe(0o755);
    expect(dataStatus(at.store, version).changes).toEqual([]);
    const other = join(at.root, "other");
    expect(restoreData(at.store, version, { to: other })).toMatchObject({ written: 6, unchanged: 0, removed: 0 });
    expect(tree(other)).toEqual(before);
    expect(restoreData(at.store, version, { to: other })).toMatchObject({ written: 0, unchanged: 6, removed: 0 });
  });

  test("what is kept nowhere is not lost unless it is asked for", () => {
    at.put({ a: "1" });
    const { version } = add();
    at.put({ a: "precious", "mine.txt": "mine" });
    expect(() => restoreData(at.store, version)).toThrow(code("DATA_NOT_SAVED"));
    expect(() => restoreData(at.store, version)).toThrow(/a, mine.txt/);
    expect(readFileSync(join(at.data, "a"), "utf8")).toBe("precious");
    add();
    restoreData(at.store, version);
    expect(tree(at.data)).toEqual(["a"]);
    at.put({ a: "again" });
    restoreData(at.store, version, { force: true });
    expect(readFileSync(join(at.data, "a"), "utf8")).toBe("1");
  });

  test("a version that is not whole restores nothing", () => {
    at.put({ a: "1", b: "2" });
    const { version } = add();
    const entries = [...at.store.data.entries(version.manifest)];
    const hex = String(entries[1]?.digest).slice(7);
    rmSync(join(at.store.root, "objects", hex.slice(0, 2), hex.slice(2)));
    const other = join(at.root, "other");
    expect(() => restoreData(at.store, version, { to: other })).toThrow(code("DATA_MISSING"));
    expect(existsSync(other)).toBe(false);
  });

  test("a file takes the place of a folder, and a folder that of a file or of a link that leads elsewhere", () => {
    at.put({ x: "file", "y/inside": "in" });
    const { version } = add();
    rmSync(at.data, { recursive: true });
    at.put({ "x/deep/er": "folder", z: "1" });
    symlinkSync("x", join(at.data, "y"));
    add();
    mkdirSync(join(at.root, "elsewhere"));
    unlinkSync(join(at.data, "y"));
    symlinkSync(join(at.root, "elsewhere"), join(at.data, "y"));
    expect(() => restoreData(at.store, version)).toThrow(code("DATA_NOT_SAVED"));
    restoreData(at.store, version, { force: true });
    expect(tree(at.data)).toEqual(["x", "y", "y/inside"]);
    expect(readdirSync(join(at.root, "elsewhere"))).toEqual([]);
  });

  test.each<[string, Partial<DataEntry>]>([
    ["a name that climbs", { path: "../evil" }],
    ["an absolute name", { path: "/evil" }],
    ["a hidden climb", { path: "a/../../evil" }],
    ["bytes that climb", { path: "x", raw: Buffer.from("../evil").toString("base64") }],
    ["a link that leads out", { path: "x", kind: "link", digest: null, to: "../../etc/passwd" }],
    ["an absolute link", { path: "x", kind: "link", digest: null, to: "/etc/passwd" }],
  ])("a manifest of others with %s is refused", (_, evil) => {
    const writer = at.store.data.write("folder");
    const digest = at.store.objects.put("evil");
    writer.add({ path: "x", kind: "file", mode: "644", bytes: 4, digest, ...evil });
    const { version } = at.store.data.keep({ name: "evil", manifest: writer.finish().digest, source: at.data });
    expect(() => restoreData(at.store, version, { to: join(at.root, "out", "deep") })).toThrow(code("DATA_UNSAFE"));
    expect(existsSync(join(at.root, "out"))).toBe(false);
  });

  test("a single file is data too", () => {
    at.put({ "table.csv": "a,b\n1,2\n" });
    const { version } = addData(at.store, join(at.data, "table.csv"));
    expect(version).toMatchObject({ name: "table.csv", kind: "file", entries: 1, bytes: 8 });
    at.put({ "table.csv": "a,b\n1,3\n" });
    expect(dataStatus(at.store, version).changes).toEqual([{ change: "changed", path: "", bytes: 8 }]);
    addData(at.store, join(at.data, "table.csv"));
    restoreData(at.store, version);
    expect(readFileSync(join(at.data, "table.csv"), "utf8")).toBe("a,b\n1,2\n");
    mkdirSync(join(at.root, "into"));
    restoreData(at.store, version, { to: join(at.root, "into") });
    expect(readFileSync(join(at.root, "into", "table.csv"), "utf8")).toBe("a,b\n1,2\n");
  });
});

describe("add", () => {
  test("names of every kind come back byte for byte", () => {
    at.put({ "new\nline": "1", 'quote"\t\\': "2", "\u{1F600}é": "3", " lead": "4" });
    const odd = Buffer.concat([Buffer.from(`${at.data}/`), Buffer.from([0x66, 0xff, 0xfe])]);
    const odder = Buffer.concat([Buffer.from(`${at.data}/`), Buffer.from([0x66, 0xff, 0xfd])]);
    writeFileSync(odd, "odd");
    writeFileSync(odder, "odder");
    mkdirSync(Buffer.concat([Buffer.from(`${at.data}/d`), Buffer.from([0xff])]));
    writeFileSync(Buffer.concat([Buffer.from(`${at.data}/d`), Buffer.from([0xff]), Buffer.from("/in")]), "inside");
    const { version } = add();
    const other = join(at.root, "other");
    restoreData(at.store, version, { to: other });
    const list = (folder: string): string =>
      execFileSync("find", [folder, "-type", "f", "-printf", "%P\\0%s\\0"], { encoding: "latin1" });
    expect(list(other).split("\0").sort()).toEqual(list(at.data).split("\0").sort());
    expect(status().changes).toEqual([]);
  });

  test("links that lead out are refused by name, or taken as what they lead to", () => {
    writeFileSync(join(at.root, "outside.csv"), "outside");
    symlinkSync("../outside.csv", join(at.data, "link.csv"));
    expect(() => add()).toThrow(code("DATA_LINK_OUTSIDE"));
    expect(() => add()).toThrow(/link\.csv/);
    const { version } = add({ follow: true });
    const other = join(at.root, "other");
    restoreData(at.store, version, { to: other });
    expect(lstatSync(join(other, "link.csv")).isFile()).toBe(true);
    expect(readFileSync(join(other, "link.csv"), "utf8")).toBe("outside");
  });

  test("pipes and sockets are named and left; names that differ in case only are named", () => {
    execFileSync("mkfifo", [join(at.data, "pipe")]);
    at.put({ "Read.csv": "1", "read.csv": "2", "dir/READ.csv": "3" });
    const { left, collisions, version } = add();
    expect(left).toEqual([{ path: "pipe", why: "a pipe" }]);
    expect(collisions).toEqual([["Read.csv", "read.csv"]]);
    expect(version.entries).toBe(3);
  });

  test("nothing there is an error, and no version", () => {
    expect(() => addData(at.store, join(at.root, "nowhere"))).toThrow(code("DATA_UNREADABLE"));
    expect(at.store.data.list()).toEqual([]);
  });

  test("the store's own folder is no data of the folder that it lies in", () => {
    at.put({ a: "1" });
    expect(addData(at.store, at.root, { name: "all" }).version.entries).toBe(1);
  });
});

test("after the last number that can be named there is none, and it is said", () => {
  at.put({ "a.csv": "1" });
  const { version } = add();
  at.store.data.take({ ...version, name: "theirs", version: 999_999_999 });
  at.put({ "a.csv": "2" });
  expect(() => add({ name: "theirs" })).toThrow(code("USAGE"));
  expect(at.store.data.find("theirs").version).toBe(999_999_999);
});

test("diff tells two versions apart without their files", () => {
  at.put({ a: "1", b: "2", "keep/c": "3" });
  const one = add().version;
  at.put({ a: "9", d: "4" });
  renameSync(join(at.data, "b"), join(at.data, "e"));
  const two = add().version;
  rmSync(at.data, { recursive: true });
  expect(diffData(at.store, one, two)).toMatchObject({
    unchanged: 1,
    changes: [
      { change: "changed", path: "a" },
      { change: "added", path: "d" },
      { change: "renamed", path: "e", from: "b" },
    ],
  });
});
