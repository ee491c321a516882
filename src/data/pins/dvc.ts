import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { parse } from "yaml";
import type { Pin } from "./pin.ts";

const MOST_BYTES = 8 << 20;

/** What DVC says of one path. */
interface DvcOut {
  /** From the project's root. */
  readonly path: string;
  readonly md5: string;
  readonly by: string;
}

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Files of others: a safe schema, and few aliases. */
function read(path: string): Readonly<Record<string, unknown>> {
  try {
    if (statSync(path).size > MOST_BYTES) return {};
    const value: unknown = parse(readFileSync(path, "utf8"), { maxAliasCount: 100, schema: "core" });
    return isTable(value) ? value : {};
  } catch {
    return {};
  }
}

function outsIn(list: unknown, folder: string, by: string): DvcOut[] {
  return listOf(list).flatMap((one): DvcOut[] => {
    if (!isTable(one) || typeof one["path"] !== "string" || typeof one["md5"] !== "string") return [];
    return [{ path: join(folder, one["path"]), md5: one["md5"], by }];
  });
}

/** `NAME.dvc` beside a file or a folder above it, and the `dvc.lock` of each folder above. */
export function dvcOuts(project: string, paths: readonly string[]): DvcOut[] {
  const found: DvcOut[] = [];
  const looked = new Set<string>();
  for (const path of paths) {
    for (let at = path; at !== "." && at !== "/" && at !== ""; at = dirname(at)) {
      const folder = dirname(at);
      for (const name of [`${at}.dvc`, join(folder, "dvc.lock")]) {
        if (looked.has(name)) continue;
        looked.add(name);
        if (!existsSync(join(project, name))) continue;
        const facts = read(join(project, name));
        found.push(...outsIn(facts["outs"], folder, name));
        for (const stage of isTable(facts["stages"]) ? Object.values(facts["stages"]) : [])
          if (isTable(stage))
            found.push(...outsIn(stage["outs"], folder, name), ...outsIn(stage["deps"], folder, name));
      }
    }
  }
  return found;
}

/** In a folder that DVC tracks, the list in its cache says what each file is. */
function inFolder(project: string, { md5, path: root }: DvcOut, path: string): string | null {
  const hex = md5.replace(/\.dir$/, "");
  for (const cache of [".dvc/cache/files/md5", ".dvc/cache"]) {
    try {
      const text = readFileSync(join(project, cache, hex.slice(0, 2), `${hex.slice(2)}.dir`), "utf8");
      const entry = listOf(JSON.parse(text)).find((one) => isTable(one) && one["relpath"] === relative(root, path));
      return isTable(entry) && typeof entry["md5"] === "string" ? entry["md5"] : null;
    } catch {
      // Not in this cache.
    }
  }
  return null;
}

function md5Of(path: string): string | null {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch {
    return null;
  }
  try {
    const hashing = createHash("md5");
    const buffer = Buffer.allocUnsafe(1 << 20);
    for (
      let got = readSync(fd, buffer, 0, buffer.length, null);
      got > 0;
      got = readSync(fd, buffer, 0, buffer.length, null)
    )
      hashing.update(buffer.subarray(0, got));
    return hashing.digest("hex");
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}

/** The pin of one input. `isAsRead`: what lies there now is what the run read, so its md5 can be taken. */
export function dvcPin(project: string, outs: readonly DvcOut[], path: string, isAsRead: boolean): Pin | null {
  const covering = outs.filter(
    (out) => out.path === path || (out.md5.endsWith(".dir") && path.startsWith(`${out.path}/`)),
  );
  // The nearest says it.
  const out = covering.toSorted((a, b) => b.path.length - a.path.length)[0];
  if (out === undefined) return null;
  const wanted = out.path === path ? out.md5 : inFolder(project, out, path);
  const named = { path, tool: "dvc", by: out.by } as const;
  const identity =
    out.path === path ? `md5:${out.md5}` : `md5:${out.md5} ${basename(out.path)}/${relative(out.path, path)}`;
  if (wanted === null) return { ...named, identity, agrees: null, note: "its list is not in DVC's cache" };
  if (!isAsRead) return { ...named, identity, agrees: null, note: "the file has changed since the run" };
  const md5 = md5Of(join(project, path));
  if (md5 === wanted) return { ...named, identity, agrees: true };
  return { ...named, identity, agrees: false, note: `its md5 is ${md5 ?? "not to be had"}: dvc status` };
}
