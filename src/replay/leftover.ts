import { existsSync, lstatSync, mkdirSync, rmSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative } from "node:path";
import { type AgentEvent, type Digest, isUnknown, knownOr, RepriseError, type RunRecord } from "#record";
import type { Store } from "#store";
import type { Factor } from "./factor.ts";
import { copy } from "./restore/folder.ts";

/** A file outside the project that the recorded run left other than it had found it: the next run finds it so. */
export interface Leftover {
  readonly path: string;
  /** What it was before the run; null: it was not there. */
  readonly before: Digest | null;
}

/** More than this is no state but data, and too much to be put aside for every replay. */
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_FILES = 50;

interface Written {
  readonly existed: boolean;
  readonly mode: string;
}

/** As each file outside the project was first written; not what only grows, such as a log. */
function written(run: RunRecord, events: readonly AgentEvent[]): Map<string, Written> {
  const found = new Map<string, Written>();
  const add = (path: string, existed: boolean, mode: string): void => {
    const inside = path.startsWith(`${run.command.project}/`);
    if (!inside && isAbsolute(path) && !found.has(path)) found.set(path, { existed, mode });
  };
  for (const event of events) {
    if (event.e === "write") add(event.p, event.existed, event.m);
    else if (event.e === "rename") add(event.to, event.existed, "w");
  }
  return found;
}

const MACHINE = /^\/(proc|sys|dev)\//;

/** A plain file of one name that no database has open: another one in its place is not noticed by anybody else. */
function mayBeReplaced(path: string): boolean {
  const stat = MACHINE.test(path) ? undefined : lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile() || stat.nlink > 1 || stat.size > MOST_BYTES) return false;
  return !["-wal", "-journal"].some((end) => existsSync(path + end));
}

/**
 * Such files that lie there now as something else than the run found. Where the old content is not to be had it is no
 * leftover: nobody can put it back.
 */
export function leftoversOf(run: RunRecord, events: readonly AgentEvent[], store: Store): Leftover[] {
  const inputs = new Map(knownOr(run.inputs, []).map((input) => [input.path, input]));
  const found = [...written(run, events)].flatMap(([path, { existed, mode }]): Leftover[] => {
    if (!mayBeReplaced(path)) return [];
    if (!existed) return mode.startsWith("a") && !mode.includes("+") ? [] : [{ path, before: null }];
    const input = inputs.get(path);
    if (input === undefined || isUnknown(input.digest) || !input.stored || !store.objects.has(input.digest)) return [];
    const now = store.files.digestFiles([path]).get(path);
    if (now === undefined || isUnknown(now) || now.digest === input.digest) return [];
    return [{ path, before: input.digest }];
  });
  return found.length > MOST_FILES ? [] : found;
}

export function leftoverFactors(leftovers: readonly Leftover[]): Factor[] {
  return leftovers.map(({ path }) => ({ kind: "leftover-state", site: "", name: path, file: null, line: null }));
}

export interface Placed extends Leftover {
  /** As the recorded run found it; else as it lies there now. */
  readonly held: boolean;
}

interface Folders {
  /** The temporary folder of the recorded run, and that of the replay: a program that asks for it finds its files there. */
  readonly recorded: string;
  readonly fresh: string;
}

function place({ path, before, held }: Placed, folders: Folders, store: Store): void {
  const name = relative(folders.recorded, path);
  const twin = name.startsWith("..") || isAbsolute(name) ? null : join(folders.fresh, name);
  if (twin !== null) mkdirSync(dirname(twin), { recursive: true });
  if (!held) {
    if (twin !== null && existsSync(path)) copy(path, twin);
    return;
  }
  const mode = (statSync(path, { throwIfNoEntry: false })?.mode ?? 0o600) & 0o777;
  for (const target of twin === null ? [path] : [path, twin]) {
    rmSync(target, { force: true });
    if (before !== null) store.objects.readTo(before, target, mode);
  }
}

/** Brings files outside the project into the state that a replay is to find; what lies there was saved before. */
export function placeLeftovers(leftovers: readonly Placed[], folders: Folders, store: Store): void {
  for (const one of leftovers) {
    try {
      place(one, folders, store);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new RepriseError(
        "LEFTOVER",
        "missing",
        `${one.path} could not be brought back as the run found it: ${why}`,
      );
    }
  }
}
