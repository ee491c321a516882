import { lstatSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { parse } from "yaml";
import { RepriseError } from "#record";

const MOST_FILES = 200_000;
const MOST_BYTES = 512 * 1024 * 1024;
const MOST_DEPTH = 24;

export function malformed(path: string, why: string, cause?: unknown): RepriseError {
  return new RepriseError(
    "IMPORT_MALFORMED",
    "missing",
    `${path}: ${why}; nothing was imported`,
    "mend or remove it, then import again",
    { cause },
  );
}

export function nothingThere(tool: string, folder: string, wanted: string): RepriseError {
  return new RepriseError(
    "IMPORT_EMPTY",
    "missing",
    `${folder} holds no run of ${tool}: ${wanted}`,
    "reprise import --help",
  );
}

/** The folder or file to import from, with its links resolved. */
export function existing(path: string, cwd: string): string {
  try {
    return realpathSync(resolve(cwd, path));
  } catch (error) {
    const message = `there is no folder ${resolve(cwd, path)}`;
    throw new RepriseError("IMPORT_NO_FOLDER", "missing", message, "reprise import --help", { cause: error });
  }
}

export const isFile = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
const isFolder = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Plain files below a folder, as paths relative to it with "/", sorted. No link is followed: it may lead anywhere. */
export function filesUnder(folder: string): string[] {
  const found: string[] = [];
  const walk = (relative: string, depth: number): void => {
    if (depth > MOST_DEPTH) throw malformed(join(folder, relative), "folders nested too deep");
    for (const entry of readdirSync(join(folder, relative), { withFileTypes: true })) {
      const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory() && entry.name !== ".git" && entry.name !== "node_modules") walk(path, depth + 1);
      else if (entry.isFile()) found.push(path);
      if (found.length > MOST_FILES) throw malformed(folder, `more than ${MOST_FILES} files`);
    }
  };
  if (isFolder(folder)) walk("", 0);
  return found.sort();
}

export function bytesOf(path: string): Uint8Array {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile()) throw malformed(path, "it is no plain file");
  if (stat.size > MOST_BYTES) throw malformed(path, `it is larger than ${MOST_BYTES / 2 ** 20} MiB`);
  try {
    return readFileSync(path);
  } catch (error) {
    throw malformed(path, `it cannot be read (${(error as Error).message})`, error);
  }
}

export const readText = (path: string): string => new TextDecoder().decode(bytesOf(path));

/** A JSON object. Python writes NaN and infinities bare, which JSON has not: they become texts. */
export function jsonOf(path: string): Record<string, unknown> {
  const source = readText(path);
  const attempt = (text: string): unknown => JSON.parse(text);
  let value: unknown;
  try {
    value = attempt(source);
  } catch {
    try {
      value = attempt(
        source.replace(
          /("(?:[^"\\]|\\.)*")|-?\b(?:NaN|Infinity)\b/g,
          (word: string, quoted?: string) => quoted ?? `"${word}"`,
        ),
      );
    } catch (error) {
      throw malformed(path, `it is not JSON (${(error as Error).message})`, error);
    }
  }
  return mappingIn(value, path);
}

export function yamlOf(path: string): Record<string, unknown> {
  try {
    return mappingIn(parse(readText(path), { logLevel: "error", uniqueKeys: false, maxAliasCount: 1000 }), path);
  } catch (error) {
    if (error instanceof RepriseError) throw error;
    throw malformed(path, `it is not YAML (${(error as Error).message.split("\n")[0] ?? ""})`, error);
  }
}

function mappingIn(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed(path, "it holds no mapping");
  return value as Record<string, unknown>;
}

/** What is inside a folder, links resolved; null for what leads out. */
export function within(folder: string, path: string): string | null {
  try {
    const real = realpathSync(path);
    return real === folder || real.startsWith(folder + sep) ? real : null;
  } catch {
    return null;
  }
}
