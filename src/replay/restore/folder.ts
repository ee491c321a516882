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

const PREFIX = "reprise-replay-";
/** Characters that `mkdtemp` draws; and a name that still says whose it is. */
const [DRAWN, LEAST] = [6, 9];
const LONGEST_NAME = 200;

/**
 * What stands between `parent` and the project's own name, so that the project's path is as long as the recorded one, with so many
 * folders above it that a way up of `levels` ends within: output
 * that is fitted to a width (tables, trees of rich) is then cut and padded as it was. `name` ends with what `mkdtemp` draws.
 * Temporary files stay near the root: the path of a socket has room for 107 characters.
 */
function sameLength(parent: string, project: string, levels: number) {
  const deep = Array<string>(Math.max(0, levels - 1)).fill("-");
  const room = project.length - `${parent}//${basename(project)}`.length - 2 * deep.length;
  const usual = PREFIX.length + DRAWN;
  const made = (prefix: string, folders: readonly string[]) => ({ prefix, between: folders.join("/") });
  if (room < LEAST) return made(PREFIX, deep.length === 0 ? ["-", "-"] : deep);
  if (room <= usual) return made(PREFIX.slice(0, room - DRAWN), deep);
  if (room === usual + 1) return made(`${PREFIX}-`, deep);
  const name = "-".repeat(Math.min(LONGEST_NAME, room - usual - 1));
  return made(PREFIX, name.length < 3 || deep.length > 0 ? [name, ...deep] : ["-", name.slice(2)]);
}

/**
 * A new folder under `parent` (outside the recorded project, so that nothing is found by walking up), or `into` itself,
 * which must be empty or not there.
 */
export function makeReplayFolder(parent: string, project: string, into?: string, levels = 1): ReplayFolder {
  const real = realpathSync(parent);
  const { prefix, between } = into === undefined ? sameLength(real, project, levels) : { prefix: "", between: "" };
  const base = into ?? mkdtempSync(join(real, prefix));
  mkdirSync(base, { recursive: true });
  const root = realpathSync(base);
  const folder = {
    base: root,
    project: join(root, between, basename(project) || "project"),
    temporary: join(root, "tmp"),
  };
  mkdirSync(folder.project, { recursive: true });
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
