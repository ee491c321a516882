import fc from "fast-check";
import { expect, test } from "vitest";
import { diffRows, type Rows } from "#compare";

const table = (columns: readonly string[] | null, rows: readonly (readonly string[])[]): Rows => ({
  form: "CSV",
  columns,
  count: rows.length,
  cells: (index) => rows[index] ?? [],
});
const counted = (count: number): string[][] => Array.from({ length: count }, (_, i) => [String(i), String(i * i)]);
const names = ["id", "y"];

test("a cell that changed is a changed row, with its column and both values", () => {
  const rows = counted(9);
  const found = diffRows(table(names, rows), table(names, rows.with(3, ["3", "-1"])));
  expect(found.rows).toEqual({ a: 9, b: 9, added: 0, removed: 0, changed: 1, moved: 0 });
  expect(found.first).toEqual([{ change: "changed", a: 4, b: 4, cells: [{ column: "y", a: "9", b: "-1" }] }]);
});

test("rows that came, went and moved are told apart", () => {
  const rows = counted(20);
  expect(diffRows(table(names, rows), table(names, rows.toSpliced(5, 2))).rows).toMatchObject({
    removed: 2,
    changed: 0,
    moved: 0,
  });
  expect(diffRows(table(names, rows), table(names, rows.toSpliced(5, 0, ["x", "1"]))).rows).toMatchObject({
    added: 1,
    changed: 0,
  });
  const swapped = diffRows(table(names, rows), table(names, [...rows.slice(1), ...rows.slice(0, 1)]));
  expect(swapped.rows).toMatchObject({ added: 0, removed: 0, changed: 0, moved: 1 });
  expect(swapped.first).toEqual([{ change: "moved", a: 1, b: 20, cells: [] }]);
});

test("a row found again by its id is changed, however far it moved", () => {
  const rows = counted(30);
  const shuffled = rows.toReversed().map((row) => (row[0] === "7" ? ["7", "changed"] : row));
  const found = diffRows(table(names, rows), table(names, shuffled));
  expect(found.rows).toMatchObject({ added: 0, removed: 0, changed: 1, moved: 28 });
  expect(found.first[0]).toMatchObject({ change: "changed", a: 8, b: 23 });
});

test("a label that flips among many equal ones is one changed row", () => {
  const labels = Array.from({ length: 200 }, (_, i) => [String(i % 2)]);
  const found = diffRows(table(null, labels), table(null, labels.with(50, ["1"])));
  expect(found.rows).toMatchObject({ added: 0, removed: 0, changed: 1, moved: 0 });
  expect(found.first).toEqual([{ change: "changed", a: 51, b: 51, cells: [{ column: "0", a: "0", b: "1" }] }]);
});

test("columns that came, went, changed name, order or type leave the rows alone", () => {
  const a = table(
    ["id", "x", "old", "gone"],
    [
      ["1", "2", "a", "p"],
      ["2", "3", "b", "q"],
    ],
  );
  const b = table(
    ["new", "id", "x", "more"],
    [
      ["a", "1", "2.5", "r"],
      ["b", "2", "3", "s"],
    ],
  );
  const found = diffRows(a, b);
  expect(found.columns).toEqual({
    added: ["more"],
    removed: ["gone"],
    renamed: [{ a: "old", b: "new" }],
    retyped: [{ name: "x", a: "integer", b: "number" }],
    reordered: true,
  });
  expect(found.rows).toMatchObject({ changed: 1, added: 0, removed: 0 });
  expect(found.first[0]?.cells).toEqual([{ column: "x", a: "2", b: "2.5" }]);
});

test("whatever was done to a table, every row is accounted for once, and equal rows are never told as different", () => {
  const cell = fc.constantFrom("0", "1", "2", "a", "");
  const rows = fc.array(fc.tuple(cell, cell), { maxLength: 12 });
  fc.assert(
    fc.property(rows, rows, (x, y) => {
      const { rows: count, first } = diffRows(table(null, x), table(null, y));
      expect(count.a - count.removed).toBe(count.b - count.added);
      const stay = x.length - count.removed - count.changed;
      const left = new Map<string, number>();
      for (const row of x) left.set(row.join(), (left.get(row.join()) ?? 0) + 1);
      let common = 0;
      for (const row of y) {
        const some = left.get(row.join()) ?? 0;
        if (some > 0) common += 1;
        left.set(row.join(), some - 1);
      }
      expect(stay).toBe(common);
      for (const row of first)
        if (row.change === "changed") expect(x[(row.a ?? 0) - 1]?.join()).not.toBe(y[(row.b ?? 0) - 1]?.join());
      expect(count.moved < Math.max(1, common)).toBe(true);
    }),
  );
});
