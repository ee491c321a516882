import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { restoreCode } from "#capture";
import {
  type CodeFile,
  type Digest,
  digestOf,
  type GitCode,
  isUnknown,
  type Known,
  RepriseError,
  type RunRecord,
  unknown,
} from "#record";
import type { Contents } from "./contents.ts";

/** One file of the code as a run had it. */
export interface StateFile {
  readonly mode: string;
  readonly bytes: number;
  /** Number of secrets that were cut out before it was saved. */
  readonly redacted: number;
  digest(): Known<Digest>;
  read(): Known<Uint8Array>;
}

export interface CodeStates {
  readonly a: ReadonlyMap<string, StateFile>;
  readonly b: ReadonlyMap<string, StateFile>;
  /** Why what is committed or changed in git could not be laid side by side. */
  readonly obstacle: string | null;
  /** The uncommitted changes are equal, but secrets were cut out of them. */
  readonly cutOut: boolean;
  remove(): void;
}

/** What git has of the code: equal here, no file of it differs. */
const sameInGit = (a: GitCode, b: GitCode): boolean =>
  a.commit === b.commit &&
  a.diff?.digest === b.diff?.digest &&
  JSON.stringify(a.submodules) === JSON.stringify(b.submodules);

/**
 * The code of two runs, file by file. Tracked files are laid out in temporary folders, and only where something of them
 * differs; what lay beside them is known by its digests.
 */
export async function codeStates(
  a: RunRecord,
  b: RunRecord,
  contents: Contents,
  env: Readonly<Record<string, string>>,
): Promise<CodeStates> {
  const [x, y] = [a.code, b.code];
  const states = { a: new Map<string, StateFile>(), b: new Map<string, StateFile>() };
  if (isUnknown(x) || isUnknown(y)) return { ...states, obstacle: null, cutOut: false, remove: () => {} };
  const git = [x, y].filter((code) => code.kind === "git");
  const folder = git.length === 0 || (x.kind === "git" && y.kind === "git" && sameInGit(x, y)) ? null : newFolder();
  const remove = (): void => {
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  };
  let obstacle: string | null = null;
  try {
    for (const [side, run, other] of [
      ["a", a, b],
      ["b", b, a],
    ] as const) {
      if (folder === null || isUnknown(run.code) || run.code.kind !== "git") continue;
      const laid = await layOut(
        run.code,
        [run.command.project, other.command.project],
        join(folder, side),
        contents,
        env,
      );
      if (typeof laid === "string") obstacle ??= laid;
      else for (const [path, file] of laid) states[side].set(path, file);
    }
  } catch (error) {
    remove();
    throw error;
  }
  if (obstacle !== null) for (const side of [states.a, states.b]) side.clear();
  for (const [side, run, code] of [
    ["a", a, x],
    ["b", b, y],
  ] as const)
    for (const file of code.kind === "git" ? code.untracked : code.files)
      states[side].set(file.path, savedFile(run, file, contents));
  const cutOut = folder === null && [x, y].every((code) => code.kind === "git" && (code.diff?.redacted ?? 0) > 0);
  return { ...states, obstacle, cutOut, remove };
}

const newFolder = (): string => mkdtempSync(join(tmpdir(), "reprise-diff-"));

function savedFile(run: RunRecord, file: CodeFile, contents: Contents): StateFile {
  return {
    mode: file.mode,
    bytes: file.bytes,
    redacted: file.redacted ?? 0,
    digest: () => file.digest,
    read: () => contents.read(run, file),
  };
}

/** The tracked files of a run in a folder; a text says why that cannot be. The commit may come from either project. */
async function layOut(
  code: GitCode,
  projects: readonly string[],
  into: string,
  contents: Contents,
  env: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, StateFile> | string> {
  let why = "";
  for (const project of new Set(projects)) {
    try {
      await restoreCode({ ...code, untracked: [] }, project, contents.store.objects, into, {
        env,
        outwardLinks: false,
      });
      return filesIn(into, contents);
    } catch (error) {
      if (!(error instanceof RepriseError)) throw error;
      why ||= error.message;
      rmSync(into, { recursive: true, force: true });
    }
  }
  return why;
}

function filesIn(root: string, contents: Contents): ReadonlyMap<string, StateFile> {
  const found = new Map<string, StateFile>();
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.name === ".git") continue;
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile() || entry.isSymbolicLink()) found.set(path, laidFile(root, path, contents));
    }
  };
  walk("");
  return found;
}

function laidFile(root: string, path: string, contents: Contents): StateFile {
  const stat = lstatSync(join(root, path));
  const whole = (): Uint8Array =>
    stat.isSymbolicLink() ? Buffer.from(readlinkSync(join(root, path))) : readFileSync(join(root, path));
  const attempt = <T>(work: () => T): Known<T> => {
    try {
      return work();
    } catch (error) {
      return unknown(`cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return {
    mode: stat.isSymbolicLink() ? "120000" : (stat.mode & 0o100) === 0 ? "100644" : "100755",
    bytes: stat.size,
    redacted: 0,
    digest: () => attempt(() => digestOf(whole())),
    read: () => attempt(() => contents.clean(path, whole())),
  };
}
