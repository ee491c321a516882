import { join } from "node:path";
import { type CodeFacts, type Digest, type ImportedModule, isUnknown, type Known, unknown } from "#record";
import type { Store } from "#store";
import type { FileLog } from "./file-log.ts";
import { isInside, recordPath } from "./place.ts";

export interface ModuleQuestion {
  readonly log: FileLog;
  readonly code: Known<CodeFacts>;
  readonly project: string;
  readonly store: Store;
  readonly isCode: (path: string) => boolean;
  /** Files that git tracks: the commit and the diff restore them. */
  readonly tracked: ReadonlySet<string>;
  readonly startedMs: number;
  readonly mtimeOf: (path: string) => number | null;
}

/**
 * Every source file of the project that was imported, checked against what was saved: "same" when what ran is
 * what a replay would run, "not saved" when a replay could not have it, "differs" when it changed after it was saved.
 */
export function importedModules(question: ModuleQuestion): ImportedModule[] {
  const { log, project, store } = question;
  const paths = [...log.modules.keys()].filter((path) => isInside(path, project) && question.isCode(path)).sort();
  const digests = store.files.digestFiles(paths);
  const names = paths.map((path) => recordPath(path, project));
  const saved = new Map<string, Known<Digest>>();
  if (!isUnknown(question.code)) {
    const files = question.code.kind === "git" ? question.code.untracked : question.code.files;
    for (const file of files)
      if (file.stored)
        saved.set(file.path, file.redacted === undefined || file.redacted === 0 ? file.digest : unknown("redacted"));
  }
  return names.map((name): ImportedModule => {
    const found = digests.get(join(project, name)) ?? unknown("not read");
    const digest = isUnknown(found) ? found : found.digest;
    const known = saved.get(name);
    const changed = (question.mtimeOf(join(project, name)) ?? 0) > question.startedMs;
    if (known !== undefined)
      return {
        path: name,
        digest,
        saved: isUnknown(known) || isUnknown(digest) || known === digest ? "same" : "differs",
      };
    if (question.tracked.has(name)) return { path: name, digest, saved: changed ? "differs" : "same" };
    return { path: name, digest, saved: "not saved" };
  });
}
