import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import type { PackageOrigin } from "#record";
import { originOf } from "./origin.ts";

/** An installed distribution, as its metadata on disk says. */
export interface Distribution {
  readonly name: string;
  readonly version: string;
  readonly origin: PackageOrigin;
  /** Top-level modules it says it owns; null when it does not say. */
  readonly modules: readonly string[] | null;
  /** The list of its files, for what the modules do not tell. */
  readonly listing: string | null;
  /** Folder of its sources when it is installed in place. */
  readonly place: string | null;
}

interface Folder {
  readonly changedMs: number;
  readonly distributions: readonly Distribution[];
}

/** Folders of installed packages change seldom: read once in a process. */
const read = new Map<string, Folder>();

/** The distributions in one folder of sys.path. */
export function distributionsIn(folder: string): readonly Distribution[] {
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isDirectory()) return [];
  const known = read.get(folder);
  if (known?.changedMs === stat.mtimeMs) return known.distributions;
  const distributions = namesIn(folder).flatMap((name) => {
    const found = distributionAt(folder, name);
    return found === null ? [] : [found];
  });
  read.set(folder, { changedMs: stat.mtimeMs, distributions });
  return distributions;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function distributionAt(folder: string, name: string): Distribution | null {
  const at = join(folder, name);
  if (name.endsWith(".dist-info")) return fromDistInfo(at, name);
  if (name.endsWith(".egg-info")) return fromEggInfo(at);
  if (name.endsWith(".egg-link")) return fromEggLink(at);
  return null;
}

function fromDistInfo(at: string, folder: string): Distribution | null {
  const files = new Set(namesIn(at));
  const metadata = files.has("METADATA") ? headOf(join(at, "METADATA")) : null;
  const named = /^(.+?)-(\d[^-]*)\.dist-info$/.exec(folder);
  const name = field(metadata, "Name") ?? named?.[1];
  const version = field(metadata, "Version") ?? named?.[2];
  if (name === undefined || version === undefined) return null;
  const direct = files.has("direct_url.json") ? readText(join(at, "direct_url.json")) : null;
  const installer = files.has("INSTALLER") ? readText(join(at, "INSTALLER"))?.trim() : undefined;
  const { origin, place } = originOf(direct, installer);
  const modules = files.has("top_level.txt") ? linesOf(readText(join(at, "top_level.txt"))) : null;
  return { name, version, origin, place, modules, listing: files.has("RECORD") ? join(at, "RECORD") : null };
}

function fromEggInfo(at: string): Distribution | null {
  const isFolder = statSync(at, { throwIfNoEntry: false })?.isDirectory() === true;
  const metadata = headOf(isFolder ? join(at, "PKG-INFO") : at);
  const name = field(metadata, "Name");
  const version = field(metadata, "Version");
  if (name === undefined || version === undefined) return null;
  const modules = isFolder ? linesOf(readText(join(at, "top_level.txt"))) : null;
  const origin: PackageOrigin = {
    kind: "unclear",
    reason: "installed by setup.py or the system, which keep no origin",
  };
  return { name, version, origin, place: null, modules, listing: null };
}

/** `setup.py develop`: one line with the folder of the sources, whose .egg-info has the name. */
function fromEggLink(at: string): Distribution | null {
  const place = linesOf(readText(at))?.[0];
  const info = place === undefined ? undefined : namesIn(place).find((name) => name.endsWith(".egg-info"));
  if (place === undefined || info === undefined) return null;
  const found = fromEggInfo(join(place, info));
  if (found === null) return null;
  return { ...found, place, origin: { kind: "editable", path: place, digest: { unknown: "not imported" } } };
}

const HEAD_BYTES = 2048;
const buffer = Buffer.alloc(HEAD_BYTES);

/** The beginning of a file: name and version stand there, a long description follows. */
function headOf(path: string): string | null {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch {
    return null;
  }
  try {
    return buffer.toString("utf8", 0, readSync(fd, buffer, 0, HEAD_BYTES, 0));
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}

function field(metadata: string | null, name: string): string | undefined {
  return new RegExp(`^${name}:[ \\t]*(\\S.*?)\\r?$`, "m").exec(metadata ?? "")?.[1];
}

function linesOf(text: string | null): string[] | null {
  return text === null ? null : text.split(/\r?\n/).filter((line) => line.trim() !== "");
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
