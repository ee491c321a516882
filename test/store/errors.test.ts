import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { filesBelow } from "./damage.ts";

const root = join(import.meta.dirname, "../..");

test("every code of the store is in docs/errors.md, and none there is stale", () => {
  const table = readFileSync(join(root, "docs/errors.md"), "utf8");
  const documented = new Set(Array.from(table.matchAll(/^\| `([A-Z_]+)` \|/gm), ([, code]) => code));
  const source = filesBelow(join(root, "src/store")).map((path) => readFileSync(path, "utf8"));
  const used = new Set(
    source.flatMap((text) => Array.from(text.matchAll(/"((?:STORE|RUN|RECORD)_[A-Z_]+)"/g), ([, code]) => code)),
  );
  expect([...used].filter((code) => !documented.has(code))).toEqual([]);
  const ours = [...documented].filter((code) => /^(STORE|RUN|RECORD)_/.test(code ?? ""));
  expect(ours.filter((code) => !used.has(code) && code?.startsWith("STORE_"))).toEqual([]);
});
