import { extname } from "node:path";

const CONFIGS = new Set([".yaml", ".yml", ".json", ".jsonc", ".toml", ".ini", ".cfg", ".conf", ".properties", ".env"]);

export function isConfig(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return CONFIGS.has(extname(path).toLowerCase()) || /^\.env(\.|$)/.test(name);
}

interface Key {
  readonly name: string;
  readonly indent: number;
}

function keyAt(line: string): Key | null {
  const found = /^([\s-]*)(?:export\s+)?["']?([A-Za-z_][\w.-]*)["']?\s*[:=]/.exec(line);
  return found === null ? null : { name: found[2] ?? "", indent: (found[1] ?? "").length };
}

/** The key that a line of a configuration file sets, with the sections or parents above it: "optimizer.lr". */
export function keyOfLine(lines: readonly string[], at: number): string | null {
  const own = keyAt(lines[at] ?? "");
  if (own === null) return null;
  const parents: string[] = [];
  let { indent } = own;
  for (let i = at - 1; i >= 0; i--) {
    const line = lines[i] ?? "";
    const section = /^\s*\[+([^\]]+)\]+\s*$/.exec(line)?.[1];
    if (section !== undefined) return [section.trim(), ...parents, own.name].join(".");
    const key = indent > 0 ? keyAt(line) : null;
    if (key === null || key.indent >= indent) continue;
    // A parent opens a block and has no value of its own.
    if (/[:=]\s*[{[]?\s*(?:#.*)?$/.test(line.trimEnd())) parents.unshift(key.name);
    indent = key.indent;
  }
  return [...parents, own.name].join(".");
}

/** The name that a line of code gives a value to; "#" for lines that do nothing. */
export function targetOf(line: string): string | null {
  if (/^\s*(?:#|\/\/|$)/.test(line)) return "#";
  return /^\s*([A-Za-z_][\w.]*(?:\[[^\]]*\])?)\s*(?::[^=]+)?=(?!=)/.exec(line)?.[1] ?? null;
}
