// `npm run check`: the whole law, one line per article. `npm run check -- floors shape` runs some of them.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { importViolations } from "./law/imports.ts";
import { shapeViolations } from "./law/shape.ts";
import { unusedParts } from "./law/unused.ts";
import type { Violation } from "./law/violation.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs a tool of node_modules; its output if it objects, else null. */
function tool(name: string, ...options: string[]): string | null {
  const child = spawnSync(`${root}node_modules/.bin/${name}`, options, {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" },
  });
  if (child.error) throw child.error;
  return child.status === 0 ? null : `${child.stdout}${child.stderr}`;
}

function list(violations: readonly Violation[]): string | null {
  if (violations.length === 0) return null;
  return violations.map(({ where, what, instead }) => `${where}\n  ${what}\n  → ${instead}\n`).join("");
}

export const ARTICLES: Readonly<Record<string, () => string | null>> = {
  types: () => tool("tsc", "-p", "tsconfig.json"),
  floors: () => list(importViolations(root)),
  shape: () => list(shapeViolations(root)),
  format: () =>
    tool("biome", "ci", "--colors=off", "--reporter=concise", "--diagnostic-level=warn", "--max-diagnostics=200", "."),
  lint: () => tool("oxlint", "--type-aware", "--deny-warnings"),
  unused: () => unusedParts(root),
  package: () => tool("publint", "--strict", "--pack", "false"),
};

if (import.meta.main) {
  const asked = process.argv.slice(2);
  const unknown = asked.filter((name) => !(name in ARTICLES));
  if (unknown.length > 0) {
    process.stderr.write(`no article ${unknown.join(", ")}; there are ${Object.keys(ARTICLES).join(", ")}\n`);
    process.exit(2);
  }
  for (const [name, article] of Object.entries(ARTICLES)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    const objection = article();
    process.stdout.write(objection === null ? `✓ ${name}\n` : `✗ ${name}\n${objection}\n`);
    if (objection !== null) process.exitCode = 1;
  }
}
