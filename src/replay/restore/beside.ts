import { existsSync, lstatSync, mkdirSync, symlinkSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative } from "node:path";
import { knownOr, type RunRecord } from "#record";
import type { ReplayFolder } from "./folder.ts";

const isInside = (path: string, folder: string): boolean => {
  const way = relative(folder, path);
  return way !== "" && !way.startsWith("..") && !isAbsolute(way);
};

/** What a replay keeps for itself in its folder. */
const OWN = ["tmp", "held", "home", "outside"];

/** Further up lies what programs name by absolute paths. */
const HIGHEST = 3;

/** How many folders up from its project the run read or wrote, as far as it may have named the way; caches are found by name. */
export function levelsUp(run: RunRecord): number {
  const files = [...knownOr(run.inputs, []), ...knownOr(run.outputs, [])].filter(({ scope }) => scope !== "project");
  const ways = files.map(({ path }) => relative(run.command.project, path).split("/"));
  const named = ways.filter((way) => !way.some((part) => /^\.[^.]/.test(part)));
  const levels = named.map((way) => way.filter((part) => part === "..").length);
  const depth = run.command.project.split("/").length - 1;
  return Math.max(1, ...levels.filter((level) => level < depth && level <= HIGHEST));
}

/**
 * A program may name a file beside its project by the way up from it (`../data/train.csv`). That way leads out of the fresh
 * folder's project too: what the run read there lies there again, by link to where it was read. Where the way leads further
 * up than the folder of the replay reaches, nothing is laid.
 */
export function layBeside(run: RunRecord, folder: ReplayFolder): void {
  const own = [folder.project, ...OWN.map((name) => join(folder.base, name))];
  for (const input of knownOr(run.inputs, [])) {
    if (input.scope === "project" || !existsSync(input.path)) continue;
    const target = join(folder.project, relative(run.command.project, input.path));
    if (!isInside(target, folder.base) || own.some((path) => target === path || isInside(target, path))) continue;
    if (lstatSync(target, { throwIfNoEntry: false }) !== undefined) continue;
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(input.path, target);
  }
  for (const output of knownOr(run.outputs, [])) {
    const target = join(folder.project, relative(run.command.project, output.path));
    if (output.scope !== "project" && isInside(target, folder.base)) mkdirSync(dirname(target), { recursive: true });
  }
}

/**
 * The way up from a replay's project to a file that it left beside it in its fresh folder: `../results/scores.csv`; null for
 * any other file. The recorded run has the same result at the same way from its own project. `folders`: those of the replay,
 * its temporary one among them.
 */
export function wayUp(run: RunRecord, folders: readonly string[], path: string): string | null {
  const { project } = run.command;
  const temporary = folders.find((folder) => basename(folder) === "tmp" && isInside(project, dirname(folder)));
  if (run.replay === null || temporary === undefined) return null;
  const base = dirname(temporary);
  const own = [project, ...OWN.map((name) => join(base, name))];
  return isInside(path, base) && !own.some((folder) => isInside(path, folder)) ? relative(project, path) : null;
}

/**
 * Whether a file below the temporary folder lies beside the project, which lies there too: no scratch file, but something that
 * the program was led to by its own place. What both runs leave so is paired; what one alone leaves is a difference.
 */
export function isBeside(run: RunRecord, folders: readonly string[], path: string): boolean {
  const { project } = run.command;
  if (wayUp(run, folders, path) !== null) return true;
  const top = (folder: string, of: string): string | undefined => relative(folder, of).split("/")[0];
  return folders.some(
    (folder) => isInside(project, folder) && isInside(path, folder) && top(folder, project) === top(folder, path),
  );
}
