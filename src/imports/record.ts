import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Redactor, secretsInFile, textKindOf } from "#capture";
import {
  type CodeFacts,
  canonicalJson,
  digestOf,
  type InputFile,
  type Json,
  type Known,
  type OutputFile,
  RECORD_FORMAT,
  type RunRecord,
  type StreamFact,
  unknown,
} from "#record";
import type { ObjectBatch, Store } from "#store";
import { hardwareOf, idOf, metricsOf, TOOL_NAMES, timesOf, unsaid } from "./facts.ts";
import { isFile } from "./folder.ts";
import type { ForeignRun } from "./foreign.ts";

/** Larger files are recorded by digest alone. */
const MOST_BYTES_KEPT = 10 * 1024 * 1024;

export interface Making {
  readonly store: Store;
  readonly batch: ObjectBatch;
  readonly redactor: Redactor;
  readonly version: string;
  /** A tag for all that is imported. */
  readonly experiment: string | null;
}

type Hashed = Pick<OutputFile, "bytes" | "digest" | "stored">;

/** A file by digest, and its content where it is small and holds no secret. */
function hashed(file: string, { store, batch, redactor }: Making): Hashed {
  const seen = store.files.digestFiles([file]).get(file) ?? unknown("not read");
  if ("unknown" in seen) return { bytes: seen, digest: seen, stored: false };
  const worth = seen.bytes <= MOST_BYTES_KEPT && secretsInFile(file, redactor) === 0;
  const stored = worth && batch.putFile(file).digest === seen.digest;
  return { bytes: seen.bytes, digest: seen.digest, stored };
}

function outputsOf(run: ForeignRun, making: Making): Known<readonly OutputFile[]> {
  if (run.artifacts === null) return unknown(`its artifacts do not lie below ${run.folder}`);
  return run.artifacts
    .map(({ path, file }) => ({
      path,
      scope: "project" as const,
      ...hashed(file, making),
      seen: ["tree" as const],
      change: "created" as const,
    }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** A file that is another one now than the run read is not its input. */
function inputsOf(run: ForeignRun, making: Making): Known<readonly InputFile[]> {
  if (run.inputs === null) return unknown(`${TOOL_NAMES[run.tool]} does not record which files it read`);
  return run.inputs.map(({ path, file, md5 }): InputFile => {
    const base = { path, scope: "project", seen: ["argument"] } as const;
    const gone = (why: string): InputFile => ({ ...base, bytes: unknown(why), digest: unknown(why), stored: false });
    if (!isFile(file)) return gone(`only its MD5 is recorded (${md5 ?? "none"}), and it is not here`);
    const now = createHash("md5").update(readFileSync(file)).digest("hex");
    return md5 === now
      ? { ...base, ...hashed(file, making) }
      : gone(`another one now than it was read (MD5 ${md5 ?? "none"})`);
  });
}

function codeOf(run: ForeignRun, making: Making): Known<CodeFacts> {
  const tool = TOOL_NAMES[run.tool];
  if (run.sources !== null) {
    const files = run.sources.map(({ path, file }) => {
      const source = readFileSync(file);
      const { bytes, count } = making.redactor.redactBytes(source, textKindOf(path, source));
      const kept = { mode: "100644", bytes: bytes.length, digest: making.batch.put(bytes), stored: true };
      return { path, ...kept, ...(count === 0 ? {} : { redacted: count }) };
    });
    return { kind: "snapshot", files, left: [{ path: ".", reason: `${tool} keeps the sources that it knows of` }] };
  }
  if (run.git === null) return unknown(`${tool} has no commit of it`);
  return {
    kind: "git",
    commit: run.git.commit,
    branch: unknown(`${tool} does not record it`),
    remote:
      run.git.remote === null ? unknown(`${tool} does not record it`) : making.redactor.redactText(run.git.remote).text,
    dirty: run.git.dirty === true,
    untracked: [],
    submodules: [],
    archive: unknown("an imported run has no copy of its commit"),
  };
}

function stdoutOf(run: ForeignRun, { batch, redactor }: Making): Known<StreamFact> {
  if (run.stdout === null) return unknown(`${TOOL_NAMES[run.tool]} has no copy of it`);
  const { bytes, count } = redactor.redactBytes(readFileSync(run.stdout));
  return { digest: batch.put(bytes), bytes: bytes.length, redacted: count };
}

/** Digest of all that was read of it: another one tells that the run has gone on since. */
const stateOf = (run: ForeignRun): string =>
  canonicalJson({
    ...run,
    folder: "",
    artifacts: (run.artifacts ?? []).map(({ path }) => path),
    sources: null,
    inputs: null,
    stdout: null,
    requirements: null,
    metrics: run.metrics.map(({ name, points }) => [name, points.map(({ step, value }) => [step, String(value)])]),
  } as unknown as Json);

function pythonUnknown({ host, requirements, tool }: ForeignRun): string {
  const version = host?.python || "";
  if (requirements !== null)
    return `only a list of packages${version === "" ? "" : ` and the version ${version}`} is recorded`;
  return version === "" ? `${TOOL_NAMES[tool]} does not record it` : `only its version is recorded: ${version}`;
}

/** A foreign run as a record: what is known of it, and of all else why it is not. Secrets are cut out. */
export function recordOf(run: ForeignRun, making: Making): RunRecord {
  const { redactor } = making;
  const tool = TOOL_NAMES[run.tool];
  const clean = (text: string): string => redactor.redactText(text).text;
  const named = (name: string, value: string): string => {
    const text = clean(`${name}=${value}`);
    return text.startsWith(`${name}=`) ? text.slice(name.length + 1) : text;
  };
  const silent = unknown(`${tool} does not record it`);
  const tags = {
    ...run.tags,
    ...(run.experiment === null ? {} : { experiment: run.experiment }),
    ...(making.experiment === null ? {} : { experiment: making.experiment }),
  };
  const { startedAt, endedAt } = timesOf(run);
  const inputs = inputsOf(run, making);
  return {
    format: RECORD_FORMAT,
    id: idOf(run),
    name: run.name,
    tags: Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, named(name, value)])),
    replay: null,
    version: making.version,
    imported: { from: run.tool, id: run.id, folder: run.folder, digest: digestOf(stateOf(run)), unknown: unsaid(run) },
    command: {
      argv: run.argv === null ? [`(imported from ${tool})`] : redactor.redactArgv(run.argv).argv,
      executable: silent,
      cwd: run.cwd ?? run.folder,
      project: run.cwd ?? run.folder,
      workdir: "",
    },
    terminal: { stdin: "null", stdout: "null", stderr: "null" },
    startedAt,
    endedAt,
    seconds: (Date.parse(endedAt) - Date.parse(startedAt)) / 1000,
    status: run.status,
    exitCode: run.exitCode,
    signal: null,
    seed: { mode: "off", root: null, seeded: [], hashSeed: null, own: [] },
    code: codeOf(run, making),
    modules: silent,
    environment: {
      python: unknown(pythonUnknown(run)),
      libraries: silent,
      lockFiles:
        run.requirements === null
          ? []
          : [{ path: "requirements.txt", digest: hashed(run.requirements, making).digest }],
    },
    hardware: hardwareOf(run),
    variables: [],
    inputs,
    tree: silent,
    outputs: outputsOf(run, making),
    params: run.params.map(({ name, value }) => ({ name, value: named(name, value), origin: run.tool })),
    metrics: metricsOf(run),
    loggers: [run.tool],
    entropy: silent,
    stdout: stdoutOf(run, making),
    stderr: silent,
    events: unknown("no agent was in it"),
    agent: { state: "none", reason: `it ran under ${tool}, not under Reprise`, processes: [], faults: [] },
    warnings: run.warnings.map((message) => ({ code: "imported", message: clean(message) })),
  };
}
