import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ROOMS, rules } from "../../scripts/law/floors.ts";
import { importViolations } from "../../scripts/law/imports.ts";

const made: string[] = [];
afterAll(() => {
  for (const root of made) rmSync(root, { recursive: true, force: true });
});

/** A small house of its own with the doors of ours. */
function house(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "reprise-law-"));
  made.push(root);
  const doors = { "#*": { source: "./src/*/index.ts", default: "./dist/*/index.js" } };
  const all = { "package.json": JSON.stringify({ name: "house", type: "module", imports: doors }), ...files };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const broken = (files: Readonly<Record<string, string>>): string[] =>
  importViolations(house(files)).map(({ where, what }) => `${where} ${what.split(":")[0]}`);

describe("the floors", () => {
  test("a house in order has no violation", () => {
    const files = {
      "src/record/index.ts": 'import { createHash } from "node:crypto";\nexport const digest = createHash;\n',
      "src/exec/index.ts": 'export { spawn as launch } from "node:child_process";\n',
      "src/run/index.ts":
        'import { digest } from "#record";\nimport { launch } from "#exec";\nexport const run = [digest, launch];\n',
      "src/cli/main.ts": 'export const go = async () => (await import("#run")).run;\n',
      "src/index.ts": 'export { run } from "#run";\n',
    };
    expect(broken(files)).toEqual([]);
  });

  test.each([
    ["up", 'import { x } from "#run";\nexport const y = x;\n'],
    ["up for a type only", 'import type { X } from "#run";\nexport const y: X = 1;\n'],
    ["up lazily", 'export const y = () => import("#run");\n'],
    ["up by re-export", 'export { x } from "#run";\n'],
  ])("an import %s is caught", (_, text) => {
    const files = { "src/store/index.ts": text, "src/run/index.ts": "export const x = 1;\nexport type X = number;\n" };
    expect(broken(files)).toContain("src/store/index.ts floor-1-store");
  });

  test("a neighbour on the same floor is closed", () => {
    const files = {
      "src/store/index.ts": 'export { x } from "#exec";\n',
      "src/exec/index.ts": "export const x = 1;\n",
    };
    expect(broken(files)).toEqual(["src/store/index.ts floor-1-store"]);
  });

  test("a room is entered by its door, and by the door's name", () => {
    const files = {
      "src/record/index.ts": 'export { x } from "./digest.ts";\n',
      "src/record/digest.ts": "export const x = 1;\n",
      "src/run/index.ts": 'import { x } from "../record/digest.ts";\nexport const y = x;\n',
      "src/replay/index.ts": 'import { x } from "../record/index.ts";\nexport const y = x;\n',
    };
    expect(broken(files)).toEqual(
      expect.arrayContaining(["src/run/index.ts through-the-door", "src/replay/index.ts door-by-its-name"]),
    );
  });

  test("pure rooms get no input and no output", () => {
    const files = {
      "src/content/index.ts": 'import { inflateSync } from "node:zlib";\nexport { inflateSync };\n',
      "src/compare/index.ts": 'import { readFileSync } from "node:fs";\nexport const read = readFileSync;\n',
      "src/check/index.ts": 'export const os = async () => import("os");\n',
    };
    expect(broken(files).sort()).toEqual([
      "src/check/index.ts pure-rooms-do-no-io",
      "src/compare/index.ts pure-rooms-do-no-io",
    ]);
  });

  test("processes start in exec and capture only, and the server reaches neither, even around a corner", () => {
    const files = {
      "src/exec/index.ts": 'export { spawn } from "node:child_process";\n',
      "src/store/index.ts": 'export { spawn } from "child_process";\n',
      "src/run/index.ts": 'export { spawn } from "#exec";\n',
      "src/server/index.ts": 'export { spawn } from "#run";\n',
    };
    const found = broken(files);
    expect(found).toContain("src/store/index.ts processes-start-in-exec-and-capture");
    expect(found).toContain("src/server/index.ts server-starts-nothing");
  });

  test("a cycle inside one room is caught", () => {
    const files = {
      "src/store/index.ts": 'export { a } from "./a.ts";\n',
      "src/store/a.ts": 'import { b } from "./b.ts";\nexport const a = () => b;\n',
      "src/store/b.ts": 'import { a } from "./a.ts";\nexport const b = () => a;\n',
    };
    expect(broken(files).join()).toContain("no-cycles");
  });

  test("every rule says what to do instead", () => {
    for (const rule of rules()) expect(rule.comment.length, rule.name).toBeGreaterThan(60);
    expect(Object.keys(ROOMS)).toHaveLength(18);
  });
});
