import { readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { type Digest, digestOf, isUnknown, type RunRecord } from "#record";
import { normalName } from "./name.ts";

/** By `name==version`, the name after PEP 503: the digests of its files, as `sha256:…`. */
export type LockHashes = ReadonlyMap<string, readonly string[]>;

/** The content of an object of the store; null: it has none of this digest. */
export type ReadObject = (digest: Digest) => Uint8Array | null;

type Table = Readonly<Record<string, unknown>>;
const isTable = (value: unknown): value is Table =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Every SHA-256 below a value, whatever a lock calls its members. */
function digestsIn(value: unknown): string[] {
  if (typeof value === "string") return /^sha256:[0-9a-f]{64}$/.test(value) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap(digestsIn);
  if (!isTable(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === "sha256" && typeof inner === "string" && /^[0-9a-f]{64}$/.test(inner)
      ? [`sha256:${inner}`]
      : digestsIn(inner),
  );
}

function ofPackages(packages: readonly unknown[]): [string, string[]][] {
  return packages.flatMap((item): [string, string[]][] => {
    if (!isTable(item) || typeof item["name"] !== "string" || typeof item["version"] !== "string") return [];
    const { files, wheels, sdist, archive } = item;
    return [[`${normalName(item["name"])}==${item["version"]}`, digestsIn([files, wheels, sdist, archive])]];
  });
}

function ofPipfile(lock: Table): [string, string[]][] {
  return ["default", "develop"].flatMap((group) =>
    Object.entries(isTable(lock[group]) ? (lock[group] as Table) : {}).flatMap(([name, item]): [string, string[]][] => {
      const version = isTable(item) && typeof item["version"] === "string" ? item["version"] : "";
      return version.startsWith("==") ? [[`${normalName(name)}${version}`, digestsIn(item)]] : [];
    }),
  );
}

/** pip's own way: hashes behind a pin, on the lines that it goes on over. */
function ofRequirements(text: string): [string, string[]][] {
  return text
    .replace(/\\\r?\n/g, " ")
    .split("\n")
    .flatMap((line): [string, string[]][] => {
      const pin = /^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([\w.!+-]+)/.exec(line);
      const hashes = [...line.matchAll(/--hash=(sha256:[0-9a-f]{64})/g)].map(([, hash]) => hash ?? "");
      return pin === null ? [] : [[`${normalName(pin[1] ?? "")}==${pin[2] ?? ""}`, hashes]];
    });
}

/** What a lock says of its packages' files; nothing where it is of another kind or cannot be read. */
export async function hashesOfLock(path: string, text: string): Promise<[string, string[]][]> {
  const name = basename(path);
  try {
    if (name === "Pipfile.lock") return ofPipfile(JSON.parse(text) as Table);
    if (/^requirements.*\.txt$/.test(name) || path.startsWith("requirements/")) return ofRequirements(text);
    if (!/^(?:uv|poetry|pdm)\.lock$|^pylock(?:\..+)?\.toml$/.test(name)) return [];
    const { parse } = await import("smol-toml");
    const lock = parse(text) as Table;
    return ofPackages(listOf(lock["package"] ?? lock["packages"]));
  } catch {
    return [];
  }
}

const MOST_BYTES = 64 << 20;

function contentOf(run: RunRecord, path: string, digest: Digest, read: ReadObject): string | null {
  const kept = read(digest);
  if (kept !== null) return new TextDecoder().decode(kept);
  try {
    const place = join(run.command.project, path);
    if (statSync(place).size > MOST_BYTES) return null;
    const bytes = readFileSync(place);
    return digestOf(bytes) === digest ? bytes.toString("utf8") : null;
  } catch {
    return null;
  }
}

/** The hashes that the run's own lock files have, where those are still as they were recorded. */
export async function recordedHashes(run: RunRecord, read: ReadObject): Promise<LockHashes> {
  const found = new Map<string, string[]>();
  for (const { path, digest } of run.environment.lockFiles) {
    const text = isUnknown(digest) ? null : contentOf(run, path, digest, read);
    if (text === null) continue;
    for (const [pin, hashes] of await hashesOfLock(path, text))
      if (hashes.length > 0) found.set(pin, [...new Set([...(found.get(pin) ?? []), ...hashes])]);
  }
  return found;
}
