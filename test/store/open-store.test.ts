import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RepriseError } from "#record";
import { openStore, type Store } from "#store";
import { filesBelow } from "./damage.ts";
import { code } from "./error-code.ts";
import { mountTmpfs } from "./mount.ts";
import { sampleRecord } from "./sample-record.ts";

let folder: string;
let root: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reprise-open-"));
  root = join(folder, "project", ".reprise");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function withStore<T>(use: (store: Store) => T, options = { create: true }): T {
  const store = openStore(root, options);
  try {
    return use(store);
  } finally {
    store.close();
  }
}

test("a new store has its layout, hidden from git and from other users", () => {
  const before = process.umask(0);
  try {
    withStore((store) => {
      store.objects.put("x");
      const batch = store.objects.batch();
      for (let index = 0; index < 30; index++) batch.put(`packed ${index}`);
      batch.flush();
      store.files.digestFiles([import.meta.filename]);
      store.runs.begin("a-run", { name: null, startedAt: new Date().toISOString(), argv: [], replayOf: null });
      expect(readdirSync(root).sort()).toEqual(
        expect.arrayContaining([".gitignore", "VERSION", "key", "meta.db", "objects", "runs", "stat-cache.db", "tmp"]),
      );
      for (const path of filesBelow(root)) expect(`${path} ${statSync(path).mode & 0o777}`).toBe(`${path} ${0o600}`);
      for (const name of ["", ...readdirSync(root, { recursive: true, encoding: "utf8" })]) {
        const stat = statSync(join(root, name));
        if (stat.isDirectory()) expect(`${name} ${stat.mode & 0o777}`).toBe(`${name} ${0o700}`);
      }
    });
  } finally {
    process.umask(before);
  }
  expect(readFileSync(join(root, ".gitignore"), "utf8")).toBe("*\n");
  expect(readFileSync(join(root, "VERSION"), "utf8")).toBe("reprise/store@1\n");
  expect(readdirSync(join(root, "tmp"))).toEqual([]);
});

test("the key is random and stays", () => {
  const key = withStore((store) => store.key());
  expect(key).toHaveLength(32);
  expect(withStore((store) => store.key())).toEqual(key);
  rmSync(root, { recursive: true });
  expect(withStore((store) => store.key())).not.toEqual(key);
  writeFileSync(join(root, "key"), "short");
  expect(withStore((store) => store.key())).not.toEqual(key);
  rmSync(join(root, "key.copy"));
  expect(() => withStore((store) => store.key())).toThrow(code("STORE_CORRUPT_KEY"));
});

test("no store: said, with the next command, and nothing made", () => {
  expect(() => openStore(root, { create: false })).toThrow(code("STORE_MISSING"));
  expect(() => openStore(root, { create: true, readonly: true })).toThrow(code("STORE_MISSING"));
  expect(readdirSync(folder)).toEqual([]);
});

test("a folder or file of somebody else is not made into a store", () => {
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, "thesis.tex"), "");
  expect(() => openStore(root, { create: true })).toThrow(code("STORE_NOT_A_STORE"));
  expect(() => openStore(root, { create: false })).toThrow(code("STORE_NOT_A_STORE"));
  expect(readdirSync(root)).toEqual(["thesis.tex"]);
  expect(() => openStore(join(root, "thesis.tex"), { create: true })).toThrow(code("STORE_NOT_A_STORE"));
});

test("a creation that was cut off is finished by the next", () => {
  withStore(() => {});
  rmSync(join(root, "VERSION"));
  rmSync(join(root, "tmp"), { recursive: true });
  const key = readFileSync(join(root, "key"));
  expect(() => openStore(root, { create: false })).toThrow(code("STORE_MISSING"));
  withStore((store) => expect(Buffer.from(store.key())).toEqual(key));
  expect(readdirSync(root)).toContain("VERSION");
});

test("a store of a newer version is left alone", () => {
  withStore((store) => store.runs.commit(sampleRecord("a-run")));
  writeFileSync(join(root, "VERSION"), "reprise/store@2\n");
  expect(() => openStore(root, { create: true })).toThrow(code("STORE_NEWER"));
  expect(() => openStore(root, { create: true })).toThrow("store version 2, this one knows up to 1");
  writeFileSync(join(root, "VERSION"), "something\n");
  expect(() => openStore(root, { create: true })).toThrow(code("STORE_NOT_A_STORE"));
  writeFileSync(join(root, "VERSION"), "reprise/store@1\n");
  const database = new DatabaseSync(join(root, "meta.db"));
  database.exec("PRAGMA user_version = 99");
  database.close();
  expect(() => openStore(root, { create: true })).toThrow(code("STORE_NEWER"));
  expect(() => openStore(root, { create: false, readonly: true })).toThrow(code("STORE_NEWER"));
});

test("every error has a hint", () => {
  for (const attempt of [
    () => openStore(root, { create: false }),
    () => withStore((store) => store.runs.get("@last")),
  ]) {
    try {
      attempt();
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(RepriseError);
      expect(error).toHaveProperty("hint", expect.stringMatching(/reprise/));
    }
  }
});

test("records cannot be changed, not even by hand", () => {
  withStore((store) => store.runs.commit(sampleRecord("a-run")));
  const database = new DatabaseSync(join(root, "meta.db"));
  expect(() => database.exec("UPDATE records SET json = '{}'")).toThrow("never changed");
  expect(() => database.exec("UPDATE runs SET status = 'failed'")).toThrow("never changed");
  database.exec("DROP TRIGGER records_frozen; UPDATE records SET json = replace(json, 'completed', 'forged')");
  database.close();
  withStore((store) => {
    // The copy beside the database is what was written.
    expect(store.runs.get("a-run")).toEqual(sampleRecord("a-run"));
    expect(store.fsck().findings).toMatchObject([{ code: "STORE_CORRUPT_RECORD", runs: ["a-run"] }]);
    rmSync(join(root, "records"), { recursive: true });
    expect(() => store.runs.get("a-run")).toThrow(code("STORE_CORRUPT_RECORD"));
  });
});

test("a record of a newer version is named as such", () => {
  const newer: object = { format: "reprise/record@2" };
  withStore((store) => store.runs.commit({ ...sampleRecord("a-run"), ...newer }));
  withStore((store) => expect(() => store.runs.get("a-run")).toThrow(code("RECORD_NEWER")));
});

test("a read-only folder: written to is an error, reading works", ({ skip }) => {
  const mounted = mountTmpfs(folder, "size=8m");
  if (mounted === null) return skip("needs the right to mount a tmpfs");
  try {
    root = join(mounted.path, ".reprise");
    const digest = withStore((store) => {
      store.runs.commit(sampleRecord("a-run"));
      return store.objects.put("kept");
    });
    mounted.remount("ro");
    expect(() => openStore(root, { create: true })).toThrow(code("STORE_READ_ONLY"));
    expect(() => openStore(join(mounted.path, "other"), { create: true })).toThrow(code("STORE_READ_ONLY"));
    const store = openStore(root, { create: false, readonly: true });
    expect(store.runs.get("@last").id).toBe("a-run");
    expect(Buffer.from(store.objects.read(digest)).toString()).toBe("kept");
    expect(store.fsck().findings).toEqual([]);
    expect(store.files.digestFiles([import.meta.filename]).size).toBe(1);
    expect(() => store.runs.addFact("a-run", "note", "x")).toThrow(code("STORE_READ_ONLY"));
    expect(() => store.objects.put("new")).toThrow(code("STORE_READ_ONLY"));
    expect(() => store.collectGarbage({ minimumAgeMs: -1 })).toThrow(code("STORE_READ_ONLY"));
    store.close();
  } finally {
    mounted.unmount();
  }
});

test("a store that may not be entered", ({ skip }) => {
  if (process.getuid?.() === 0) return skip("root may enter everything");
  withStore(() => {});
  chmodSync(root, 0o000);
  try {
    expect(() => openStore(root, { create: true })).toThrow(code("STORE_UNREADABLE"));
  } finally {
    chmodSync(root, 0o700);
  }
});
