import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Comparison, compareBytes } from "#content";
import { runA, runs } from "./runs.ts";

let folder = "";
let count = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reprise-sqlite-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function database(...statements: readonly string[]): Buffer {
  count += 1;
  const file = join(folder, `${count}.db`);
  const db = new DatabaseSync(file);
  for (const statement of statements) db.exec(statement);
  db.close();
  return readFileSync(file);
}

const compare = (a: Buffer, b: Buffer): Comparison => compareBytes("x.db", a, b, runs);
const [ID_A, ID_B] = [runs.a.uuids[0] ?? "", runs.b.uuids[0] ?? ""];
const fixture = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../fixtures/content/${name}`, import.meta.url)));
const rows = (table: string, ...values: readonly string[]): string[] => [
  `CREATE TABLE t (${table})`,
  ...values.map((row) => `INSERT INTO t VALUES (${row})`),
];

describe("SQLite databases", () => {
  it("agree by their rows and tell what was set aside", () => {
    const found = compare(fixture("tracked.a.db"), fixture("tracked.b.db"));
    expect(found).toMatchObject({ agree: true, how: "masked" });
    for (const words of ["order of tables", "indices", "order of rows in table tags", "start_time: time", "run name"])
      expect(found.aside.join("\n")).toContain(words);
    const other = compare(fixture("tracked.a.db"), fixture("tracked.x.db"));
    expect(other.difference).toMatchObject({ where: "table metrics: row 20: column value", a: "0.05", b: "0.051" });
    expect(compare(fixture("plain.a.db"), fixture("plain.x.db")).difference?.where).toContain("table words: row");
  });

  it("keep types, numbers of rows, schema and pragmas", () => {
    const base = database(...rows("x, y", "1, 2", "3, 4"));
    const apart = (...statements: string[]): Comparison => compare(base, database(...statements));
    expect(apart(...rows("x, y", "1, 2", "3, 4"), "PRAGMA user_version = 2").difference?.where).toBe("pragmas");
    expect(apart(...rows("x, y", "1, 2")).difference?.where).toBe("table t: number of rows");
    expect(apart(...rows("x,  y", "1, 2", "3, 4")).difference?.where).toBe("schema");
    expect(apart(...rows("x, y", "1, 2", "3, 4"), "CREATE TABLE u (x)").difference?.where).toBe("schema");
    for (const other of ["'4'", "4.0", "x'04'", "NULL", "5"])
      expect(apart(...rows("x, y", "1, 2", `3, ${other}`)).agree).toBe(false);
    expect(apart(...rows("x, y", "3, 4", "1, 2"))).toMatchObject({ agree: true, how: "content" });
    expect(apart(...rows("x, y", "1, 4", "3, 2")).agree).toBe(false);
  });

  it.each([
    "id INTEGER PRIMARY KEY, y",
    "id integer not null, y, primary key (id)",
    '"id" INTEGER CONSTRAINT k PRIMARY KEY AUTOINCREMENT, y',
    "y, [id] /* , */ INTEGER -- key\n PRIMARY KEY",
  ])("keep the ids of rows that a column names: %s", (table) => {
    const [first, second] = table.startsWith("y") ? ["'a', 1", "'b', 2"] : ["1, 'a'", "2, 'b'"];
    const swapped = table.startsWith("y") ? ["'b', 1", "'a', 2"] : ["1, 'b'", "2, 'a'"];
    expect(compare(database(...rows(table, first, second)), database(...rows(table, ...swapped))).agree).toBe(false);
    const shifted = table.startsWith("y") ? ["'a', 1", "'b', 3"] : ["1, 'a'", "3, 'b'"];
    const found = compare(database(...rows(table, first, second)), database(...rows(table, ...shifted)));
    expect(found.difference?.where).toContain("id of the row");
  });

  it("masks times, durations and ids by name and origin only", () => {
    const one = (name: string, a: string, b: string): boolean =>
      compare(database(...rows(`${name}, x`, `${a}, 1`)), database(...rows(`${name}, x`, `${b}, 1`))).agree;
    const [start, later] = [runs.a.startMs + 5, runs.b.startMs + 5];
    expect(one("start_time", `${start}`, `${later}`)).toBe(true);
    expect(one("whenever", `${start}`, `${later}`)).toBe(true);
    expect(one("loss", `${start}`, `${later}`)).toBe(false);
    expect(one("start_time", `${start}`, `${later + 1e9}`)).toBe(false);
    expect(one("elapsed", "1.5", "2.5")).toBe(true);
    expect(one("anything", "1.5", "2.5")).toBe(false);
    expect(one("who", `'${ID_A}'`, `'${ID_B}'`)).toBe(true);
    expect(one("who", `'${ID_A}'`, "'ffffffffffffffffffffffffffffffff'")).toBe(false);
    expect(one("path", "'/home/ada/proj/x'", "'/var/replay/7/proj/x'")).toBe(true);
    expect(one("made", "'2026-11-21 06:00:13'", "'2026-11-21 07:02:01'")).toBe(true);
    const named = (key: string): boolean =>
      compare(database(...rows("key, value", `'${key}', 1.5`)), database(...rows("key, value", `'${key}', 2.5`))).agree;
    expect([named("fit_seconds"), named("loss"), named("x")]).toEqual([true, false, false]);
  });

  it("lets one id stand for one other, wherever it is", () => {
    const [a1, a2, b1, b2] = ["a", "b", "c", "d"].map((digit) => `1${digit}`.repeat(16));
    const two = { a: { ...runs.a, uuids: [a1 ?? "", a2 ?? ""] }, b: { ...runs.b, uuids: [b1 ?? "", b2 ?? ""] } };
    const made = (first?: string, second?: string, best = first): Buffer =>
      database(
        ...rows("run_id, loss", `'${first}', 1`, `'${second}', 2`),
        "CREATE TABLE best (run_id)",
        `INSERT INTO best VALUES ('${best}')`,
      );
    expect(compareBytes("x.db", made(a1, a2), made(b1, b2), two).agree).toBe(true);
    expect(compareBytes("x.db", made(a1, a2), made(b2, b1), two).agree).toBe(true);
    const other = compareBytes("x.db", made(a1, a2), made(b1, b2, b2), two);
    expect(other.difference?.where).toContain("stands for another one");
    expect(compareBytes("x.db", made(a1, a2), made(b1, b1), two).agree).toBe(false);
  });

  it("does not judge what it cannot see", () => {
    const ahead = (value: number): Buffer => database("PRAGMA journal_mode = wal", ...rows("x", `${value}`));
    expect(compare(ahead(1), ahead(2)).incomplete).toContain("WAL");
    const base = database(...rows("x", "1"));
    expect(compare(base, base.subarray(0, -1)).incomplete).toContain("another length");
    const broken = Buffer.from(base);
    broken[base.length - 4096] = 7;
    expect(compare(base, broken).incomplete).toContain("no known kind");
  });
});

/** Where the cells of all table leaves lie that hold records: [from, to). */
function payloads(bytes: Buffer): (readonly [number, number])[] {
  const size = bytes.readUInt16BE(16);
  const found: (readonly [number, number])[] = [];
  for (let page = 0; page < bytes.length; page += size) {
    const head = page === 0 ? 100 : page;
    if (bytes[head] !== 0x0d) continue;
    for (let cell = 0; cell < bytes.readUInt16BE(head + 3); cell += 1) {
      const at = page + bytes.readUInt16BE(head + 8 + cell * 2);
      const wide = (bytes[at] ?? 0) > 127 ? 2 : 1;
      const length = wide === 1 ? (bytes[at] ?? 0) : ((bytes[at] ?? 0) & 127) * 128 + (bytes[at + 1] ?? 0);
      const from = at + wide + 1;
      found.push([from, from + (length <= size - 35 ? length : 39)]);
    }
  }
  return found;
}

describe("one flipped bit in a database", () => {
  it("never agrees where a row is", () => {
    const bytes = fixture("plain.a.db");
    const places = payloads(bytes);
    expect(places.length).toBeGreaterThan(20);
    const agreed: number[] = [];
    for (const [from, to] of places)
      for (let at = from; at < to; at += 1) {
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
        if (compareBytes("x.db", bytes, flipped, { a: runA, b: runA }).agree) agreed.push(at);
      }
    expect(agreed).toEqual([]);
  });

  it("never agrees in what runs over into other pages, nor in tables WITHOUT ROWID", () => {
    const bytes = fixture("plain.a.db");
    // An index has copies of words; they come before the table itself.
    for (const text of ["größe 11", "größe 8", "word07", "word56"]) {
      const at = bytes.lastIndexOf(Buffer.from(text, "utf16le"));
      expect(at).toBeGreaterThan(0);
      const flipped = Buffer.from(bytes);
      flipped[at + 2] = (flipped[at + 2] ?? 0) ^ 4;
      expect(compareBytes("x.db", bytes, flipped, { a: runA, b: runA }).agree).toBe(false);
    }
  });
});

describe("the schema of a table", () => {
  const table = (...constraints: readonly string[]): Buffer =>
    database(
      `CREATE TABLE runs (\n\tid INT, \n\ts TEXT, \n\t${constraints.join(", \n\t")}\n)`,
      "INSERT INTO runs VALUES (1, 'A')",
    );
  const [one, two] = ["CONSTRAINT a CHECK (s IN ('A', 'B'))", "CONSTRAINT b CHECK (id > 0)"];

  it("may name its constraints in another order", () => {
    const found = compare(table(one, two), table(two, one));
    expect(found.agree).toBe(true);
    expect(found.aside).toContain("SQLite: order of constraints in a schema");
  });

  it("may not differ in them", () => {
    expect(compare(table(one, two), table(two, "CONSTRAINT a CHECK (s IN ('A', 'C'))")).agree).toBe(false);
    expect(compare(table(one, two), table(one)).agree).toBe(false);
  });
});
