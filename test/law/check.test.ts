import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { ARTICLES } from "../../scripts/check.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("the law holds on this tree", () => {
  test.each(Object.keys(ARTICLES))("%s", (name) => {
    expect(ARTICLES[name]?.()).toBeNull();
  });
});

describe("the lint", () => {
  const lint = (text: string, config = ".oxlintrc.json"): string => {
    const folder = mkdtempSync(join(tmpdir(), "reprise-lint-"));
    try {
      writeFileSync(join(folder, "canary.ts"), text);
      const child = spawnSync(join(root, "node_modules/.bin/oxlint"), ["-c", join(root, config), "canary.ts"], {
        cwd: folder,
        encoding: "utf8",
      });
      return child.stdout;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };

  test.each([
    ["the environment", 'export const a = process.env["HOME"];\n', "no-restricted-properties"],
    ["the home folder", 'import { homedir } from "node:os";\nexport const a = homedir();\n', "no-restricted-imports"],
    ["the console", 'console.log("a");\n', "no-console"],
    ["printing", 'process.stdout.write("a");\n', "no-restricted-properties"],
    ["exiting", "process.exit(1);\n", "no-restricted-properties"],
    ["a default export", "export default 1;\n", "no-default-export"],
    ["any", "export const a = (b: any): number => (b ? 1 : 2);\n", "no-explicit-any"],
  ])("refuses %s", (_, text, rule) => {
    expect(lint(text)).toContain(rule);
  });
});
