import type { CauseKind, Evidence, RunId } from "#record";

type ResumeWord = "exact" | "differs" | "inconclusive";

/** What a training carries from step to step, and a checkpoint has to hold. */
export type StateKind =
  | "parameters"
  | "buffers"
  | "optimizer"
  | "scheduler"
  | "learning-rate"
  | "scaler"
  | "loader"
  | "generator"
  | "recipe";

/** One piece of state, right after resuming, held against the uninterrupted run at the same step. */
export interface ResumedState {
  readonly state: StateKind;
  /** Of a generator its channel, such as rng.torch; of the recipe the kind of what is drawn anew. */
  readonly name: string;
  readonly restored: boolean;
  /**
   * proved: put back as the uninterrupted run had it, the resumed run agrees. seen: it is another one, by its fingerprints or
   * by what it decides. consistent: another one too, and not shown to matter.
   */
  readonly certainty: "proved" | "seen" | "consistent";
  readonly words: string;
  /** Fingerprints, where there are such. */
  readonly a: string | null;
  readonly b: string | null;
  readonly runs: readonly RunId[];
}

/** The first thing in which the resumed run is not the uninterrupted one. */
export interface ResumedApart {
  /** Steps that the uninterrupted run had made before; null where no step was seen. */
  readonly step: number | null;
  readonly what: string;
  readonly a: string | null;
  readonly b: string | null;
}

export interface ResumeDocument {
  readonly format: "reprise/resume-check@1";
  readonly run: RunId;
  readonly verdict: ResumeWord;
  readonly reason: string;
  /** What to type next, where something is missing; else empty. */
  readonly hint: string;
  /** A replay of the run to its end; `steps` null: none was seen. */
  readonly uninterrupted: { readonly run: RunId; readonly steps: number | null } | null;
  readonly interrupted: {
    readonly run: RunId;
    readonly signal: "KILL" | "TERM";
    /** Steps that it had made when it was ended. */
    readonly steps: number | null;
    readonly checkpoint: string;
    /** Steps that it had made when it wrote that. */
    readonly savedAfter: number | null;
  } | null;
  readonly resumed: {
    readonly run: RunId;
    readonly argv: readonly string[];
    /** The step of the uninterrupted run that it went on with, from 0. */
    readonly from: number | null;
    readonly steps: number | null;
  } | null;
  readonly divergence: ResumedApart | null;
  /** What was looked at right after resuming: restored or not. */
  readonly states: readonly ResumedState[];
  /** Metrics after that step, final outputs. */
  readonly evidence: readonly Evidence[];
  /** About checkpoints: written over in place, torn. */
  readonly notes: readonly string[];
  readonly varied: readonly CauseKind[];
  readonly replays: readonly RunId[];
  readonly warnings: readonly string[];
  readonly seconds: number;
}
