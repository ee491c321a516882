// Runs dependency-cruiser with the table of floors, and does not believe it when it read too little.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { filesUnder } from "./files.ts";
import type { Violation } from "./violation.ts";

const here = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

interface Report {
  readonly modules: ReadonlyArray<{ readonly source: string }>;
  readonly summary: {
    readonly violations: ReadonlyArray<{
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
      readonly cycle?: ReadonlyArray<{ readonly name: string }>;
      readonly via?: ReadonlyArray<{ readonly name: string }>;
    }>;
    readonly ruleSetUsed: { readonly forbidden: ReadonlyArray<{ readonly name: string; readonly comment?: string }> };
  };
}

function cruise(root: string): Report {
  const program = here("node_modules/.bin/depcruise");
  const options = ["--config", here(".dependency-cruiser.mjs"), "--output-type", "json", "src"];
  const child = spawnSync(process.execPath, [program, ...options], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  if (child.error) throw child.error;
  try {
    return JSON.parse(child.stdout) as Report;
  } catch {
    throw new Error(`dependency-cruiser gave no report:\n${child.stderr}${child.stdout.slice(0, 2000)}`);
  }
}

function unread(root: string, report: Report): Violation[] {
  const read = new Set(report.modules.map((module) => module.source));
  return filesUnder(root, "src", [".ts", ".tsx", ".mts", ".js", ".mjs"])
    .filter((path) => !read.has(path))
    .map((where) => ({
      where,
      what: "dependency-cruiser did not read this file, so no rule was checked on it",
      instead: "See that @swc/core is installed and that options.parser in .dependency-cruiser.mjs is 'swc'.",
    }));
}

export function importViolations(root: string): Violation[] {
  const report = cruise(root);
  const comments = new Map(report.summary.ruleSetUsed.forbidden.map((rule) => [rule.name, rule.comment ?? ""]));
  const broken = report.summary.violations.map(({ from, to, rule, cycle, via }) => ({
    where: from,
    what: `${rule.name}: ${[from, ...(cycle ?? via ?? [{ name: to }]).map((step) => step.name)].join(" → ")}`,
    instead: comments.get(rule.name) ?? "",
  }));
  return [...broken, ...unread(root, report)];
}
