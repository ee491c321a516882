import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openStore } from "#store";
import { bundlesOf } from "../../../src/replay/change/bundles.ts";
import { describeChange } from "../../../src/replay/change/file-change.ts";
import type { FileState } from "../../../src/replay/change/project-files.ts";

const root = mkdtempSync(join(tmpdir(), "bundles-"));
const store = openStore(join(root, "store"), { create: true });
afterAll(() => {
  store.close();
  rmSync(root, { recursive: true, force: true });
});

const state = (text: string | null): FileState | null =>
  text === null
    ? null
    : { mode: "100644", digest: store.objects.put(Buffer.from(text)), bytes: text.length, lacking: null };

function told(files: Readonly<Record<string, readonly [string | null, string | null]>>, looked: string[] | null) {
  const changes = Object.entries(files).map(([path, [a, b]]) => describeChange(path, state(a), state(b), false, store));
  const { bundles, renames } = bundlesOf(changes, looked === null ? null : new Set(looked), store);
  const name = (one: { file: string | null; line: number | null }): string => `${one.file}:${one.line}`;
  return { bundles: bundles.map((some) => some.map(name)), renames: [...renames].map(name) };
}

const CODE = "def load():\n    return 1\n\nx = load()\nrate = 0.1\n\nprint(x)\n# the end\n";

test("a renamed function and its calls hang together, also over files; a changed number does not", () => {
  const renamed = CODE.replaceAll("load", "read_all").replace("0.1", "0.2");
  const found = told({ "a.py": [CODE, renamed], "b.py": ["from a import load\n", "from a import read_all\n"] }, null);
  expect(found.bundles).toEqual([["a.py:1", "a.py:4", "b.py:1"]]);
  expect(found.renames).toEqual(["a.py:1", "a.py:4", "b.py:1"]);
});

test("a moved function is one edit, and a new module hangs together with its import", () => {
  const [one, two] = ["def one():\n    return 'first'\n\n", "def two():\n    return 'second'\n\n"];
  const between = "value = 3\nother = 4\nthird = 5\n\n";
  const moved = told({ "a.py": [one + two + between, two + between + one] }, null);
  expect(moved.bundles).toHaveLength(1);
  expect(moved.bundles[0]).toHaveLength(2);
  const added = told({ "a.py": ["x = 1\n", "import extra\nx = 1\n"], "extra.py": [null, "y = 2\n"] }, null);
  expect(added.bundles).toEqual([["a.py:1", "extra.py:null"]]);
});

test("files that neither run looked at are one question, whatever they are", () => {
  const found = told(
    { "a.py": ["x = 1\n", "x = 2\n"], "README.md": ["one\n", "two\n"], "old.csv": ["a,b\n1,2\n", "a,b\n1,3\n"] },
    ["a.py"],
  );
  expect(found.bundles).toEqual([["README.md:1", "old.csv:2"]]);
});

test("notes, empty lines, names and unread files are told as unlikely, a changed value is not", () => {
  const rest = "a = 1\nb = 2\nc = 3\n";
  const code = (note: string, why: string, name: string, rate: string): string =>
    `# ${note}\n${rest}y = 2${why}\n${rest}${name} = a\n${rest}rate = ${rate}\n${rest}print(${name})\n`;
  const [mine, theirs] = [code("one", "  # why", "label", "0.1"), code("two", "", "title", "0.2")];
  const changes = [
    describeChange("a.py", state(mine), state(theirs), false, store),
    describeChange("notes.md", state("one\n"), state("two\n"), false, store),
  ];
  const { unlikely } = bundlesOf(changes, new Set(["a.py"]), store);
  const weights = changes.flatMap(({ ingredients }) =>
    ingredients.map((one) => `${one.file}:${one.line} ${unlikely.get(one) ?? 1}`),
  );
  expect(weights).toEqual([
    "a.py:1 0.03",
    "a.py:5 0.03",
    "a.py:9 0.15",
    "a.py:13 1",
    "a.py:17 0.15",
    "notes.md:1 0.03",
  ]);
});
