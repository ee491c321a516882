import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

test("every code of this room is in docs/errors.md", () => {
  const table = readFileSync(join(root, "docs/errors.md"), "utf8");
  const folder = join(root, "src/capture");
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  const text = sources.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
  const used = Array.from(text.matchAll(/RepriseError\(\s*"([A-Z_]+)"/g), ([, code]) => code);
  expect(used.length).toBeGreaterThan(3);
  expect(used.filter((code) => !table.includes(`| \`${code}\` |`))).toEqual([]);
});
