import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkLeaks, parseParts, splitTable } from "#data";
import { code } from "../store/error-code.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reprise-split-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const PARTS = parseParts("train=0.7,val=0.1,test=0.2");
const put = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const split = (path: string, more = {}) =>
  splitTable(path, { keys: ["user"], parts: PARTS, salt: "", to: folder, force: true, ...more });
const read = (path: string): string => readFileSync(path, "utf8");
/** Which rows are in which part. */
function placed(path: string, more = {}): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name, path: file } of split(path, more).parts)
    for (const row of read(file).split("\n").slice(1, -1)) found.set(row, name);
  return found;
}

const cell = fc.string({ maxLength: 12 }).map((text) => `"${text.replaceAll('"', '""')}"`);
const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), cell), { minLength: 1, maxLength: 80 });
const csv = (list: readonly (readonly [number, string])[]): string =>
  `user,text\n${list.map(([user, text]) => `u${user},${text}\n`).join("")}`;

test("rows that are added, removed or put in another order move no other row", () => {
  const row = fc.uniqueArray(fc.integer({ min: 0, max: 5000 }), { minLength: 5, maxLength: 120 });
  fc.assert(
    fc.property(row, row, (first, more) => {
      const text = (users: readonly number[]): string => `user\n${users.map((user) => `u${user}\n`).join("")}`;
      const before = placed(put("t.csv", text(first)));
      const after = placed(put("t.csv", text([...more, ...first].toReversed().slice(1))));
      for (const [user, part] of before) if (after.has(user)) expect(after.get(user)).toBe(part);
    }),
    { numRuns: 60 },
  );
});

test("every row is in one part, byte for byte and in order, and no key is in two", () => {
  fc.assert(
    fc.property(rows, fc.string({ maxLength: 5 }), (list, salt) => {
      const path = put("t.csv", csv(list));
      const { parts, rows: count } = split(path, { salt });
      expect(count).toBe(list.length);
      const bodies = parts.map(({ path: file }) => read(file));
      for (const body of bodies) expect(body.startsWith("user,text\n")).toBe(true);
      const lengths = bodies.map((body) => Buffer.byteLength(body) - "user,text\n".length);
      expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(
        Buffer.byteLength(csv(list)) - "user,text\n".length,
      );
      expect(
        checkLeaks(
          parts.map(({ path: file }) => file),
          ["user"],
        ).leaks,
      ).toEqual([]);
    }),
    { numRuns: 80 },
  );
});

test("shares are met, whatever the keys look like, and another salt is another split", () => {
  const users = Array.from({ length: 20_000 }, (_, index) => index);
  const path = put("t.csv", `user\n${users.join("\n")}\n`);
  const counts = split(path).parts.map(({ rows: count }) => count / users.length);
  // Six standard deviations of a share of 20,000 draws are below 0.02.
  for (const [index, { share }] of PARTS.entries()) expect(Math.abs((counts[index] ?? 0) - share)).toBeLessThan(0.02);
  const [one, other] = [placed(path), placed(path, { salt: "v2" })];
  const moved = users.filter((user) => one.get(String(user)) !== other.get(String(user))).length;
  expect(moved / users.length).toBeGreaterThan(0.4);
  expect(placed(path)).toEqual(one);
});

test("the split of a key is fixed for good: other versions must give the same", () => {
  const path = put("t.csv", "user\nada\ngrace\nalan\nkurt\nemmy\nédith\n");
  expect(Object.fromEntries(placed(path))).toMatchInlineSnapshot(`
    {
      "ada": "train",
      "alan": "train",
      "emmy": "train",
      "grace": "test",
      "kurt": "train",
      "édith": "train",
    }
  `);
});

test("JSON lines are split by the same keys as CSV, ids beyond 2^53 by all of their digits", () => {
  const users = ["1", "9007199254740993", "9007199254740992", "77", "5"];
  const jsonl = put("t.jsonl", users.map((user) => `{"user": ${user}, "x": [1, 2]}\n`).join(""));
  const table = put("t.csv", `user\n${users.join("\n")}\n`);
  const byRow = placed(table);
  for (const { name, path } of split(jsonl).parts)
    for (const line of read(path).split("\n").filter(Boolean))
      expect(byRow.get(/"user": (\d+)/.exec(line)?.[1] ?? "")).toBe(name);
});

test("line ends within quotes, a byte order mark, semicolons and a last line without an end", () => {
  const path = put("t.csv", '\uFEFFtext;user\n"two\nlines; ""quoted""";a\nplain;b');
  const { rows: count, keyless, parts } = split(path);
  expect([count, keyless]).toEqual([2, 0]);
  const all = parts.map(({ path: file }) => read(file)).join("");
  expect(all).toContain('"two\nlines; ""quoted""";a\n');
  expect(all).toContain("plain;b\n");
});

test("a quote amid a cell is a character and joins no rows; one that is never closed is named", () => {
  const users = Array.from({ length: 40 }, (_, index) => `u${index},a ${index}" pipe\n`);
  const quoted = placed(put("t.csv", `user,text\n${users.join("")}`));
  const plain = placed(put("p.csv", `user,text\n${users.join("").replaceAll('"', "")}`));
  expect([...quoted].map(([row, part]) => [row.replaceAll('"', ""), part])).toEqual([...plain]);
  const never = put("n.csv", 'user,text\nu1,"a\nu2,b\n');
  expect(() => split(never)).toThrow(code("TABLE_UNREADABLE"));
  expect(() => split(never)).toThrow("a quote in line 2 is never closed");
});

test("a cell of many lines with quotes in them is read in one go", () => {
  const text = '{""key"": ""value"", said: """"}\n'.repeat(60_000);
  const path = put("long.csv", `user,text\nu1,"${text}"\nu2,b\n`);
  const began = performance.now();
  expect(split(path).rows).toBe(2);
  // Each line looked at again with all before it took minutes.
  expect(performance.now() - began).toBeLessThan(10_000);
});

test("rows without a key are counted, and lie in one part", () => {
  const { keyless, parts } = split(put("t.csv", "user,x\n,1\na,2\n,3\n"));
  expect(keyless).toBe(2);
  expect(parts.filter(({ path }) => /^,[13]$/m.test(read(path)))).toHaveLength(1);
});

test("a key in two files is found, with its rows", () => {
  const train = put("train.csv", "user,x\na,1\nb,2\nc,3\n");
  const val = put("val.csv", "user,x\nb,5\nb,6\nd,7\n");
  const { files, leaks } = checkLeaks([train, val], ["user"]);
  expect(files.map(({ rows: count, keys }) => [count, keys])).toEqual([
    [3, 3],
    [3, 2],
  ]);
  expect(leaks).toEqual([{ a: train, b: val, keys: 1, rows: 2, examples: ["b"] }]);
  expect(checkLeaks([train, put("test.csv", "user,x\nz,1\n")], ["user"]).leaks).toEqual([]);
});

test("what cannot be split writes nothing and says why", () => {
  const path = put("t.csv", "user,x\na,1\n");
  expect(() => split(path, { keys: ["usr"] })).toThrow(code("TABLE_UNREADABLE"));
  expect(() => split(put("bad.jsonl", '{"user": 1}\n{"user": \n'))).toThrow(code("TABLE_UNREADABLE"));
  expect(() => split(join(folder, "nowhere.csv"))).toThrow(code("TABLE_UNREADABLE"));
  expect(() => split(put("t.parquet", "PAR1"))).toThrow(code("TABLE_UNREADABLE"));
  expect(readdirSync(folder).sort()).toEqual(["bad.jsonl", "t.csv", "t.parquet"]);
  split(path);
  expect(() => split(path, { force: false })).toThrow(code("SPLIT_EXISTS"));
});

test.each(["train", "train=0.5", "a=0.5,a=0.5", "a=0.5,b=0.6", "a=2,b=-1", "a=x", ""])(
  "parts '%s' are refused",
  (text) => {
    expect(() => parseParts(text)).toThrow(code("USAGE"));
  },
);
