import type { CodeFacts, ImportedModule } from "./code.ts";
import type { Digest } from "./digest.ts";
import type { EntropySource, SeedFacts } from "./entropy.ts";
import type { EnvironmentFacts, HardwareFacts, VariableFact } from "./environment.ts";
import type { InputFile, OutputFile } from "./files.ts";
import type { Known } from "./known.ts";
import type { MetricSeries, Param } from "./metric.ts";
import type { PolicyFacts } from "./policy.ts";

export const RECORD_FORMAT = "reprise/record@1";

/** uuid v7: sorts by time. */
export type RunId = string;

export type RunStatus =
  | "completed" // exit 0
  | "failed" // exit other than 0
  | "interrupted" // ended by SIGINT/SIGTERM/SIGHUP that we passed on
  | "killed" // ended by another signal
  | "not-started" // command not found or not executable
  | "unknown"; // of an imported run: the tool that it comes from does not say how it ended

export type StreamKind = "tty" | "pipe" | "file" | "null";

export interface TerminalFacts {
  readonly stdin: StreamKind;
  readonly stdout: StreamKind;
  readonly stderr: StreamKind;
  readonly columns?: number;
  readonly rows?: number;
  /** Absolute path when standard input was a file: it is an input too. */
  readonly stdinFile?: string;
}

export interface StreamFact {
  readonly digest: Digest;
  /** Bytes saved, after redaction. */
  readonly bytes: number;
  readonly redacted: number;
}

export interface CommandFacts {
  /** As typed, secrets replaced by markers. */
  readonly argv: readonly string[];
  /** The program that argv[0] named, absolute. */
  readonly executable: Known<string>;
  /** Absolute. */
  readonly cwd: string;
  /** Absolute root of the project (git's top level, else cwd). */
  readonly project: string;
  /** cwd relative to the project, "" when equal. */
  readonly workdir: string;
}

/** What the agent inside the processes could and could not do. */
export interface AgentFacts {
  /** attached: at least the main process; partial: some processes not; none: see reason. */
  readonly state: "attached" | "partial" | "none";
  readonly reason?: string;
  readonly processes: readonly {
    readonly pid: number;
    readonly key: string;
    readonly language: string;
    readonly argv: readonly string[];
    readonly ended: boolean;
  }[];
  readonly faults: readonly string[];
}

export interface ReplayFacts {
  readonly of: RunId;
  /** Factors that were varied, and held. */
  readonly varied: readonly string[];
  readonly held: readonly string[];
}

export interface Warning {
  readonly code: string;
  readonly message: string;
}

/** Where the program says it; null where no line of the user's own was on the stack. */
interface Place {
  readonly file: string | null;
  readonly line: number | null;
}

/** What the program says that it is to show: `reprise.claim("auc > 0.9")`. */
interface Claim extends Place {
  readonly text: string;
}

/** What a model says of fixed inputs: `reprise.reference("held-out", x, y)`. */
export interface Reference extends Place {
  readonly name: string;
  /** Of the inputs: equal digests, equal inputs. */
  readonly inputs: Known<Digest>;
  /** A saved .npy file. */
  readonly predictions: Known<{ readonly digest: Digest; readonly bytes: number }>;
}

/** A checkpoint that the program says it has written: `reprise.checkpoint("model.pt", step=3)`. */
interface Checkpoint extends Place {
  /** As paths of records are; a file or a folder. */
  readonly path: string;
  readonly step: number | null;
}

/** What a program tells Reprise about itself (docs/library.md), in the order in which it said it. */
export interface Told {
  readonly claims: readonly Claim[];
  readonly references: readonly Reference[];
  readonly checkpoints: readonly Checkpoint[];
}

export const FOREIGN_TOOLS = ["mlflow", "wandb", "tensorboard", "dvc", "sacred"] as const;
export type ForeignTool = (typeof FOREIGN_TOOLS)[number];

/** Where a run comes from that another tool recorded (docs/import.md). */
interface ImportedFacts {
  readonly from: ForeignTool;
  /** The tool's own. */
  readonly id: string;
  /** Absolute: where it lay when it was imported. */
  readonly folder: string;
  /** Of all that was read of it: another one says that it has changed since. */
  readonly digest: Digest;
  /** What the tool does not record, where the record itself has no room for a reason: by fact. */
  readonly unknown: Readonly<Record<string, string>>;
}

/** One run, frozen. Written once, after every object it names is durable. */
export interface RunRecord extends Partial<Told> {
  readonly format: typeof RECORD_FORMAT;
  readonly id: RunId;
  readonly name: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly replay: ReplayFacts | null;
  readonly version: string;
  readonly command: CommandFacts;
  readonly terminal: TerminalFacts;
  readonly startedAt: string;
  readonly endedAt: string;
  /** Wall time of the child in seconds. */
  readonly seconds: number;
  readonly status: RunStatus;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly seed: SeedFacts;
  /** Left out: nothing was forced. */
  readonly policy?: PolicyFacts;
  /** Left out: Reprise ran it. */
  readonly imported?: ImportedFacts;
  readonly code: Known<CodeFacts>;
  readonly modules: Known<readonly ImportedModule[]>;
  readonly environment: EnvironmentFacts;
  readonly hardware: HardwareFacts;
  readonly variables: readonly VariableFact[];
  readonly inputs: Known<readonly InputFile[]>;
  /** What lay in the project before the run: lines of kind, bytes, mtime in ms, path (docs/format/record.md). */
  readonly tree: Known<{ readonly digest: Digest; readonly entries: number }>;
  readonly outputs: Known<readonly OutputFile[]>;
  readonly params: readonly Param[];
  readonly metrics: readonly MetricSeries[];
  /** The loggers and parsers that the agent in this run would have heard; absent in records of before there were any. */
  readonly loggers?: readonly string[];
  readonly entropy: Known<readonly EntropySource[]>;
  readonly stdout: Known<StreamFact>;
  readonly stderr: Known<StreamFact>;
  /** The agent's event lines, all processes, one object. */
  readonly events: Known<{ readonly digest: Digest; readonly bytes: number }>;
  readonly agent: AgentFacts;
  readonly warnings: readonly Warning[];
}
