import type { Readable, Writable } from "node:stream";
import type { AgentEvent, Digest, RunStatus, TerminalFacts } from "#record";
import type { SampledMaps } from "./maps.ts";
import type { NotStarted } from "./program.ts";
import type { StreamFilter } from "./stream/stream.ts";

export interface LaunchOptions {
  readonly argv: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** Complete: nothing is added from this process's own. */
  readonly env: Readonly<Record<string, string>>;
  /** "inherit" (default): our own standard input passes through. */
  readonly stdin?: "inherit" | "null" | { readonly file: string } | Readable;
  /** What the child is to have: detectTerminal() for a live run, the record's for a replay. */
  readonly terminal: TerminalFacts;
  /** Where the child's output also goes, as it is. */
  readonly tee?: { readonly stdout?: Writable; readonly stderr?: Writable };
  /** Redaction of what goes to the disk and to onLine; one is made per stream. */
  readonly filter?: () => StreamFilter;
  /** Files for the redacted output. */
  readonly logs: { readonly stdout: string; readonly stderr: string };
  /** Followed while the child runs when onEvent is given. */
  readonly eventsDir?: string;
  readonly onEvent?: (event: AgentEvent, file: string) => void;
  /** Whole lines of the redacted output. */
  readonly onLine?: (stream: "stdout" | "stderr", line: string) => void;
  readonly timeoutSeconds?: number;
  /** Ends the whole group; aborted with SUDDENLY for a reason, by SIGKILL at once. */
  readonly stopOn?: AbortSignal;
  /** Between Ctrl-C and SIGKILL; default 10. */
  readonly graceSeconds?: number;
  /** Signals that were set to be ignored when we were started (nohup): not passed on. Node itself forgets them. */
  readonly ignoredSignals?: readonly NodeJS.Signals[];
}

export interface StreamResult {
  /** In the file, after redaction; with their digest. */
  readonly bytes: number;
  readonly digest: Digest;
  readonly truncated?: string;
}

export interface LaunchResult {
  readonly status: RunStatus;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why we ended it ourselves. */
  readonly stopped?: "timeout" | "aborted";
  /** ms since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Wall time of the child. */
  readonly seconds: number;
  readonly pid: number | null;
  /** What argv[0] named, absolute; null when it was not found. */
  readonly executable: string | null;
  readonly stdout: StreamResult;
  readonly stderr: StreamResult;
  readonly notStarted?: NotStarted;
  /** Files mapped by the child's processes, sampled while they ran. */
  readonly maps: readonly SampledMaps[];
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}
