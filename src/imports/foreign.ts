import type { ForeignTool, MetricSeries, RunStatus } from "#record";

/** A file beside a foreign run. */
interface ForeignFile {
  /** As the record names it: relative to the run's folder. */
  readonly path: string;
  /** Absolute. */
  readonly file: string;
}

/** A run as another tool recorded it. null: the tool does not say. */
export interface ForeignRun {
  readonly tool: ForeignTool;
  readonly id: string;
  /** Absolute. */
  readonly folder: string;
  readonly name: string | null;
  readonly experiment: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly status: RunStatus;
  readonly exitCode: number | null;
  /** Milliseconds since 1970. */
  readonly startedMs: number | null;
  readonly endedMs: number | null;
  readonly argv: readonly string[] | null;
  readonly cwd: string | null;
  readonly git: { readonly commit: string; readonly remote: string | null; readonly dirty: boolean | null } | null;
  /** Its code, where the tool has kept that. */
  readonly sources: readonly ForeignFile[] | null;
  readonly params: readonly { readonly name: string; readonly value: string }[];
  readonly metrics: readonly ForeignSeries[];
  /** null: they lie elsewhere. */
  readonly artifacts: readonly ForeignFile[] | null;
  readonly inputs: readonly (ForeignFile & { readonly md5: string | null })[] | null;
  /** Files. */
  readonly stdout: string | null;
  readonly requirements: string | null;
  readonly host: { readonly name: string; readonly os: string; readonly python: string; readonly cpu: string } | null;
  /** What a reader should know before trusting it. */
  readonly warnings: readonly string[];
}

export interface ForeignSeries {
  readonly name: string;
  readonly source: MetricSeries["source"];
  readonly points: readonly { readonly step: number | null; readonly value: number }[];
}

/** What every tool leaves open until it says otherwise. */
export const NOTHING_SAID = {
  name: null,
  experiment: null,
  tags: {},
  status: "unknown",
  exitCode: null,
  startedMs: null,
  endedMs: null,
  argv: null,
  cwd: null,
  git: null,
  sources: null,
  params: [],
  metrics: [],
  artifacts: null,
  inputs: null,
  stdout: null,
  requirements: null,
  host: null,
  warnings: [],
} as const;

/** A number as any of the tools writes it; null where it is none. */
export function numberOf(text: string): number | null {
  const bare = text.trim();
  if (/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(bare)) return Number(bare);
  if (/^[-+]?nan$/i.test(bare)) return Number.NaN;
  const infinite = /^([-+]?)inf(?:inity)?$/i.exec(bare);
  return infinite === null ? null : infinite[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

const MOST_DEPTH = 16;

/** Names and values of nested mappings, joined by dots; a list is one value. */
export function flat(value: unknown, prefix = "", depth = 0): [string, unknown][] {
  const isMapping = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isMapping || depth > MOST_DEPTH) return [[prefix, value]];
  const entries = Object.entries(value);
  if (entries.length === 0) return prefix === "" ? [] : [[prefix, "{}"]];
  return entries.flatMap(([key, one]) => flat(one, prefix === "" ? key : `${prefix}.${key}`, depth + 1));
}

export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined
    ? "null"
    : (JSON.stringify(value, (_, one: unknown) =>
        typeof one === "number" && !Number.isFinite(one) ? String(one) : one,
      ) ?? "null");
}
