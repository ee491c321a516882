import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RepriseError } from "#record";
import type { Golden, GoldenFile } from "./golden.ts";
import { digestBefore, readGolden } from "./read.ts";
import { blockOf, headOf } from "./write.ts";

/** In the project, and in its repository. */
export const GOLDEN_FOLDER = "reprise-audit";

const NAME = /^[\w][\w.-]{0,99}$/;

/** Throws GOLDEN_NAME for what could be no file everywhere. */
export function checkName(name: string): void {
  if (NAME.test(name)) return;
  const what = `'${name}' is no name for a golden: letters, digits, "-", "_" and "."`;
  throw new RepriseError("GOLDEN_NAME", "usage", what, "reprise audit init nightly -- python train.py");
}

const pathOf = (name: string): string => `${GOLDEN_FOLDER}/${name}.toml`;

export function goldenNames(project: string): string[] {
  const folder = join(project, GOLDEN_FOLDER);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".toml"))
    .map((file) => file.slice(0, -".toml".length))
    .sort();
}

/** The golden of that name, or null where there is none. */
export function findGolden(project: string, name: string): GoldenFile | null {
  checkName(name);
  const file = join(project, pathOf(name));
  return existsSync(file) ? readGolden(pathOf(name), readFileSync(file, "utf8")) : null;
}

/** Throws GOLDEN_UNKNOWN with the names that there are. */
export function loadGolden(project: string, name: string): GoldenFile {
  const found = findGolden(project, name);
  if (found !== null) return found;
  const names = goldenNames(project);
  throw new RepriseError(
    "GOLDEN_UNKNOWN",
    "missing",
    `there is no ${pathOf(name)}${names.length === 0 ? "" : `; there is ${names.join(", ")}`}`,
    names[0] === undefined ? "reprise audit init -- python train.py" : `reprise audit run ${names[0]}`,
  );
}

/** Appends a golden: what stands in the file stays as it is. The whole file or nothing of it is written. */
export function appendGolden(project: string, name: string, golden: Omit<Golden, "before">): GoldenFile {
  checkName(name);
  const old = findGolden(project, name);
  const text = old === null ? headOf(name) : `${old.text.trimEnd()}\n`;
  const previous = old?.goldens.at(-1) ?? null;
  const next = text + blockOf({ ...golden, before: old === null ? null : digestBefore(text) }, previous);
  const made = readGolden(pathOf(name), next);
  const file = join(project, pathOf(name));
  mkdirSync(join(project, GOLDEN_FOLDER), { recursive: true });
  writeFileSync(`${file}.new`, next);
  renameSync(`${file}.new`, file);
  return made;
}
