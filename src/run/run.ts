import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { uuidv7 } from "uuidv7";
import {
  captureCode,
  captureVariables,
  createRedactor,
  findProject,
  type Project,
  parseParams,
  queryGpus,
  type Redactor,
  readHardware,
  requireClean,
  scanTree,
  trackedFiles,
} from "#capture";
import { parseMetricLine } from "#content";
import { agentEnvironment, type LaunchResult, launch, SUDDENLY } from "#exec";
import {
  type CodeFacts,
  type CommandFacts,
  type HardwareFacts,
  type Known,
  RECORD_FORMAT,
  type RunRecord,
  unknown,
  type Warning,
} from "#record";
import { EarlyDigests } from "./early.ts";
import { gather } from "./gather.ts";
import { MetricCollector } from "./metrics.ts";
import type { RunOptions } from "./options.ts";
import { PaceEnd } from "./pace.ts";
import type { Places } from "./place.ts";
import { policyEnvironment, policyHashSeed, policyWarnings } from "./policy.ts";
import { seedWarnings } from "./seed.ts";

/** A replay that was ended because a metric had parted: what came after was not seen. */
const STOPPED_EARLY = "stopped-early";

/** A replay that was ended where it parted: the rest of its results was never seen. */
export const wasStopped = (run: RunRecord): boolean => run.warnings.some((warning) => warning.code === STOPPED_EARLY);

const HALTED = "halted";

/** Old contents above this size are not copied before they are overwritten. */
const MOST_KEPT_BYTES = 64 * 1024 * 1024;

/** Bytes that no redaction has seen stay out of the store: they lie here while the run goes on. */
function makeScratch(): string {
  return mkdtempSync(join(realpathSync(tmpdir()), "reprise-run-"));
}

interface Prepared {
  readonly project: Project;
  readonly scratch: string;
  readonly cwd: string;
  readonly work: string;
  readonly eventsDir: string;
  readonly keepFolder: string;
  readonly places: Places;
}

function realpathOr(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function placesOf(options: RunOptions, project: string): Places {
  const temporary = options.replay?.temporary ?? options.env["TMPDIR"] ?? tmpdir();
  return { project, temporary: realpathOr(temporary), home: realpathOr(options.env["HOME"] ?? "/") };
}

function childEnvironment(options: RunOptions, at: Prepared, startSeconds: number): Record<string, string> {
  const replay = options.replay;
  const given = replay === undefined ? { ...options.env } : { ...options.env, TMPDIR: replay.temporary };
  const policy = options.policy ?? { mode: "off" };
  const env = { ...given, ...policyEnvironment(policy, given) };
  const hashSeed = replay?.hashSeed ?? policyHashSeed(policy, options.seed, env);
  const agent = agentEnvironment({
    env,
    eventsDir: at.eventsDir,
    project: at.project.root,
    root: options.seed.root,
    ...(options.seed.named === undefined ? {} : { seeds: options.seed.named }),
    start: startSeconds,
    keep: at.keepFolder,
    keepMax: MOST_KEPT_BYTES,
    ...(replay?.streams === undefined ? {} : { streams: replay.streams }),
    ...(replay?.listing === undefined ? {} : { listing: replay.listing }),
    ...(replay?.hold === undefined ? {} : { hold: replay.hold }),
    ...(replay?.remap === undefined ? {} : { remap: replay.remap }),
    ...(replay?.locate == null ? {} : { locate: replay.locate }),
    ...(replay?.observe === undefined ? {} : { observe: replay.observe }),
    ...(replay === undefined || replay.fill === null ? {} : { mallocPerturb: replay.fill }),
    ...(hashSeed === null ? {} : { hashSeed }),
  });
  return { ...env, ...agent, ...(options.pace === undefined ? {} : { REPRISE_PACE: "1" }) };
}

/** Stops the child when a metric has parted from the baseline. */
function watcher(
  options: RunOptions,
  collector: MetricCollector,
  stop: AbortController,
): (source: "stdout" | "stderr", line: string) => void {
  const counts = new Map<string, number>();
  return (source, line) => {
    for (const reading of collector.add(source, line)) {
      const key = `${source}\0${reading.name}`;
      const index = counts.get(key) ?? 0;
      counts.set(key, index + 1);
      if (options.stopWhen?.(source, reading, index) === true) stop.abort();
    }
  };
}

function warningsOf(options: RunOptions, result: LaunchResult, replayed: boolean, halted: boolean): Warning[] {
  const warnings: Warning[] = [...result.warnings];
  for (const name of ["stdout", "stderr"] as const) {
    const why = result[name].truncated;
    if (why !== undefined) warnings.push({ code: "output-cut", message: `${name} was not kept whole: ${why}` });
  }
  const { stdin, stdinFile } = options.terminal;
  if (!replayed && (stdin === "pipe" || (stdin === "file" && stdinFile === undefined))) {
    const what = stdin === "pipe" ? "a pipe" : "a file without a name";
    const message = `standard input was ${what}: what came through it was not kept, and a replay has none`;
    warnings.push({ code: "stdin-pipe", message });
  }
  if (halted) warnings.push({ code: HALTED, message: "ended by Reprise after a checkpoint, to be resumed" });
  else if (result.stopped === "aborted")
    warnings.push({
      code: STOPPED_EARLY,
      message: "ended by Reprise at the first metric that parted from the baseline",
    });
  if (result.notStarted !== undefined) warnings.push({ code: "not-started", message: result.notStarted.message });
  return warnings;
}

function prepare(options: RunOptions, id: string, argv: readonly string[], startedAt: string): Prepared {
  const cwd = realpathOr(options.cwd);
  const project: Project =
    options.replay === undefined
      ? findProject(cwd)
      : { root: options.replay.project, kind: existsSync(join(options.replay.project, ".git")) ? "git" : "folder" };
  const work = options.store.runs.begin(id, {
    name: options.name ?? null,
    startedAt,
    argv,
    replayOf: options.replay?.facts.of ?? null,
  });
  const scratch = makeScratch();
  const [eventsDir, keepFolder] = [join(scratch, "events"), join(scratch, "kept")];
  for (const folder of [eventsDir, keepFolder]) mkdirSync(folder, { mode: 0o700 });
  return { project, cwd, work, scratch, eventsDir, keepFolder, places: placesOf(options, project.root) };
}

/**
 * Runs a command and records it: begin, capture, run, capture, commit. The child's failure is a record, not an exception.
 * Throws RepriseError when nothing was started: CODE_DIRTY under requireClean, or a store that cannot be written.
 */
export async function run(options: RunOptions): Promise<RunRecord> {
  const redactor = createRedactor({ env: options.env, argv: options.argv });
  const argv = redactor.redactArgv(options.argv).argv;
  if (options.requireClean === true) await requireClean(findProject(realpathOr(options.cwd)), options.env);
  const id = uuidv7();
  const at = prepare(options, id, argv, new Date().toISOString());
  try {
    return await runAt(options, at, id, argv, redactor);
  } finally {
    rmSync(at.scratch, { recursive: true, force: true });
  }
}

async function runAt(
  options: RunOptions,
  at: Prepared,
  id: string,
  argv: readonly string[],
  redactor: Redactor,
): Promise<RunRecord> {
  const { store, replay } = options;
  const batch = store.objects.batch();
  const code: Known<CodeFacts> = replay?.code ?? (await captureCode(at.project, batch, redactor, { env: options.env }));
  const before = scanTree(at.project.root);
  const startedMs = Date.now();
  const env = childEnvironment(options, at, startedMs / 1000);
  const hashSeed = env["PYTHONHASHSEED"] ?? null;
  options.onStart?.({ id, seed: options.seed, hashSeed });
  const collector = new MetricCollector(parseMetricLine);
  const early = new EarlyDigests(store);
  const stop = new AbortController();
  const gpus = queryGpus(5000);
  const tracked = trackedFiles(at.project, options.env);
  const streams: { readonly count: number }[] = [];
  let halted = false;
  const pace = options.pace === undefined ? null : new PaceEnd(options.pace, stop);
  const child = launch({
    argv: options.argv,
    cwd: at.cwd,
    env,
    stdin: replay === undefined ? "inherit" : replay.stdinFile === null ? "null" : { file: replay.stdinFile },
    terminal: options.terminal,
    tee: options.tee,
    filter: () => {
      const stream = redactor.createStream();
      streams.push(stream);
      return { write: (chunk) => Buffer.from(stream.push(chunk)), end: () => Buffer.from(stream.flush()) };
    },
    logs: { stdout: join(at.work, "stdout"), stderr: join(at.work, "stderr") },
    eventsDir: at.eventsDir,
    onEvent: (event) => {
      early.take(event);
      if (event.e === "pace") pace?.begin();
      if (event.e !== "halt") return;
      halted = true;
      if (event.signal === "KILL") stop.abort(SUDDENLY);
    },
    onLine: watcher(options, collector, stop),
    stopOn: stop.signal,
  });
  const base: Omit<HardwareFacts, "gpus"> = readHardware(options.env);
  const result = await child;
  early.stop();
  pace?.cancel();
  const gathered = await gather({
    options,
    at: { ...at, project: at.project.root },
    code,
    tracked: await tracked,
    before,
    startedMs,
    result,
    redacted: streams.map((stream) => stream.count),
    early: early.found,
    batch,
    redactor,
  });
  const command: CommandFacts = {
    argv,
    executable: result.executable ?? unknown(result.notStarted?.message ?? "not found"),
    cwd: at.cwd,
    project: at.project.root,
    workdir: relative(at.project.root, at.cwd).split(sep).join("/"),
  };
  batch.flush();
  const { warnings, seedOf, policyOf, logged, told, settings, printed, written, ...facts } = gathered;
  for (const { source, line } of printed) collector.add(source, line);
  const policySeed = policyHashSeed(options.policy ?? { mode: "off" }, options.seed, options.env);
  const policy = policyOf({ seed: hashSeed, ours: policySeed !== null });
  const seed = seedOf({ seed: hashSeed, ours: options.env["PYTHONHASHSEED"] === undefined && policySeed === null });
  const record: RunRecord = {
    format: RECORD_FORMAT,
    id,
    name: options.name ?? null,
    tags: options.tags ?? {},
    replay: replay?.facts ?? null,
    version: options.version,
    command,
    terminal: options.terminal,
    startedAt: new Date(result.startedAt).toISOString(),
    endedAt: new Date(result.endedAt).toISOString(),
    seconds: result.seconds,
    status: result.status,
    exitCode: result.exitCode,
    signal: result.signal,
    code,
    hardware: { ...base, gpus: await gpus },
    variables: captureVariables(options.env, store.key(), redactor),
    params: [...parseParams(argv), ...settings, ...logged.params],
    metrics: [...collector.finish(), ...logged.metrics, ...written],
    ...facts,
    ...told,
    seed,
    ...(policy === null ? {} : { policy }),
    warnings: [
      ...warningsOf(options, result, replay !== undefined, halted),
      ...warnings,
      ...policyWarnings(policy),
      ...seedWarnings(seed, facts.agent.state === "attached"),
    ],
  };
  store.runs.commit(record);
  return record;
}
