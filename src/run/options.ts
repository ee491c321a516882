import type { Writable } from "node:stream";
import type { CodeFacts, Known, ReplayFacts, RunId, TerminalFacts } from "#record";
import type { Store } from "#store";
import type { StoreInputs } from "./inputs/store-inputs.ts";
import type { Reading } from "./metrics.ts";
import type { PolicyChoice } from "./policy.ts";
import type { SeedChoice } from "./seed.ts";

/** For a run that is interrupted and resumed (docs/resume.md). */
export interface Checkpoints {
  /** Globs by which checkpoints are known; the usual names when there are none. */
  readonly patterns: readonly string[];
  /** Where the run is ended, all processes at once (KILL) or as the program answers it (TERM). */
  readonly halt?: { readonly after: "step" | "save"; readonly count: number; readonly signal: "KILL" | "TERM" };
  /** An existing folder for the states of generators at each save. */
  readonly states?: string;
  /** Generators that are given the state back that they had at that save. */
  readonly put?: { readonly save: number; readonly names: readonly string[] };
}

/** What the agent writes down only when it is asked to, because it costs. */
export interface Observe {
  /** Fingerprints of training steps: of every step, or of as many as cost little. */
  readonly steps?: "all" | "auto";
  /** Lines that ran and what they changed, into files of an existing folder; `from` and `to` are numbers of steps, after `seconds` of it no more. */
  readonly trace?: { readonly folder: string; readonly from: number; readonly to?: number; readonly seconds: number };
  /** Checkpoints as they are written, with the generators that the program made itself among the channels of steps. */
  readonly checkpoints?: Checkpoints;
  /** Operators of the step after so many steps; needs `trace`. */
  readonly operators?: number;
}

/** What is different when a run is the replay of another. */
export interface ReplaySetting {
  readonly facts: ReplayFacts;
  /** The code that was restored: it is not captured again. */
  readonly code: Known<CodeFacts>;
  /** The restored project, taken as it is: no search for a git top level. */
  readonly project: string;
  readonly temporary: string;
  readonly hashSeed: string | null;
  readonly streams?: string;
  readonly hold?: string;
  readonly listing?: string;
  /** old=>new project root, for paths that lead to the recorded project. */
  readonly remap?: string;
  /** Look for the first draws of generators, so many seconds at most. */
  readonly locate: number | null;
  readonly observe?: Observe;
  readonly fill: number | null;
  readonly stdinFile: string | null;
}

/** A run that is made for the time that its steps take. */
export interface Pace {
  /** So long after the first steps it is ended. */
  readonly seconds: number;
  /** So long it may take until then. */
  readonly startSeconds: number;
}

/** Why a run is ended before its program does. */
export interface StopCheck {
  /** Called with each reading of a metric, in order; true ends the run: it has parted from its baseline. */
  (source: "stdout" | "stderr", reading: Reading, index: number): boolean;
}

export interface RunOptions {
  /** As typed; argv[0] is looked up on PATH as a shell would. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The complete environment of the child, before what Reprise adds. */
  readonly env: Readonly<Record<string, string>>;
  readonly store: Store;
  readonly version: string;
  readonly seed: SeedChoice;
  /** Nothing is forced when left out. */
  readonly policy?: PolicyChoice;
  readonly terminal: TerminalFacts;
  readonly tee: { readonly stdout?: Writable; readonly stderr?: Writable };
  readonly name?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly requireClean?: boolean;
  /** "auto" when left out. */
  readonly storeInputs?: StoreInputs;
  readonly replay?: ReplaySetting;
  readonly stopWhen?: StopCheck;
  readonly pace?: Pace;
  /** Told once the child's environment is settled and before it starts. */
  readonly onStart?: (start: {
    readonly id: RunId;
    readonly seed: SeedChoice;
    readonly hashSeed: string | null;
  }) => void;
}
