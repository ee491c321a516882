import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openStore } from "#store";
import { describeChange } from "../../../src/replay/change/file-change.ts";
import type { FileState } from "../../../src/replay/change/project-files.ts";

const root = mkdtempSync(join(tmpdir(), "lists-"));
const store = openStore(join(root, "store"), { create: true });
afterAll(() => {
  store.close();
  rmSync(root, { recursive: true, force: true });
});

const state = (lines: readonly string[]): FileState => {
  const text = Buffer.from(`${lines.join("\n")}\n`);
  return { mode: "100644", digest: store.objects.put(text), bytes: text.length, lacking: null };
};
const names = Array.from({ length: 30_000 }, (_, i) => `name${(i * 7919) % 30_000}`);

test("a long list of lines in another order is one difference, not thousands", () => {
  const change = describeChange("names.txt", state(names), state(names.toSorted()), false, store);
  expect(change.ingredients).toMatchObject([{ kind: "data-order", name: "names.txt" }]);
});

test("a list of which some lines differ is one ingredient, and its lines are searched once it is guilty", () => {
  const edited = names.map((name, i) => (i === 12 || i === 20_000 ? `${name}x` : name));
  const { ingredients, rows } = describeChange("names.txt", state(names), state(edited), false, store);
  expect(ingredients).toMatchObject([{ kind: "data-content", name: "names.txt" }]);
  expect(rows.map((row) => row.name)).toEqual(["names.txt row 13", "names.txt row 20001"]);
});
