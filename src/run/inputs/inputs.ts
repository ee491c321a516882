import { constants, statSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { type Digest, type InputFile, isUnknown, type Known, type Observation, unknown } from "#record";
import type { FileLog } from "../file-log.ts";
import { isInside, isThrowaway, type Places, recordPath, scopeOf } from "../place.ts";
import { InputPolicy, type StoreInputs } from "./store-inputs.ts";

interface Hashed {
  readonly digest: Digest;
  readonly bytes: number;
}

export interface Early extends Hashed {
  /** Milliseconds since the epoch. */
  readonly ctimeMs: number;
}

/** Where the bytes of files come from and go to; the session binds it to the store. */
export interface FileKeeper {
  digests(paths: readonly string[]): Map<string, Known<Hashed>>;
  /** null: it may not be kept, because it holds a secret. What the store has under that digest is not read again. */
  keep(path: string, hashed: Hashed): Hashed | null;
}

export interface InputQuestion {
  readonly log: FileLog;
  readonly places: Places;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly stdinFile: string | null;
  /** Milliseconds since the epoch when the child was started. */
  readonly startedMs: number;
  /** What lies in the project after the run, by name from its root. */
  readonly after: ReadonlyMap<string, Seen & { readonly mode: number }>;
  /** In the project before the run, by name from its root. */
  readonly wasThere: (relative: string) => boolean;
  readonly keepFolder: string;
  /** Digests taken while the run went on, of regular files as they were then, after the run had opened them. */
  readonly early: ReadonlyMap<string, Early>;
  /** Data as opposed to library, system file, cache or code that is saved otherwise. */
  readonly isData: (path: string) => boolean;
  /** In the project and not restorable from what the code capture saved. */
  readonly needsKeeping: (relative: string) => boolean;
  readonly keeper: FileKeeper;
  readonly storeInputs: StoreInputs;
}

/** Kernels stamp files with the time of their last tick. */
const COARSEST_CLOCK_MS = 10;

/** Times in milliseconds since the epoch. */
interface Seen {
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly birthtimeMs: number;
}

/** How a path lies on the disk now that the run has ended; null: it is gone. */
type Look = (path: string) => (Seen & { readonly regular: boolean }) | null;

function lookAt(path: string): ReturnType<Look> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return null;
  const { mtimeMs, ctimeMs, birthtimeMs } = stat;
  return { mtimeMs, ctimeMs, birthtimeMs, regular: stat.isFile() };
}

/** Each path is asked for several times, and a run may have read tens of thousands: the disk is asked once at most. */
function lookOnce({ after, places }: InputQuestion): Look {
  const seen = new Map<string, ReturnType<Look>>();
  return (path) => {
    let found = seen.get(path);
    if (found === undefined) {
      const entry = isInside(path, places.project) ? after.get(recordPath(path, places.project)) : undefined;
      // A link says nothing of the file that it names.
      const plain = entry !== undefined && (entry.mode & constants.S_IFMT) === constants.S_IFREG;
      found = plain ? { ...entry, regular: true } : lookAt(path);
      seen.set(path, found);
    }
    return found;
  };
}

/** Files that the command line names: programs in C read them unseen by any hook. */
function named(argv: readonly string[], cwd: string): string[] {
  const words = argv.slice(1).flatMap((word) => {
    const value = word.includes("=") ? word.slice(word.indexOf("=") + 1) : word;
    return value === "" || value.startsWith("-") || value.length > 1024 || value.includes("\n") ? [] : [value];
  });
  return words.map((word) => (isAbsolute(word) ? word : resolve(cwd, word)));
}

function candidates(question: InputQuestion, look: Look): Map<string, Set<Observation>> {
  const found = new Map<string, Set<Observation>>();
  const add = (path: string, how: Observation): void => {
    const seen = found.get(path);
    if (seen === undefined) found.set(path, new Set([how]));
    else seen.add(how);
  };
  for (const [path, how] of question.log.reads) for (const item of how) add(path, item);
  for (const path of named(question.argv, question.cwd)) if (look(path)?.regular === true) add(path, "argument");
  if (question.stdinFile !== null) add(question.stdinFile, "argument");
  return found;
}

/** Digested early, and untouched since before the run: what the run read, whatever has become of it. The disk need not be asked. */
function settled(path: string, { early, startedMs }: InputQuestion): Hashed | null {
  const hashed = early.get(path);
  return hashed !== undefined && hashed.ctimeMs < startedMs ? { digest: hashed.digest, bytes: hashed.bytes } : null;
}

/** Made by this run: reading it again is no input. */
function isProduced(path: string, question: InputQuestion, look: Look): boolean {
  const write = question.log.writes.get(path);
  if (write !== undefined) return !write.existed;
  if (settled(path, question) !== null) return false;
  if (isInside(path, question.places.project) && question.wasThere(recordPath(path, question.places.project)))
    return false;
  const stat = look(path);
  return stat !== null && stat.birthtimeMs >= question.startedMs - COARSEST_CLOCK_MS;
}

/** The content as the run found it: untouched on disk, hashed before it changed, or the copy kept before the first write. */
function original(
  path: string,
  question: InputQuestion,
  look: Look,
  present: Known<Hashed> | undefined,
): { hashed: Known<Hashed>; from: string | null } {
  const write = question.log.writes.get(path);
  if (write?.kept != null) {
    const copy = join(question.keepFolder, write.kept);
    return { hashed: question.keeper.digests([copy]).get(copy) ?? unknown("the kept copy is gone"), from: copy };
  }
  const before = settled(path, question);
  if (before !== null) return { hashed: before, from: path };
  const stat = look(path);
  const early = question.early.get(path);
  // A file's own time may lie in the future; the time of its last change of any kind is the kernel's.
  if (stat !== null && Math.min(stat.ctimeMs, stat.mtimeMs) < question.startedMs)
    return { hashed: present ?? early ?? unknown("not read"), from: path };
  if (early !== undefined) return { hashed: early, from: null };
  if (write?.lost != null)
    return { hashed: unknown(`changed by the run before its old content could be kept: ${write.lost}`), from: null };
  return { hashed: unknown(stat === null ? "gone when the run ended" : "changed while the run went on"), from: null };
}

/** The files that a run read, as they were when it read them. Order: by path. */
export function describeInputs(question: InputQuestion): InputFile[] {
  const look = lookOnce(question);
  const found = [...candidates(question, look)].filter(
    ([path]) =>
      question.isData(path) && !isProduced(path, question, look) && !isThrowaway(path, question.places.temporary),
  );
  const present = question.keeper.digests(
    found.flatMap(([path]) => (settled(path, question) === null && look(path)?.regular === true ? [path] : [])),
  );
  const policy = new InputPolicy(question.storeInputs);
  const inputs = found.flatMap(([path, seen]): InputFile[] => {
    if (settled(path, question) === null && look(path)?.regular === false) return [];
    const { hashed, from } = original(path, question, look, present.get(path));
    const scope = scopeOf(path, question.places);
    const name = recordPath(path, question.places.project);
    const how = [...seen].sort();
    if (isUnknown(hashed)) return [{ bytes: hashed, digest: hashed, path: name, scope, seen: how, stored: false }];
    // What the run itself has overwritten is to be had nowhere else, wherever it lay.
    const own = from !== path || scope === "project";
    const candidate = {
      bytes: hashed.bytes,
      own,
      saved: from === path && scope === "project" && !question.needsKeeping(name),
    };
    const stored =
      from !== null && policy.wants(candidate) && question.keeper.keep(from, hashed)?.digest === hashed.digest;
    if (stored) policy.kept(candidate);
    return [{ bytes: hashed.bytes, digest: hashed.digest, path: name, scope, seen: how, stored }];
  });
  return inputs.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}
