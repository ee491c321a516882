import { randomBytes } from "node:crypto";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Digest, digestHex, digestOf } from "#record";
import { openStore, type Store } from "#store";
import { filesBelow } from "./damage.ts";
import { code } from "./error-code.ts";
import { recordNaming } from "./sample-record.ts";

let folder: string;
let root: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reprise-pieces-"));
  root = join(folder, ".reprise");
  store = openStore(root, { create: true });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A table of so many rows, each of them another one. */
function table(rows: number, salt = 0): string[] {
  return Array.from({ length: rows }, (_, row) => `${row},${(row * 7919 + salt) % 10_007},city${row % 311}\n`);
}
function keep(name: string, content: string | Buffer): Digest {
  const path = join(folder, name);
  writeFileSync(path, content);
  const batch = store.objects.batch();
  const { digest, bytes } = batch.putFile(path, { pieces: true });
  expect(digest).toBe(digestOf(content));
  expect(bytes).toBe(Buffer.byteLength(content));
  batch.flush();
  return digest;
}
const piecesOf = (digest: Digest): Digest[] => (store.objects.piecesOf(digest) ?? []).map((piece) => piece.digest);
function age(): void {
  const past = Date.now() / 1000 - 7200;
  for (const path of filesBelow(join(root, "objects"))) utimesSync(path, past, past);
}

test("a large table is one object in pieces: it reads, opens and restores as a whole one does", () => {
  const text = table(200_000).join("");
  const digest = keep("table.csv", text);
  const pieces = store.objects.piecesOf(digest) ?? [];
  expect(pieces.length).toBeGreaterThan(20);
  expect(pieces.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(Buffer.byteLength(text));
  expect(pieces.every(({ bytes }) => bytes <= 256 << 10)).toBe(true);
  expect(store.objects.has(digest)).toBe(true);
  expect(store.objects.size(digest)).toBe(Buffer.byteLength(text));
  expect(store.objects.missing([digest])).toEqual([]);
  expect(Buffer.from(store.objects.read(digest)).toString()).toBe(text);
  store.objects.readTo(digest, join(folder, "out.csv"), 0o640);
  expect(readFileSync(join(folder, "out.csv"), "utf8")).toBe(text);
  const reader = store.objects.open(digest);
  expect(reader.length).toBe(Buffer.byteLength(text));
  for (const [from, to] of [
    [0, 10],
    [65_530, 700_001],
    [reader.length - 5, reader.length],
  ] as const)
    expect(Buffer.from(reader.read(from, to)).toString()).toBe(text.slice(from, to));
  expect(reader.intact()).toBe(true);
  reader.close();
  expect([...store.objects.digests()]).toContain(digest);
  expect(store.fsck().findings).toEqual([]);
});

test("rows that are put in and appended cost what they are, not the table again", () => {
  const rows = table(300_000);
  const first = piecesOf(keep("v1.csv", rows.join("")));
  rows.splice(1000, 0, "put in\n");
  rows.push(...table(3_000, 5));
  const second = piecesOf(keep("v2.csv", rows.join("")));
  const fresh = second.filter((piece) => !first.includes(piece));
  expect(fresh.length).toBeLessThanOrEqual(4);
  expect(second.length).toBeGreaterThan(50);
});

test("what does not shrink is kept whole, but for a tar; small files too", () => {
  expect(store.objects.piecesOf(keep("noise.bin", randomBytes(3 << 20)))).toBe(null);
  expect(store.objects.piecesOf(keep("small.csv", "a,b\n1,2\n"))).toBe(null);
  const tar = randomBytes(3 << 20);
  tar.write("ustar", 257, "latin1");
  expect(piecesOf(keep("noise.tar", tar)).length).toBeGreaterThan(10);
});

test("gc keeps the pieces of what is named, and takes the pieces of what is not", () => {
  const rows = table(200_000);
  const named = keep("named.csv", rows.join(""));
  const lost = keep("lost.csv", table(200_000, 3).join(""));
  expect(piecesOf(lost).some((piece) => piecesOf(named).includes(piece))).toBe(false);
  store.runs.commit(recordNaming("a-run", [named]));
  age();
  expect(store.collectGarbage().objects).toBeGreaterThan(20);
  expect(store.objects.has(lost)).toBe(false);
  expect(Buffer.from(store.objects.read(named)).toString()).toBe(rows.join(""));
  expect(store.fsck().findings).toEqual([]);
});

test("what is retained is spared with all of its pieces; what is put again is found", () => {
  const text = table(200_000).join("");
  const digest = keep("table.csv", text);
  age();
  store.close();
  store = openStore(root, { create: false });
  expect(store.objects.retain(digest)).toBe(true);
  expect(store.collectGarbage().objects).toBe(0);
  age();
  store.close();
  store = openStore(root, { create: false });
  const before = filesBelow(join(root, "objects")).length;
  keep("table.csv", text);
  expect(filesBelow(join(root, "objects")).length).toBe(before);
  expect(store.collectGarbage().objects).toBe(0);
});

test("a record that names an object whose pieces are gone is refused", () => {
  const digest = keep("table.csv", table(200_000).join(""));
  for (const path of filesBelow(join(root, "objects", "packs"))) rmSync(path);
  store.close();
  store = openStore(root, { create: false });
  expect(store.objects.missing([digest])).toEqual([digest]);
  expect(store.objects.retain(digest)).toBe(false);
  expect(() => store.runs.commit(recordNaming("a-run", [digest]))).toThrow(code("STORE_MISSING_OBJECT"));
});

test.each([0, 20, 100, 700])(
  "one flipped bit of a list of pieces, at byte %i, is found and nothing is handed out",
  (at) => {
    const digest = keep("table.csv", table(200_000).join(""));
    store.runs.commit(recordNaming("a-run", [digest]));
    const list = join(root, "objects", "chunked", digestHex(digest).slice(0, 2), digestHex(digest).slice(2));
    const bytes = readFileSync(list);
    bytes[at] = (bytes[at] ?? 0) ^ 4;
    writeFileSync(list, bytes);
    store.close();
    store = openStore(root, { create: false });
    expect(() => store.objects.read(digest)).toThrow(code("STORE_CORRUPT_OBJECT"));
    expect(() => store.objects.readTo(digest, join(folder, "out"))).toThrow(code("STORE_CORRUPT_OBJECT"));
    expect(store.fsck().findings).toMatchObject([{ code: "STORE_CORRUPT_OBJECT", digest, runs: ["a-run"] }]);
    age();
    expect(() => store.collectGarbage()).toThrow(code("STORE_CORRUPT_OBJECT"));
    keep("table.csv", table(200_000).join(""));
    expect(store.fsck().findings).toEqual([]);
  },
);

test("a piece with a flipped bit is found, and the whole is not handed out", () => {
  const digest = keep("table.csv", table(200_000).join(""));
  store.runs.commit(recordNaming("a-run", [digest]));
  const [pack = ""] = filesBelow(join(root, "objects", "packs"));
  const bytes = readFileSync(pack);
  bytes[5_000] = (bytes[5_000] ?? 0) ^ 1;
  writeFileSync(pack, bytes);
  expect(() => store.objects.read(digest)).toThrow(code("STORE_CORRUPT_OBJECT"));
  const found = store.fsck().findings;
  expect(found.map((finding) => finding.code)).toEqual(["STORE_CORRUPT_OBJECT", "STORE_CORRUPT_OBJECT"]);
  expect(found.flatMap(({ runs }) => runs)).toContain("a-run");
});

test("a file that grows while it is read is kept as it was read", () => {
  const path = join(folder, "log.jsonl");
  writeFileSync(path, table(100_000).join(""));
  const batch = store.objects.batch();
  const { digest } = batch.putFile(path, { pieces: true });
  appendFileSync(path, "more\n");
  batch.flush();
  expect(digestOf(Buffer.from(store.objects.read(digest)))).toBe(digest);
});
