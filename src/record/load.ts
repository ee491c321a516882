import { RepriseError } from "./error.ts";
import { readMetrics } from "./metric.ts";
import { RECORD_FORMAT, type RunRecord, type Told } from "./run-record.ts";

type Kind = "array" | "boolean" | "null" | "number" | "object" | "string";

/** What must be there for a reader of this version to go on; the rest is the schema's (schema/record.json). */
const FIELDS: Readonly<
  Record<Exclude<keyof RunRecord, "format" | "policy" | "imported" | "loggers" | keyof Told>, readonly Kind[]>
> = {
  id: ["string"],
  name: ["string", "null"],
  tags: ["object"],
  replay: ["object", "null"],
  version: ["string"],
  command: ["object"],
  terminal: ["object"],
  startedAt: ["string"],
  endedAt: ["string"],
  seconds: ["number"],
  status: ["string"],
  exitCode: ["number", "null"],
  signal: ["string", "null"],
  seed: ["object"],
  code: ["object"],
  modules: ["array", "object"],
  environment: ["object"],
  hardware: ["object"],
  variables: ["array"],
  inputs: ["array", "object"],
  tree: ["object"],
  outputs: ["array", "object"],
  params: ["array"],
  metrics: ["array"],
  entropy: ["array", "object"],
  stdout: ["object"],
  stderr: ["object"],
  events: ["object"],
  agent: ["object"],
  warnings: ["array"],
};

function kindOf(value: unknown): Kind | "nothing" {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  const kind = typeof value;
  return kind === "boolean" || kind === "number" || kind === "string" || kind === "object" ? kind : "nothing";
}

/** 1 for "reprise/record@1"; null when it is no record's format. */
function versionOf(format: unknown): number | null {
  const digits = typeof format === "string" ? /^reprise\/record@([1-9]\d{0,8})$/.exec(format)?.[1] : undefined;
  return digits === undefined ? null : Number(digits);
}

function invalid(why: string, cause?: unknown): RepriseError {
  return new RepriseError("RECORD_INVALID", "storage", `not a record of a run: ${why}`, "reprise ls", { cause });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid("it is not JSON", error);
  }
}

/** A newer Reprise may mean other things by the same fields: its records are refused, never half understood. */
function refuseNewer(id: unknown, format: unknown): void {
  const version = versionOf(format);
  if (version === null) throw invalid("it names no format of a record");
  if (version <= (versionOf(RECORD_FORMAT) ?? 0)) return;
  const which = typeof id === "string" ? `the record of the run ${id}` : "the record";
  throw new RepriseError(
    "RECORD_NEWER",
    "storage",
    `${which} was written by a newer Reprise (${String(format)}, this one knows ${RECORD_FORMAT})`,
    "npm install --global reprise@latest",
  );
}

/** The first field that is not of its kind. */
function faultOf(members: Readonly<Record<string, unknown>>): string | null {
  for (const [name, kinds] of Object.entries(FIELDS)) {
    const kind = kindOf(members[name]);
    if (!kinds.some((allowed) => allowed === kind)) return `its ${name} is ${kind}, not ${kinds.join(" or ")}`;
  }
  const { policy } = members;
  if (policy !== undefined && kindOf(policy) !== "object") return `its policy is ${kindOf(policy)}, not object`;
  return null;
}

/** The record in a text that some Reprise wrote. Throws RepriseError RECORD_INVALID, RECORD_NEWER. */
export function parseRecord(text: string): RunRecord {
  const value = parsed(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid("it is not a JSON object");
  const members = value as Readonly<Record<string, unknown>>;
  refuseNewer(members.id, members.format);
  const fault = faultOf(members);
  if (fault !== null) throw invalid(fault);
  // Every field is of its kind; what lies deeper is as commit() wrote it, which the store's digest vouches for.
  const record = value as RunRecord;
  return { ...record, metrics: readMetrics(record.metrics) };
}
