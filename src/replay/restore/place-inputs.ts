import { lstatSync, mkdirSync, rmdirSync } from "node:fs";
import { dirname, isAbsolute, join, relative } from "node:path";
import { type Digest, isUnknown, knownOr, type OriginFact, type RunRecord } from "#record";
import type { Store } from "#store";
import type { Home } from "./arrival.ts";
import type { ReplayFolder } from "./folder.ts";

const below = (path: string, folder: string): string | null => {
  const inside = relative(folder, path);
  return inside === "" || inside.startsWith("..") || isAbsolute(inside) ? null : inside;
};

/** A folder with those above it that are missing; gives back those that were made, the uppermost last. */
function makeMissing(folder: string): string[] {
  if (lstatSync(folder, { throwIfNoEntry: false }) !== undefined) return [];
  const above = makeMissing(dirname(folder));
  mkdirSync(folder);
  return [folder, ...above];
}

function removeEmpty(folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      rmdirSync(folder);
    } catch {
      // The program has put something of its own there.
    }
  }
}

/** The file under the path that it had: it is there, was written, or why it is not. */
function atOldPlace(
  path: string,
  digest: Digest,
  store: Store,
  guarded: (path: string) => void,
  made: string[],
): string {
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
      const now = store.files.digestFiles([path]).get(path);
      return now !== undefined && !isUnknown(now) && now.digest === digest ? "there" : "is another file here";
    }
    made.unshift(...makeMissing(dirname(path)));
    guarded(path);
    store.objects.readTo(digest, path, 0o644);
    return "written";
  } catch {
    return "may not be written here";
  }
}

export interface Placed {
  readonly warnings: readonly string[];
  /** Inputs that are settled. */
  readonly paths: ReadonlySet<string>;
  /** Inputs of which a program that names them by their old path finds nothing. */
  readonly lost: readonly string[];
  /** Takes away what was put outside of the fresh folder. */
  remove(): void;
}

/**
 * Inputs from outside the project that came along: into the fresh home or temporary folder, and to the path that they had
 * where that is free and may be written. `guarded` is told of the latter before they are written.
 */
export function placeInputs(
  run: RunRecord,
  folder: ReplayFolder,
  home: Home | null,
  origin: OriginFact | null,
  store: Store,
  guarded: (path: string) => void,
): Placed {
  const warnings: string[] = [];
  const lost: string[] = [];
  const made: string[] = [];
  const there: string[] = [];
  const paths = new Set<string>();
  const remove = (): void => removeEmpty(made);
  const found = { warnings, lost, paths, remove };
  if (origin === null) return found;
  const variable = run.variables.find(({ name }) => name === "TMPDIR");
  const temporary = variable !== undefined && "value" in variable ? variable.value : "/tmp";
  const moves = [...(home === null ? [] : [[home.recorded, home.fresh]]), [temporary, folder.temporary]] as const;
  for (const { path, scope, digest } of knownOr(run.inputs, [])) {
    if (scope === "project" || isUnknown(digest) || !store.objects.has(digest)) continue;
    const targets = moves.flatMap(([from = "", to = ""]) => {
      const name = below(path, from);
      return name === null ? [] : [join(to, name)];
    });
    const target = targets[0];
    if (target !== undefined) {
      mkdirSync(dirname(target), { recursive: true });
      store.objects.readTo(digest, target, 0o644);
    }
    const state = atOldPlace(path, digest, store, guarded, made);
    if (state === "written") there.push(path);
    else if (state !== "there" && target !== undefined)
      lost.push(`${path} ${state}: a program that names it by this path does not find it`);
    if (state === "written" || state === "there" || target !== undefined) paths.add(path);
  }
  if (there.length > 0) {
    const named = `${there.slice(0, 3).join(", ")}${there.length > 3 ? " …" : ""}`;
    warnings.push(`brought ${there.length} input(s) to where the run had them, and takes them away again: ${named}`);
  }
  return found;
}
