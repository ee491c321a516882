import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { normalName, type PackageNeed } from "./package-need.ts";

/** An installed package as it lies in a folder of sys.path now. */
export interface Found {
  readonly folder: string;
  readonly info: string;
  readonly version: string;
  /** direct_url.json: where it was installed from when not from a registry. */
  readonly direct: string | null;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function foundIn(folder: string, name: string): Found | null {
  let entries: string[];
  try {
    entries = readdirSync(folder);
  } catch {
    return null;
  }
  for (const info of entries) {
    const parts = /^(.+?)-(\d[^-]*)\.dist-info$/.exec(info);
    if (parts === null || normalName(parts[1] ?? "") !== name) continue;
    const version =
      /^Version:[ \t]*(\S.*?)\r?$/m.exec(read(join(folder, info, "METADATA")) ?? "")?.[1] ?? parts[2] ?? "";
    return { folder, info, version, direct: read(join(folder, info, "direct_url.json")) };
  }
  return null;
}

/** The first on the path is the one that an import finds. */
export function findInstalled(sysPath: readonly string[], name: string): Found | null {
  for (const folder of sysPath) {
    const found = folder === "" ? null : foundIn(folder, normalName(name));
    if (found !== null) return found;
  }
  return null;
}

export function isWanted(found: Found | null, need: PackageNeed): boolean {
  if (found === null || found.version !== need.version) return false;
  if (need.origin?.kind === "vcs") return found.direct?.includes(need.origin.commit) === true;
  return true;
}

/** Files of the package, relative to its folder. */
function filesOf({ folder, info }: Found): string[] {
  const record = read(join(folder, info, "RECORD"));
  if (record !== null) {
    const names = record.split(/\r?\n/).flatMap((line) => {
      const name = line.startsWith('"') ? (/^"([^"]*)"/.exec(line)?.[1] ?? "") : (line.split(",")[0] ?? "");
      return name === "" || name.startsWith("..") || name.startsWith("/") ? [] : [name];
    });
    if (names.length > 0) return names;
  }
  const tops = (read(join(folder, info, "top_level.txt")) ?? "").split(/\s+/).filter((name) => name !== "");
  const names = tops.length > 0 ? tops : [info.replace(/-\d.*$/, "").replaceAll("-", "_")];
  return [info, ...names.flatMap((name) => [name, `${name}.py`])].filter((name) => existsSync(join(folder, name)));
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Compiled code serves one kind of interpreter. */
export function isPure(found: Found): boolean {
  return !filesOf(found).some((name) => /\.(?:so|pyd|dylib)$|\.so\./.test(name));
}

/**
 * Links a package into an overlay. A folder without `__init__.py` may be shared by several packages: it is made anew and
 * what belongs to this one is linked in it.
 */
export function linkPackage(found: Found, overlay: string): void {
  const link = (names: readonly string[], prefix: string): void => {
    const tops = new Map<string, string[]>();
    for (const name of names) {
      const [top = "", ...rest] = name.split("/");
      if (top === "__pycache__" || top === "") continue;
      tops.set(top, [...(tops.get(top) ?? []), ...(rest.length > 0 ? [rest.join("/")] : [])]);
    }
    for (const [top, inner] of tops) {
      const [from, to] = [join(found.folder, prefix, top), join(overlay, prefix, top)];
      if (!existsSync(from)) continue;
      const namespace = isFolder(from) && !top.endsWith(".dist-info") && !existsSync(join(from, "__init__.py"));
      if (namespace && inner.length > 0) {
        mkdirSync(to, { recursive: true });
        link(inner, join(prefix, top));
      } else if (!existsSync(to)) symlinkSync(from, to);
    }
  };
  mkdirSync(overlay, { recursive: true });
  link([...filesOf(found), `${found.info}/METADATA`], "");
}
