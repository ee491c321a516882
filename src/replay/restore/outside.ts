import { copyFileSync, mkdirSync, realpathSync, renameSync, rmSync, type Stats, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Digest, isUnknown, knownOr, type OutputFile, RepriseError, type RunRecord } from "#record";
import type { Store } from "#store";
import { copy } from "./folder.ts";

/** Files that the replay may overwrite because the program names them by absolute path. */
export interface Outside {
  /** One more path, which is free now and is to be free again. */
  readonly add: (path: string) => void;
  /** Puts everything back as it was before the replay. */
  restore(): void;
}

interface Saved {
  readonly path: string;
  /** What it looked like; null: it was not there. */
  readonly look: string | null;
  readonly bring: (to: string) => void;
}

/** What this user may not look at, the replay cannot change. */
function statOrNone(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EACCES") return undefined;
    throw error;
  }
}

function lookOf(path: string): string | null {
  const stat = statOrNone(path);
  return stat === undefined ? null : `${stat.size} ${stat.mtimeMs} ${stat.ino}`;
}

/** Its content comes from the store when that holds it, else from a copy made now. */
function save(name: string, recorded: Digest | null, aside: string, store: Store): Saved {
  const stat = statOrNone(name);
  if (stat === undefined) return { path: name, look: null, bring: () => undefined };
  // A link stays what it is: what would change is the file that it leads to.
  const path = realpathSync(name);
  const look = lookOf(path);
  const now = recorded === null ? undefined : store.files.digestFiles([path]).get(path);
  if (recorded !== null && now !== undefined && !isUnknown(now) && now.digest === recorded)
    return { path, look, bring: (to) => store.objects.readTo(recorded, to, stat.mode & 0o7777) };
  mkdirSync(dirname(aside), { recursive: true });
  copy(path, aside);
  return { path, look, bring: (to) => copy(aside, to) };
}

function putBack({ path, look, bring }: Saved): void {
  if (lookOf(path) === look) return;
  if (look === null) {
    rmSync(path, { force: true });
    return;
  }
  mkdirSync(dirname(path), { recursive: true });
  const beside = `${path}.reprise-restore`;
  bring(beside);
  // A file of several names stays one.
  const isOnly = (statSync(path, { throwIfNoEntry: false })?.nlink ?? 1) < 2;
  if (isOnly) renameSync(beside, path);
  else {
    copyFileSync(beside, path);
    rmSync(beside);
  }
}

/** All that can be put back is, whatever happens to one of them. */
function putAllBack(saved: readonly Saved[], aside: string): void {
  const failed = saved.flatMap((one): string[] => {
    try {
      putBack(one);
      return [];
    } catch (error) {
      return [`${one.path} (${error instanceof Error ? error.message : String(error)})`];
    }
  });
  if (failed.length > 0)
    throw new RepriseError(
      "NOT_PUT_BACK",
      "storage",
      `a replay changed files outside its project that could not be put back: ${failed.join("; ")}`,
      `copies are kept in ${aside}`,
    );
}

function storedDigest(file: OutputFile, store: Store): Digest | null {
  return file.stored && !isUnknown(file.digest) && store.objects.has(file.digest) ? file.digest : null;
}

/**
 * A program that writes to an absolute path writes there again when replayed: outside its project, or into the recorded
 * project itself. What lies there, and at the paths of `more`, is the user's: it is kept before, and put back after where it
 * was touched, also when this process ends in between.
 */
export function guardOutside(run: RunRecord, base: string, store: Store, more: readonly string[] = []): Outside {
  const outputs = knownOr(run.outputs, []).filter((file) => file.change !== "removed");
  const paths = new Map<string, Digest | null>(more.map((path) => [path, null]));
  for (const file of outputs)
    paths.set(file.scope === "project" ? join(run.command.project, file.path) : file.path, storedDigest(file, store));
  const aside = join(base, "outside");
  const saved = [...paths].map(([path, digest], i) => save(path, digest, join(aside, String(i)), store));
  const atExit = (): void => putAllBack(saved, aside);
  process.once("exit", atExit);
  return {
    add: (path) => saved.push({ path, look: null, bring: () => undefined }),
    restore() {
      process.off("exit", atExit);
      putAllBack(saved, aside);
    },
  };
}
