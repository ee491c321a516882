import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { isLibraryPath } from "#capture";
import { findProgram, parseEvent } from "#exec";
import { neededToReplay } from "#imports";
import { type AgentEvent, isUnknown, RepriseError, type RunRecord, type TerminalFacts } from "#record";
import {
  namedOf,
  type Observe,
  type Pace,
  type PolicyChoice,
  policyOf,
  type ReplaySetting,
  run,
  type StopCheck,
} from "#run";
import { originOf, type Store } from "#store";
import { placeLeftovers } from "./leftover.ts";
import type { Lever } from "./lever.ts";
import { lookSeconds } from "./patience.ts";
import { makeReady, movedTo } from "./ready.ts";
import { homeOf, recordedHome, requireAllowed } from "./restore/arrival.ts";
import { mayAskGit } from "./restore/asks-git.ts";
import { layBeside, levelsUp } from "./restore/beside.ts";
import { environmentChanges } from "./restore/environment.ts";
import { makeReplayFolder, type ReplayFolder } from "./restore/folder.ts";
import { writeHeldFiles } from "./restore/held-files.ts";
import { guardOutside } from "./restore/outside.ts";
import { type Placed, placeInputs } from "./restore/place-inputs.ts";
import { restoreRun } from "./restore/restore.ts";
import type { Conditions } from "./vary/conditions.ts";

export interface ReplayOptions {
  readonly baseline: RunRecord;
  readonly store: Store;
  readonly version: string;
  /** The present environment: gives what the record keeps only as an HMAC. */
  readonly env: Readonly<Record<string, string>>;
  readonly conditions: Conditions;
  readonly varied: readonly string[];
  readonly held: readonly string[];
  /** Parent of the fresh folder; the system's temporary folder when left out. */
  readonly parent?: string;
  /** The fresh folder itself. */
  readonly into?: string;
  readonly keep?: boolean;
  readonly tee?: { readonly stdout?: Writable; readonly stderr?: Writable };
  readonly stopWhen?: StopCheck;
  /** What the agent shall write down beyond what it always does. */
  readonly observe?: Observe;
  /** Other than the recorded one. */
  readonly policy?: PolicyChoice;
  readonly pace?: Pace;
  /** Interventions from outside, in this order. */
  readonly levers?: readonly Lever[];
  /** Called once the run has ended, while its folder and what it left outside are still as it left them. */
  readonly onEnd?: (record: RunRecord, folder: ReplayFolder) => Promise<void>;
  /** Stop where the present machine is not what the record names, instead of going on with a warning. */
  readonly strict?: boolean;
}

export interface Replayed {
  /** null: the replay could not be made; `obstacle` says why. */
  readonly run: RunRecord | null;
  readonly folder: string;
  /** What the child had as its temporary folder. */
  readonly temporary: string;
  /** And as its home, where that is not the recorded one. */
  readonly home: string | null;
  readonly obstacle: string | null;
  /** What lay in the project before the recorded run and could not be brought back: the run was not seen to read it. */
  readonly lost: readonly string[];
  readonly warnings: readonly string[];
}

/** Folders of the recorded run beside its project, in the order in which foldersOf() has those of a replay. */
export const recordedFolders = (baseline: RunRecord, store: Store): string[] => {
  const home = originOf(store, baseline.id) === null ? null : recordedHome(baseline);
  return [temporaryOf(baseline), ...(home === null ? [] : [home])];
};

export const foldersOf = ({ temporary, home }: Replayed): string[] => [temporary, ...(home === null ? [] : [home])];

/** The temporary folder that the recorded run had. */
export function temporaryOf(baseline: RunRecord): string {
  const variable = baseline.variables.find((fact) => fact.name === "TMPDIR");
  return realpathSync(
    variable !== undefined && "value" in variable && existsSync(variable.value) ? variable.value : tmpdir(),
  );
}

/** Whether the interpreter is the recorded one; rebuilding environments is another matter. */
function programChecks({ baseline }: ReplayOptions, env: Readonly<Record<string, string>>): string[] {
  const recorded = baseline.command.executable;
  if (isUnknown(recorded)) return [`the program ${baseline.command.argv[0] ?? ""} was not found then`];
  const found = findProgram(baseline.command.argv[0] ?? "", env, baseline.command.cwd);
  if ("errno" in found || found.path === recorded) return [];
  return [`${baseline.command.argv[0] ?? ""} is ${found.path} now and was ${recorded}`];
}

export function terminalOf(baseline: RunRecord): TerminalFacts {
  const { stdin, stdinFile } = baseline.terminal;
  return { ...baseline.terminal, stdin: stdin === "tty" ? "tty" : stdinFile === undefined ? "null" : "file" };
}

export function settingOf(options: ReplayOptions, folder: ReplayFolder): ReplaySetting {
  const { baseline, conditions } = options;
  const { stdinFile } = baseline.terminal;
  const aside = join(folder.base, "held");
  mkdirSync(aside);
  const files = writeHeldFiles(conditions, aside);
  return {
    facts: { of: baseline.id, varied: options.varied, held: options.held },
    code: baseline.code,
    project: folder.project,
    temporary: folder.temporary,
    hashSeed: conditions.hashSeed,
    ...files,
    ...(conditions.listingSalt === null ? {} : { listing: conditions.listingSalt }),
    remap: `${baseline.command.project}=>${folder.project}`,
    locate: conditions.locate ? lookSeconds(baseline.seconds) : null,
    ...(options.observe === undefined ? {} : { observe: options.observe }),
    fill: conditions.fill === null ? null : Number(conditions.fill),
    stdinFile: stdinFile === undefined ? null : movedTo(stdinFile, baseline.command.project, folder.project),
  };
}

/**
 * Does a recorded run again: restores code and inputs in a fresh folder, sets variables, seeds and conditions, runs the
 * command and records it as a replay. A replay that cannot be made is an answer (`obstacle`), not an exception.
 */
export async function replay(options: ReplayOptions): Promise<Replayed> {
  const { baseline, store, conditions } = options;
  requireAllowed(store, baseline);
  const origin = originOf(store, baseline.id);
  const folder = makeReplayFolder(
    options.parent ?? tmpdir(),
    baseline.command.project,
    options.into,
    levelsUp(baseline),
  );
  const leftovers = conditions.leftovers ?? [];
  const changed = leftovers.map(({ path }) => path);
  const outside = guardOutside(baseline, folder.base, store, changed);
  const home = homeOf(baseline, folder, origin);
  const places = { folder: folder.base, temporary: folder.temporary, home: home?.fresh ?? null };
  const warnings: string[] = [];
  let placed: Placed | null = null;
  try {
    const needed = neededToReplay(baseline);
    if (needed !== null) return { ...places, run: null, obstacle: needed, lost: [], warnings };
    if (home !== null) mkdirSync(home.fresh);
    placed = placeInputs(baseline, folder, home, origin, store, outside.add);
    warnings.push(...placed.warnings);
    layBeside(baseline, folder);
    const restored = await restoreRun(
      baseline,
      folder,
      temporaryOf(baseline),
      store,
      conditions.fileTimes,
      options.env,
      new Set([...changed, ...placed.paths]),
      origin === null || mayAskGit(baseline, eventsOf(baseline, store)),
    );
    const lost = [...restored.lost, ...placed.lost];
    placeLeftovers(leftovers, { recorded: temporaryOf(baseline), fresh: folder.temporary }, store);
    const ready = makeReady(options, folder, store.key(), home);
    warnings.push(...programChecks(options, ready.env), ...restored.warnings, ...ready.warnings);
    if (restored.missing.length > 0)
      return { ...places, run: null, obstacle: restored.missing.join("; "), lost, warnings };
    if (options.strict === true && warnings.length > 0) {
      throw new RepriseError(
        "REPLAY_STRICT",
        "missing",
        `the present differs from the record: ${warnings.join("; ")}`,
        `reprise replay ${baseline.id}`,
      );
    }
    const record = await run({
      argv: ready.argv,
      cwd: join(folder.project, baseline.command.workdir),
      env: ready.env,
      store,
      version: options.version,
      seed: { mode: baseline.seed.mode, root: conditions.root, ...namedOf(baseline) },
      terminal: terminalOf(baseline),
      tee: options.tee ?? {},
      replay: settingOf(options, folder),
      policy: options.policy ?? policyOf(baseline),
      ...(options.pace === undefined ? {} : { pace: options.pace }),
      ...(options.stopWhen === undefined ? {} : { stopWhen: options.stopWhen }),
    });
    await options.onEnd?.(record, folder);
    const changes = environmentChanges(baseline, record);
    warnings.push(...changes);
    const failed = record.status === "not-started" && baseline.status !== "not-started";
    const leaked = codeFromRecordedProject(baseline, record, store);
    const cut = record.status === "interrupted" && baseline.status !== "interrupted";
    const told = cut
      ? ["the replay was interrupted"]
      : leaked.length > 0
        ? leaked
        : failed
          ? record.warnings.map((item) => item.message)
          : options.strict === true
            ? changes
            : [];
    return { ...places, run: record, obstacle: told.length === 0 ? null : told.join("; "), lost, warnings };
  } catch (error) {
    // What cannot be had any more is an answer; what is wrong with us or the store is not.
    if (!(error instanceof RepriseError) || error.kind !== "missing" || error.code === "REPLAY_STRICT") throw error;
    return { ...places, run: null, obstacle: error.message, lost: [], warnings };
  } finally {
    outside.restore();
    placed?.remove();
    if (options.keep !== true && options.into === undefined) folder.discard();
  }
}

/**
 * Modules that the replay imported from the recorded project instead of the restored one (a path written into the code):
 * it would show what the code is now, not what it was.
 */
function codeFromRecordedProject(baseline: RunRecord, replayed: RunRecord, store: Store): string[] {
  const from = `${baseline.command.project}/`;
  const restored = `${replayed.command.project}/`;
  const paths = eventsOf(replayed, store).flatMap((event) =>
    event.e === "end" ? event.modules.map(([, file]) => file) : [],
  );
  const leaked = new Set(
    paths.filter((path) => path.startsWith(from) && !path.startsWith(restored) && !isLibraryPath(path)),
  );
  return [...leaked].map((path) => `the replay took ${path} from the recorded project, not from the restored one`);
}

/** The process that values were read in: a replay gives them back to that one. */
function ofProcess(event: AgentEvent, proc: string): AgentEvent {
  return event.e === "val" || event.e === "list" ? { ...event, proc } : event;
}

/** All events of a run, from its record; empty when they are not to be had. */
export function eventsOf(record: RunRecord, store: Store): AgentEvent[] {
  if (isUnknown(record.events)) return [];
  let proc = "0";
  return new TextDecoder()
    .decode(store.objects.read(record.events.digest))
    .split("\n")
    .flatMap((line): AgentEvent[] => {
      const event = parseEvent(line);
      if (event === null || event === "torn") return [];
      if (event.e === "hello" || event.e === "fork") proc = event.proc;
      return [ofProcess(event, proc)];
    });
}
