import {
  chmodSync,
  constants,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type CodeFacts, type CodeFile, type GitCode, isUnknown, RepriseError, unknown } from "#record";
import type { ObjectSource } from "../sink.ts";
import { materialise, plainGit } from "./materialise.ts";
import { headerOf, sectionsOf } from "./patch-section.ts";
import { fill, MARKER, rehydrate } from "./rehydrate.ts";
import { isSafePath, leadsOut, makeParents } from "./safe-path.ts";
import { digestFile } from "./saver.ts";

export interface RestoreCodeOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Make links that lead out of the project, as the recorded project had them. Default true. */
  readonly outwardLinks?: boolean;
}

interface Restore {
  readonly into: string;
  readonly original: string;
  readonly source: ObjectSource;
  readonly options: RestoreCodeOptions;
  readonly warnings: string[];
  secrets: ReadonlyMap<string, string>;
}

/**
 * Makes the recorded code again in a folder, which must be empty or absent; the original project is only read. Gives
 * back what could not be made as it was.
 */
export async function restoreCode(
  code: CodeFacts,
  original: string,
  source: ObjectSource,
  into: string,
  options: RestoreCodeOptions = { env: process.env },
): Promise<string[]> {
  mkdirSync(into, { recursive: true });
  if (readdirSync(into).length > 0) {
    throw new RepriseError(
      "CODE_TARGET_NOT_EMPTY",
      "usage",
      `${into} is not empty.`,
      "Name a folder that does not exist yet.",
    );
  }
  const restore: Restore = { into, original, source, options, warnings: [], secrets: new Map() };
  if (code.kind === "git") await restoreGit(code, restore);
  for (const file of code.kind === "git" ? code.untracked : code.files) restoreFile(file, restore);
  if (code.kind === "snapshot") {
    for (const { path, reason } of code.left) restore.warnings.push(`${path} is not in the record: ${reason}`);
  }
  // What was saved whole has replaced what the work tree gave.
  const saved = code.kind === "git" ? code.untracked.filter((file) => file.stored) : [];
  return restore.warnings.filter((text) => !saved.some((file) => text.startsWith(`${file.path}: its committed`)));
}

async function restoreGit(code: GitCode, restore: Restore): Promise<void> {
  const { into, original, source, warnings, options } = restore;
  if (code.commit === null) return;
  warnings.push(...(await materialise(code.commit, code.branch, original, into, options.env)));
  for (const { path, commit } of code.submodules.toSorted((a, b) => a.path.length - b.path.length)) {
    if (!isSafePath(path) || !makeParents(into, `${path}/x`)) throw unsafe(path);
    try {
      const detached = unknown("a submodule");
      warnings.push(...(await materialise(commit, detached, join(original, path), join(into, path), options.env)));
    } catch (error) {
      if (!(error instanceof RepriseError)) throw error;
      warnings.push(`submodule ${path}: ${error.message}`);
    }
  }
  if (code.diff !== undefined) await applyDiff(source.read(code.diff.digest), code.diff.redacted ?? 0, restore);
}

async function applyDiff(saved: Uint8Array, redacted: number, restore: Restore): Promise<void> {
  const { into, options, warnings } = restore;
  let diff = saved;
  if (redacted > 0) {
    const rehydrated = rehydrate(saved, into);
    diff = rehydrated.diff;
    restore.secrets = rehydrated.secrets;
    for (const section of sectionsOf(diff)) {
      const { path, body, binary } = headerOf(section);
      if (!binary && hasMarker(section.subarray(body))) warnings.push(marked(path));
    }
  }
  const applied = await plainGit(into, options.env, ["apply", "--binary", "--whitespace=nowarn", "-"], diff);
  if (applied.code === 0) return;
  throw new RepriseError(
    "CODE_DIFF_FAILED",
    "internal",
    `The recorded changes do not apply to the recorded commit: ${applied.stderr.trim().slice(0, 500)}`,
    "reprise show RUN, and look at its code section",
  );
}

function restoreFile(file: CodeFile, restore: Restore): void {
  const { into, source, warnings, options } = restore;
  if (!isSafePath(file.path)) throw unsafe(file.path);
  const target = join(into, file.path);
  if (isUnknown(file.digest)) {
    warnings.push(`${file.path} is not in the record: ${file.reason ?? file.digest.unknown}`);
    return;
  }
  if (!file.stored) {
    if (!copyUnchanged(file, restore)) warnings.push(`${file.path} is not in the record: ${file.reason ?? "not kept"}`);
    return;
  }
  let bytes = source.read(file.digest);
  if (!makeParents(into, file.path)) throw unsafe(file.path);
  removeFile(target);
  if (file.mode === "120000") {
    const link = Buffer.from(bytes).toString("utf8");
    const out = leadsOut(into, file.path, link);
    if (out) warnings.push(`${file.path} is a link out of the project, to ${link}`);
    if (!out || options.outwardLinks !== false) symlinkSync(link, target);
    return;
  }
  if ((file.redacted ?? 0) > 0) {
    bytes = Buffer.from(fill(Buffer.from(bytes).toString("latin1"), restore.secrets), "latin1");
    if (hasMarker(bytes)) warnings.push(marked(file.path));
  }
  writeFileSync(target, bytes, { flag: "wx" });
  chmodSync(target, file.mode === "100755" ? 0o755 : 0o644);
}

/** A file that was kept by digest alone comes from the original project, when it is still the same there. */
function copyUnchanged(file: CodeFile, { into, original }: Restore): boolean {
  const place = join(original, file.path);
  const stat = lstatSync(place, { throwIfNoEntry: false });
  if (stat?.isFile() !== true || stat.size !== file.bytes || digestFile(place) !== file.digest) return false;
  if (!makeParents(into, file.path)) throw unsafe(file.path);
  removeFile(join(into, file.path));
  copyFileSync(place, join(into, file.path), constants.COPYFILE_FICLONE);
  chmodSync(join(into, file.path), file.mode === "100755" ? 0o755 : 0o644);
  return true;
}

function removeFile(target: string): void {
  const stat = lstatSync(target, { throwIfNoEntry: false });
  if (stat !== undefined && !stat.isDirectory()) rmSync(target);
}

function hasMarker(bytes: Uint8Array): boolean {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf("<redacted:");
  return at >= 0 && Buffer.from(bytes.subarray(at)).toString("latin1").search(MARKER) >= 0;
}

function marked(path: string): string {
  return `${path} holds a marker where a secret was: put the value back before relying on it`;
}

function unsafe(path: string): RepriseError {
  const hint = "The record may come from elsewhere; do not trust it.";
  return new RepriseError(
    "CODE_UNSAFE_PATH",
    "storage",
    `The record names a path that leads out of its folder: ${JSON.stringify(path)}`,
    hint,
  );
}
