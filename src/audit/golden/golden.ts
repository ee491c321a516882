import type { PolicyMode } from "#record";

export const GOLDEN_FORMAT = "reprise/golden@1";

/** What a metric may be, and how that was found (docs/format/golden.md). */
export interface Tolerance {
  readonly low: number;
  readonly high: number;
  /** Trainings that it was measured over. */
  readonly n: number;
  readonly mean: number;
  readonly sd: number;
  /** The rule that gave it: normal, ranks; "by hand" needs `byHand`. */
  readonly rule: string;
  /** Why somebody has set it instead. */
  readonly byHand?: string;
}

/** The machine that a golden was measured on. */
export interface Machine {
  readonly os: string;
  readonly cpu: string;
  readonly gpus: string;
}

/** One accepted state of a training: what it was made of, and what its results may be. */
export interface Golden {
  /** The first recorded run of it. */
  readonly run: string;
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly by: string;
  readonly reason: string;
  readonly command: readonly string[];
  /** Folder in the project that it is run in; "" for its root. */
  readonly workdir: string;
  /** As `--seed` takes it: fresh, off, 42, "42,split=7". */
  readonly seed: string;
  /** As `--deterministic` takes it. */
  readonly deterministic: PolicyMode;
  /** Metrics that were asked for; empty: all that there are. */
  readonly only: readonly string[];
  readonly trainings: number;
  /** The longest of them. */
  readonly seconds: number;
  /** Most audits of unchanged code that fail, and how sure that is. */
  readonly alarms: number;
  readonly confidence: number;
  /** null: no git, or no commit. */
  readonly commit: string | null;
  readonly dirty: boolean;
  /** Version of Reprise that watched the trainings; null of goldens from before it was kept. */
  readonly reprise: string | null;
  /** Metrics: who told each ("stdout", "mlflow", "file metrics.csv"). A later Reprise may hear the same name of others, too. */
  readonly sources: Readonly<Record<string, string>>;
  /** Digest of all packages with their versions. */
  readonly environment: string | null;
  readonly python: string | null;
  readonly machine: Machine;
  /** Modules of the project that were imported, by path: digest. */
  readonly files: Readonly<Record<string, string>>;
  /** What was read, by path: digest. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Variables that libraries read: threads, devices, switches. */
  readonly variables: Readonly<Record<string, string>>;
  /** Imported packages: version. */
  readonly packages: Readonly<Record<string, string>>;
  readonly tolerance: Readonly<Record<string, Tolerance>>;
  /** The last values of the metrics, in the order of the trainings. */
  readonly measured: Readonly<Record<string, readonly number[]>>;
  /** What came out the same in every training: exit code, number of steps, digests of outputs. */
  readonly exact: Readonly<Record<string, string | number>>;
  /** What is not judged, and why. */
  readonly left: Readonly<Record<string, string>>;
  /** Digest of the text before it in its file; null of the first. */
  readonly before: string | null;
}

/** A golden file: append-only, the last is in force. */
export interface GoldenFile {
  readonly name: string;
  /** Relative to the project. */
  readonly path: string;
  readonly text: string;
  readonly goldens: readonly Golden[];
}

/** Names of what is held to be equal (`exact`). */
export const EXIT = "exit code";
export const stepsOf = (metric: string): string => `steps of ${metric}`;
export const outputOf = (path: string): string => `output ${path}`;
