import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CodeFacts, isUnknown, type Known } from "#record";
import { gitDirOf } from "./repository.ts";

/**
 * Names of a project's files that a restore of its recorded code brings: tracked ones, and those saved by content (also
 * when secrets were cut out of them: they are not to be saved a second time). With `names`, only those of them.
 */
export function committable(project: string, code: Known<CodeFacts>, names?: readonly string[]): ReadonlySet<string> {
  if (isUnknown(code)) return new Set();
  const restorable = new Set<string>();
  if (code.kind === "git" && code.commit !== null) {
    for (const name of trackedFiles(project)) restorable.add(name);
    for (const { path } of code.submodules) {
      for (const name of trackedFiles(join(project, path))) restorable.add(`${path}/${name}`);
    }
  }
  for (const file of code.kind === "git" ? code.untracked : code.files) {
    if (file.stored || file.redacted !== undefined) restorable.add(file.path);
    else restorable.delete(file.path);
  }
  return names === undefined ? restorable : new Set(names.filter((name) => restorable.has(name)));
}

/** The names in a repository's index, read without git; none when there is no readable index. */
export function trackedFiles(root: string): string[] {
  const gitDir = gitDirOf(root);
  if (gitDir === null) return [];
  try {
    return parseIndex(readFileSync(join(gitDir, "index")), usesSha256(gitDir));
  } catch {
    return [];
  }
}

function usesSha256(gitDir: string): boolean {
  try {
    return /objectformat\s*=\s*sha256/i.test(readFileSync(join(gitDir, "config"), "utf8"));
  } catch {
    return false;
  }
}

/** Times, device, inode, mode, owner, size: what comes before the object's name in an entry. */
const STAT_BYTES = 40;

/** Versions 2 to 4 of the index format. */
export function parseIndex(index: Buffer, sha256 = false): string[] {
  if (index.subarray(0, 4).toString("latin1") !== "DIRC") throw new RangeError("no git index");
  const version = index.readUInt32BE(4);
  const count = index.readUInt32BE(8);
  const names: string[] = [];
  let at = 12;
  let previous = "";
  for (let entry = 0; entry < count; entry++) {
    const start = at;
    const mode = index.readUInt32BE(at + 24);
    at += STAT_BYTES + (sha256 ? 32 : 20);
    const flags = index.readUInt16BE(at);
    at += (flags & 0x4000) !== 0 && version >= 3 ? 4 : 2;
    let kept = 0;
    if (version === 4) {
      const drop = varint(index, at);
      at = drop.next;
      kept = Buffer.byteLength(previous, "latin1") - drop.value;
    }
    const end = index.indexOf(0, at);
    const name = previous.slice(0, version === 4 ? kept : 0) + index.toString("latin1", at, end);
    previous = name;
    at = version === 4 ? end + 1 : start + (Math.floor((end - start) / 8) + 1) * 8;
    const isLink = mode >>> 12 === 0o16;
    if (!isLink) names.push(Buffer.from(name, "latin1").toString("utf8"));
  }
  return names;
}

/** Git's offset encoding: seven bits a byte, plus one for each further byte. */
function varint(bytes: Buffer, start: number): { value: number; next: number } {
  let next = start;
  let byte = bytes[next++] ?? 0;
  let value = byte & 127;
  while ((byte & 128) !== 0) {
    byte = bytes[next++] ?? 0;
    value = ((value + 1) << 7) | (byte & 127);
  }
  return { value, next };
}
