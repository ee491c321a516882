import { relative, sep } from "node:path";
import type { FileScope } from "#record";

/** The folders that decide what a path is to a run. All absolute, links resolved. */
export interface Places {
  readonly project: string;
  readonly temporary: string;
  readonly home: string;
}

export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

const SHARED_TEMPORARY = ["/tmp", "/var/tmp", "/dev/shm"];

/** The project first: a project may lie in the temporary folder, and often lies at home. */
export function scopeOf(path: string, places: Places): FileScope {
  if (isInside(path, places.project)) return "project";
  if ([places.temporary, ...SHARED_TEMPORARY].some((folder) => isInside(path, folder))) return "temporary";
  return isInside(path, places.home) ? "home" : "elsewhere";
}

/** What only node:path can bring into its one form; it takes ten times as long. */
const UNTIDY = /\/(?:\/|\.\.?(?:\/|$))|\/$|\\/;

/** As records write paths: relative to the project inside it, absolute elsewhere. */
export function recordPath(path: string, project: string): string {
  if (!isInside(path, project)) return path;
  const name = path.slice(project.length + 1);
  return UNTIDY.test(path) || project === "/" ? relative(project, path).split(sep).join("/") : name;
}

/** A name that tempfile and its like draw: it is another one in every run. */
export function isThrowaway(path: string, temporary: string): boolean {
  return (
    isInside(path, temporary) &&
    relative(temporary, path)
      .split(sep)
      .some((part) => /^(tmp|pymp-|torch_|wandb-|\.?tmp[._-]?)[\w-]{5,}/.test(part) || part.startsWith("reprise-"))
  );
}
