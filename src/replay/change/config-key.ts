import { extname } from "node:path";

const CONFIGS = new Set([".yaml", ".yml", ".json", ".jsonc", ".toml", ".ini", ".cfg", ".conf", ".properties", ".env"]);

export function isConfig(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return CONFIGS.has(extname(path).toLowerCase()) || /^\.env(\.|$)/.test(name);
}

/** The name that a line of code gives a value to; "#" for lines that do nothing. */
export function targetOf(line: string): string | null {
  if (/^\s*(?:#|\/\/|$)/.test(line)) return "#";
  return /^\s*([A-Za-z_][\w.]*(?:\[[^\]]*\])?)\s*(?::[^=]+)?=(?!=)/.exec(line)?.[1] ?? null;
}
