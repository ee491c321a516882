import { existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Digest, isUnknown, knownOr, type OutputFile, type RunRecord } from "#record";
import type { Store } from "#store";
import { copy } from "./folder.ts";

/** Files that the replay may overwrite because the program names them by absolute path. */
export interface Outside {
  /** Puts everything back as it was before the replay. */
  restore(): void;
}

interface Saved {
  readonly path: string;
  /** What it looked like; null: it was not there. */
  readonly look: string | null;
  readonly bring: (to: string) => void;
}

function lookOf(path: string): string | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.size} ${stat.mtimeMs} ${stat.ino}`;
}

/** Its content comes from the store when that holds it, else from a copy made now. */
function save(path: string, recorded: Digest | null, aside: string, store: Store): Saved {
  const look = lookOf(path);
  if (look === null) return { path, look, bring: () => undefined };
  const now = recorded === null ? undefined : store.files.digestFiles([path]).get(path);
  if (recorded !== null && now !== undefined && !isUnknown(now) && now.digest === recorded) {
    return {
      path,
      look,
      bring: (to) => store.objects.readTo(recorded, to, statSync(path, { throwIfNoEntry: false })?.mode),
    };
  }
  mkdirSync(dirname(aside), { recursive: true });
  copy(path, aside);
  return { path, look, bring: (to) => copy(aside, to) };
}

function storedDigest(file: OutputFile, store: Store): Digest | null {
  return file.stored && !isUnknown(file.digest) && store.objects.has(file.digest) ? file.digest : null;
}

/**
 * A program that writes to an absolute path writes there again when replayed: outside its project, or into the recorded
 * project itself. What lies there is the user's: it is kept before, and put back after where it was touched.
 */
export function guardOutside(run: RunRecord, base: string, store: Store, more: readonly string[] = []): Outside {
  const outputs = knownOr(run.outputs, []).filter((file) => file.change !== "removed");
  const paths = new Map<string, Digest | null>(more.map((path) => [path, null]));
  for (const file of outputs)
    paths.set(file.scope === "project" ? join(run.command.project, file.path) : file.path, storedDigest(file, store));
  const saved = [...paths].map(([path, digest], i) => save(path, digest, join(base, "outside", String(i)), store));
  return {
    restore() {
      for (const { path, look, bring } of saved) {
        if (lookOf(path) === look) continue;
        if (look === null) {
          rmSync(path, { force: true });
          continue;
        }
        if (!existsSync(dirname(path))) mkdirSync(dirname(path), { recursive: true });
        const beside = `${path}.reprise-restore`;
        bring(beside);
        renameSync(beside, path);
      }
    },
  };
}
