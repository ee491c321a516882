import type { CauseKind } from "../kind.ts";
import type { RunId } from "../run-record.ts";

export type VerdictWord = "reproduced" | "conditional" | "differs" | "inconclusive";
export type Level = "numerical" | "statistical" | "scientific" | "functional";

export interface Hold {
  readonly kind: CauseKind;
  readonly file: string | null;
  readonly line: number | null;
  /** In a notebook: the code cell, from 1; `line` counts within it. */
  readonly cell?: number;
  readonly words: string;
}

export interface Evidence {
  readonly kind: "exit" | "metric" | "output" | "fingerprint" | "stdout" | "claim" | "reference";
  readonly name: string;
  readonly agree: boolean;
  readonly how: "bytes" | "content" | "masked" | "tolerance";
  /** What was set aside as benign, each with its origin, such as "zip time stamps" or "line 3: elapsed 1.2s". */
  readonly aside: readonly string[];
  readonly a: string | number | null;
  readonly b: string | number | null;
  readonly distance: number | null;
  /** Why it could not be told whether they agree; `agree` is false then, but nothing was seen to differ in meaning. */
  readonly unseen?: string;
}

type Phase = "import" | "setup" | "train" | "end";
type Channel =
  | "code"
  | "environment"
  | "data"
  | "order"
  | "rng"
  | "loss"
  | "gradients"
  | "parameters"
  | "control-flow"
  | "output";

export interface Divergence {
  readonly step: number | null;
  readonly phase: Phase;
  readonly channel: Channel;
  readonly file: string | null;
  readonly line: number | null;
  /** In a notebook: the code cell, from 1; `line` counts within it. */
  readonly cell?: number;
  readonly variable: string | null;
  readonly operator: string | null;
  readonly a: string | number | null;
  readonly b: string | number | null;
  readonly distance: number | null;
}

/** What a verdict was shown on: never more than that. */
export interface ShownOn {
  readonly cpu: string;
  readonly gpus: readonly string[];
  readonly os: string;
  readonly python: string | null;
  readonly frameworks: Readonly<Record<string, string>>;
}

/** A quantity of a run beside what replays under fresh root seeds measured of it (docs/statistics.md). */
export interface MetricNoise {
  readonly name: string;
  /** Which value of its series; count: how many values it has. */
  readonly at: "last" | "best" | "count";
  /** What the record has; text where it is no finite number. */
  readonly baseline: number | string;
  /** One a replay, in their order. */
  readonly values: readonly (number | string)[];
  /** equal: the same number in all. unknown: too little was measured to say; why is in `reason`. */
  readonly verdict: "equal" | "within" | "outside" | "unknown";
  readonly reason: string | null;
  readonly interval: {
    readonly low: number;
    readonly high: number;
    readonly method: "Student" | "normal" | "ranks" | "equal";
    readonly mean: number;
    readonly sd: number;
    /** The smallest shift that would be seen with the power asked for. */
    readonly shift: number;
  } | null;
}

export interface Statistics {
  /** Of all metrics together, and of each of them. */
  readonly confidence: number;
  readonly each: number;
  readonly power: number;
  /** Replays that were measured. */
  readonly measured: number;
  /** So many replays would be needed to say something about every metric; null: there are enough. */
  readonly needed: number | null;
  readonly metrics: readonly MetricNoise[];
  /** Results that noise is expected in, and that this level says nothing about. */
  readonly notJudged: readonly string[];
}

/** What a run is said to show, beside the replays in which it did. */
export interface ClaimVerdict {
  readonly text: string;
  /** Who says so: "train.py:12", "reprise.toml:4", "--claim". */
  readonly from: string;
  /** Whether it holds in the record itself. */
  readonly record: boolean;
  /** Of the record: the numbers that it hangs on. */
  readonly values: readonly { readonly name: string; readonly value: number | string }[];
  readonly verdict: "holds" | "fails" | "unknown";
  readonly held: number;
  readonly of: number;
  /** One-sided bounds of the share of runs in which it holds. */
  readonly atLeast: number;
  readonly atMost: number;
}

interface Claims {
  readonly confidence: number;
  /** In so many of all runs each has to hold. */
  readonly rate: number;
  readonly needed: number | null;
  readonly claims: readonly ClaimVerdict[];
}

/** How far predictions of a replay for reference inputs are from the recorded ones; the furthest of all replays. */
export interface ReferenceVerdict {
  readonly name: string;
  /** within: in every replay. unknown: could not be compared; why is in `reason`. */
  readonly verdict: "within" | "beyond" | "unknown";
  readonly reason: string | null;
  readonly rows: number;
  /** How a row is decided: "argmax", "threshold 0.5", "label"; null: numbers only. */
  readonly decision: string | null;
  readonly flips: number | null;
  readonly firstFlip: number | null;
  /** Rows that are no number in the same columns of the record and of the replay. */
  readonly nan: number;
  /** null where it is infinite or there are no numbers. */
  readonly maxAbs: number | null;
  readonly ulps: number | null;
  readonly worst: { readonly row: number; readonly column: number; readonly a: string; readonly b: string } | null;
}

/** What predictions may be apart by; null: not asked. */
export interface Bounds {
  readonly maxAbs: number | null;
  readonly ulps: number | null;
  /** Share of rows that may be decided otherwise. */
  readonly flips: number | null;
  readonly threshold: number | null;
}

export interface VerifyDocument {
  readonly format: "reprise/verify@1";
  readonly baseline: RunId;
  readonly replays: readonly RunId[];
  readonly verdict: VerdictWord;
  readonly level: Level | "none";
  readonly asked: Level;
  readonly holds: readonly Hold[];
  readonly evidence: readonly Evidence[];
  readonly firstDivergence: Divergence | null;
  readonly varied: readonly string[];
  readonly shownOn: ShownOn;
  /** Of the machine that the replays were made on; left out by versions before. */
  readonly hostname?: string;
  /** Upper 95 % bound of the rate of a rare difference that so many equal replays would still miss: 3/k. */
  readonly missRate: number | null;
  readonly agreeing: number;
  readonly reason: string;
  readonly warnings: readonly string[];
  readonly seconds: number;
  /** At the statistical level: what was measured. */
  readonly statistics?: Statistics;
  /** At the scientific level: what holds how often. */
  readonly claims?: Claims;
  /** At the functional level: how far predictions are apart. */
  readonly references?: { readonly bounds: Bounds; readonly list: readonly ReferenceVerdict[] };
}
