import type { Json, RunId, RunRecord, RunStatus } from "#record";

/** What a list shows of a run. */
export interface RunSummary {
  readonly id: RunId;
  readonly name: string | null;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly status: RunStatus;
  readonly exitCode: number | null;
  readonly seconds: number;
  /** As one line, quoted for a shell. */
  readonly command: string;
  readonly replayOf: RunId | null;
}

/** What is known of a run when it starts. */
export interface RunBegin {
  readonly name: string | null;
  /** ISO 8601. */
  readonly startedAt: string;
  /** As it will stand in the record: secrets replaced already. */
  readonly argv: readonly string[];
  readonly replayOf: RunId | null;
  /** The process that will commit the run: ours when left out. While it lives the run is in progress. */
  readonly pid?: number;
  /** Whatever else helps to understand a run that broke off. */
  readonly details?: Json;
}

/** A run that began and was not committed. */
export interface UnfinishedRun {
  readonly id: RunId;
  readonly name: string | null;
  readonly startedAt: string;
  readonly command: string;
  readonly replayOf: RunId | null;
  readonly pid: number;
  readonly host: string;
  /** broken: its process is gone. elsewhere: it was begun on a machine or in a container that we cannot see into. */
  readonly state: "running" | "broken" | "elsewhere";
  /** Where what it had written so far lies. */
  readonly folder: string;
}

/** Something found out about a run later: a tag, a note, a verdict. Never changed. */
export interface Fact {
  readonly seq: number;
  readonly run: RunId;
  readonly kind: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly value: Json;
}

export interface RunFilter {
  readonly limit?: number;
  /** Without it replays are left out. */
  readonly includeReplays?: boolean;
  /** Only the replays of this run. */
  readonly replaysOf?: RunId;
}

/**
 * RUN, wherever a run is asked for: `@last`, `@last~N` (the run, replays not counted, that started last, or N before it);
 * its id; a name (of several runs with that name the one that started last); a unique beginning or ending of an id, four
 * digits or more, with or without dashes. Tried in this order. Throws RUN_UNKNOWN, RUN_AMBIGUOUS, RUN_UNFINISHED.
 */
export type RunRef = string;

/** Records of runs and the facts about them. Synchronous: what returns is durable. */
export interface Runs {
  /** Notes that a run starts, so that a crash leaves a trace, and returns a folder for what it writes meanwhile. */
  begin(id: RunId, begin: RunBegin): string;
  /**
   * Keeps a record for good and removes the run's folder. Objects first: throws STORE_MISSING_OBJECT when one that the
   * record names is not there. Throws RUN_EXISTS for an id that is taken. `facts` are kept with it, or neither is.
   */
  commit(record: RunRecord, facts?: readonly { readonly kind: string; readonly value: Json }[]): void;
  find(ref: RunRef): RunSummary;
  /** The whole record, checked: throws STORE_CORRUPT_RECORD, RECORD_NEWER. */
  get(ref: RunRef): RunRecord;
  /** Newest start first. */
  list(filter?: RunFilter): RunSummary[];
  unfinished(): UnfinishedRun[];
  /** The folder of an unfinished run, whether it is there or not. */
  folder(id: RunId): string;
  /**
   * Takes away a run and its facts, or what a broken run left. Replays of it stay, and go on naming it. Its objects go
   * with the next gc. Throws RUN_RUNNING, RUN_UNKNOWN.
   */
  remove(id: RunId): void;
  addFact(id: RunId, kind: string, value: Json): Fact;
  /** Oldest first. */
  facts(id: RunId, kind?: string): Fact[];
}
