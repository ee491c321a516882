import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { deriveHashSeed } from "./hash-seed.ts";

/** The folder `agent/` that ships with Reprise: above src/ in a checkout, above dist/ in a package. */
export function agentRoot(from: string = fileURLToPath(import.meta.url)): string {
  for (let folder = dirname(from); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, "agent", "node", "preload.cjs"))) return join(folder, "agent");
  }
  throw new Error(`no agent/ above ${from}`);
}

export interface AgentOptions {
  /** The complete environment that the command would have without us. */
  readonly env: Readonly<Record<string, string>>;
  readonly eventsDir: string;
  /** Absolute root of the project. */
  readonly project: string;
  /** Root seed; null: entropy is left alone. */
  readonly root: string | null;
  /** Named seeds that do not follow from the root. */
  readonly seeds?: Readonly<Record<string, number>>;
  /** Start of the run, seconds since the epoch. */
  readonly start?: number;
  /** Folder in which the agent keeps a file before it is overwritten or removed, and the largest it keeps, in bytes. */
  readonly keep?: string;
  readonly keepMax?: number;
  /** A file of streams to be held, listing order (salt or file), values to be held, paths to be renamed, seconds to find a line in. */
  readonly streams?: string;
  readonly listing?: string;
  readonly hold?: string;
  readonly remap?: string;
  readonly locate?: number;
  /** What the agent writes down only when asked (docs/format/events.md). */
  readonly observe?: {
    readonly steps?: string;
    readonly trace?: { readonly folder: string; readonly from: number; readonly to?: number; readonly seconds: number };
    readonly operators?: number;
    readonly checkpoints?: {
      readonly patterns: readonly string[];
      readonly halt?: { readonly after: string; readonly count: number; readonly signal: string };
      readonly states?: string;
      readonly put?: { readonly save: number; readonly names: readonly string[] };
    };
  };
  /** 1 … 255: the byte that fresh memory is filled with, on glibc. */
  readonly mallocPerturb?: number;
  /** PYTHONHASHSEED to be held; else it is derived from the root unless the user set one. */
  readonly hashSeed?: string;
}

function checkpointVariables(
  of: NonNullable<AgentOptions["observe"]>["checkpoints"],
): Readonly<Record<string, string | undefined>> {
  if (of === undefined) return {};
  const { patterns, halt, states, put } = of;
  return {
    REPRISE_CHECKPOINTS: patterns.length === 0 ? "1" : patterns.join("\n"),
    REPRISE_HALT: halt === undefined ? undefined : `${halt.after} ${halt.count} ${halt.signal}`,
    REPRISE_STATES: states,
    REPRISE_PUT: put === undefined ? undefined : `${put.save} ${put.names.join(" ")}`,
  };
}

/** The variables that bring the agents into the child's processes, to be laid over the user's environment. */
export function agentEnvironment(options: AgentOptions): Record<string, string> {
  const { env, root } = options;
  const agent = agentRoot();
  const site = join(agent, "python", "src", "site");
  const added: Record<string, string> = {
    PYTHONPATH: env.PYTHONPATH ? `${site}:${env.PYTHONPATH}` : site,
    NODE_OPTIONS: `--require ${quoted(join(agent, "node", "preload.cjs"))}${env.NODE_OPTIONS ? ` ${env.NODE_OPTIONS}` : ""}`,
    REPRISE_EVENTS: options.eventsDir,
    REPRISE_PROJECT: options.project,
  };
  const hashSeed = options.hashSeed ?? (root === null || env.PYTHONHASHSEED ? undefined : deriveHashSeed(root));
  const optional: Record<string, string | number | null | undefined> = {
    PYTHONHASHSEED: hashSeed,
    REPRISE_ROOT: root,
    REPRISE_SEEDS:
      options.seeds &&
      Object.entries(options.seeds)
        .map((pair) => pair.join("="))
        .join(" "),
    // Always as long: the length of a variable moves what is allocated after it, and addresses are a cause we look for.
    REPRISE_START: options.start?.toFixed(3),
    REPRISE_KEEP: options.keep,
    REPRISE_KEEP_MAX: options.keepMax,
    REPRISE_STREAMS: options.streams,
    REPRISE_LISTING: options.listing,
    REPRISE_HOLD: options.hold,
    REPRISE_REMAP: options.remap,
    REPRISE_LOCATE: options.locate === undefined ? null : 1,
    REPRISE_LOCATE_SECONDS: options.locate,
    REPRISE_STEPS: options.observe?.steps,
    REPRISE_TRACE: options.observe?.trace?.folder,
    REPRISE_TRACE_FROM: options.observe?.trace?.from,
    REPRISE_TRACE_TO: options.observe?.trace?.to,
    REPRISE_TRACE_SECONDS: options.observe?.trace?.seconds,
    REPRISE_OPERATORS: options.observe?.operators,
    ...checkpointVariables(options.observe?.checkpoints),
    MALLOC_PERTURB_: options.mallocPerturb,
  };
  for (const [name, value] of Object.entries(optional)) {
    if (value !== undefined && value !== null) added[name] = String(value);
  }
  return added;
}

/** NODE_OPTIONS splits at spaces outside double quotes, where a backslash escapes. */
const quoted = (path: string): string => (/[\s"\\]/.test(path) ? `"${path.replace(/["\\]/g, "\\$&")}"` : path);
