import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { unusedParts } from "../../scripts/law/unused.ts";

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

const HOUSE = {
  ".gitignore": "dist/\n",
  "knip.json": JSON.stringify({ entry: ["src/index.ts"], project: ["src/**/*.ts"] }),
  "package.json": JSON.stringify({
    name: "house",
    type: "module",
    imports: { "#*": { source: "./src/*/index.ts", default: "./dist/*/index.js" } },
  }),
  "tsconfig.json": JSON.stringify({ compilerOptions: { module: "nodenext", customConditions: ["source"] } }),
  "src/index.ts": 'import { loaf } from "#pantry";\nloaf();\n',
  "src/pantry/index.ts": 'export { loaf } from "./bread.ts";\n',
  "src/pantry/bread.ts": 'export const loaf = (): string => "bread";\n',
  // What a build leaves behind.
  "dist/index.js": "export {};\n",
  "dist/pantry/index.js": "export {};\n",
  "dist/pantry/index.d.ts": "export declare const loaf: () => string;\n",
};

function unused(files: Readonly<Record<string, string>> = {}): string | null {
  const root = mkdtempSync(join(tmpdir(), "reprise-law-"));
  roots.push(root);
  for (const [path, text] of Object.entries({ ...HOUSE, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  expect(spawnSync("git", ["init", "--quiet"], { cwd: root }).status).toBe(0);
  return unusedParts(root);
}

describe("what nobody uses", () => {
  test("beside a dist/, everything that is used counts as used", () => {
    expect(unused()).toBeNull();
  });

  test("an export that nobody imports is named", () => {
    const planted = { "src/pantry/bread.ts": 'export const loaf = (): string => "bread";\nexport const crumb = 1;\n' };
    expect(unused(planted)).toMatch(/crumb +src\/pantry\/bread\.ts/);
  });

  test("a word in a door that no room imports is named", () => {
    const planted = {
      "src/pantry/index.ts": 'export { loaf } from "./bread.ts";\nexport { cup } from "./cup.ts";\n',
      "src/pantry/cup.ts": "export const cup = 1;\n",
    };
    expect(unused(planted)).toMatch(/cup +src\/pantry\/index\.ts/);
  });

  test("a file that nobody imports is named", () => {
    expect(unused({ "src/pantry/mouse.ts": "export const squeak = 1;\n" })).toContain("src/pantry/mouse.ts");
  });
});
