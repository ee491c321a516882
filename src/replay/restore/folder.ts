import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { basename, join } from "node:path";

/** The fresh folder of one replay: `project` under a name of its own, `temporary` for the child's temporary files. */
export interface ReplayFolder {
  readonly base: string;
  readonly project: string;
  readonly temporary: string;
  /** Removes all of it; links in it are removed, not followed. */
  discard(): void;
}

/**
 * A new folder under `parent` (outside the recorded project, so that nothing is found by walking up), or `into` itself,
 * which must be empty or not there.
 */
export function makeReplayFolder(parent: string, project: string, into?: string): ReplayFolder {
  const base = into ?? mkdtempSync(join(realpathSync(parent), "reprise-replay-"));
  mkdirSync(base, { recursive: true });
  const root = realpathSync(base);
  const folder = { base: root, project: join(root, basename(project) || "project"), temporary: join(root, "tmp") };
  mkdirSync(folder.project);
  mkdirSync(folder.temporary);
  return { ...folder, discard: () => rmSync(root, { recursive: true, force: true, maxRetries: 2 }) };
}

/** Copies a file or folder, sharing blocks where the file system can. */
export function copy(from: string, to: string): void {
  cpSync(from, to, {
    recursive: true,
    preserveTimestamps: true,
    mode: 2 /* COPYFILE_FICLONE */,
    verbatimSymlinks: true,
    errorOnExist: false,
  });
}
