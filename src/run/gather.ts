import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { classifyPath, diffTrees, type Redactor, scanTree, secretsInFile, type TreeScan } from "#capture";
import { type LaunchResult, packEvents, readEvents } from "#exec";
import {
  type AgentEvent,
  type AgentFacts,
  type CodeFacts,
  type Digest,
  type EntropySource,
  type EnvironmentFacts,
  type ImportedModule,
  type InputFile,
  isUnknown,
  type Known,
  knownOr,
  LOGGERS,
  type MetricSeries,
  type OutputFile,
  PARSERS,
  type Param,
  type PolicyFacts,
  type RunRecord,
  type SeedFacts,
  type StreamFact,
  type Told,
  unknown,
  type Warning,
} from "#record";
import type { ObjectBatch } from "#store";
import { agentFacts, mainHello, type ProcessEvents } from "./agent-facts.ts";
import { entropySources } from "./entropy.ts";
import { environmentFacts } from "./environment.ts";
import { type FileLog, fileLog } from "./file-log.ts";
import { describeInputs, type Early, type FileKeeper } from "./inputs/inputs.ts";
import { type Logged, loggedBy } from "./logged.ts";
import { importedModules } from "./modules.ts";
import { type PrintedLine, printedInNotebooks } from "./notebook/printed.ts";
import type { RunOptions } from "./options.ts";
import { describeOutputs } from "./outputs.ts";
import { fileParams } from "./params/files.ts";
import { type Places, recordPath } from "./place.ts";
import { policyFacts } from "./policy.ts";
import { seedFacts } from "./seed.ts";
import { toldBy } from "./told.ts";
import { metricsInOutputs } from "./written/metrics.ts";

export interface GatherQuestion {
  readonly options: RunOptions;
  readonly at: {
    readonly project: string;
    readonly cwd: string;
    readonly work: string;
    readonly scratch: string;
    readonly eventsDir: string;
    readonly keepFolder: string;
    readonly places: Places;
  };
  readonly code: Known<CodeFacts>;
  readonly tracked: ReadonlySet<string>;
  readonly before: TreeScan;
  readonly startedMs: number;
  readonly result: LaunchResult;
  /** Secrets replaced in standard output and standard error. */
  readonly redacted: readonly number[];
  readonly early: ReadonlyMap<string, Early>;
  readonly batch: ObjectBatch;
  readonly redactor: Redactor;
}

interface HashSeed {
  readonly seed: string | null;
  readonly ours: boolean;
}

export interface Gathered {
  readonly modules: Known<readonly ImportedModule[]>;
  readonly environment: EnvironmentFacts;
  readonly inputs: Known<readonly InputFile[]>;
  readonly tree: RunRecord["tree"];
  readonly outputs: Known<readonly OutputFile[]>;
  readonly entropy: Known<readonly EntropySource[]>;
  readonly stdout: Known<StreamFact>;
  readonly stderr: Known<StreamFact>;
  readonly events: RunRecord["events"];
  readonly agent: AgentFacts;
  readonly logged: Logged;
  /** By cells of notebooks. */
  readonly printed: readonly PrintedLine[];
  readonly written: readonly MetricSeries[];
  readonly loggers: readonly string[];
  /** Keys of the configuration files that the run read. */
  readonly settings: readonly Param[];
  readonly told: Told;
  readonly warnings: readonly Warning[];
  readonly seedOf: (hash: HashSeed) => SeedFacts;
  readonly policyOf: (hash: HashSeed) => PolicyFacts | null;
}

function keeper(question: GatherQuestion): FileKeeper {
  return {
    digests: (paths) => question.options.store.files.digestFiles(paths),
    // A file that holds a secret is recorded by digest alone: a copy with the secret cut out would be another file.
    keep: (path, hashed) => {
      if (question.options.store.objects.retain(hashed.digest)) return hashed;
      return secretsInFile(path, question.redactor) > 0 ? null : question.batch.putFile(path, { pieces: true });
    },
  };
}

/** The event lines of all processes as one object, secrets (in the arguments of children, say) replaced. */
async function keepEvents(question: GatherQuestion): Promise<Known<{ digest: Digest; bytes: number }>> {
  const packed = join(question.at.scratch, "events.jsonl");
  let raw: Buffer;
  try {
    await packEvents(question.at.eventsDir, packed);
    raw = readFileSync(packed);
  } catch (error) {
    return unknown(`not kept: ${(error as Error).message}`);
  }
  const { bytes } = question.redactor.redactBytes(raw);
  return { digest: question.batch.put(bytes), bytes: bytes.length };
}

function streamFact(path: string, redacted: number, batch: ObjectBatch): Known<StreamFact> {
  try {
    return { ...batch.putFile(path), redacted };
  } catch (error) {
    return unknown(`not kept: ${(error as Error).message}`);
  }
}

/** Lines of kind, bytes, mtime in ms (three decimals: files are written within one ms) and path: what lay in the project before the run (docs/format/record.md). */
function treeObject(before: TreeScan, batch: ObjectBatch): RunRecord["tree"] {
  const lines: string[] = [];
  for (const path of before.folders) lines.push(`d\t0\t0\t${path}`);
  for (const [path, entry] of before.files)
    if (!path.includes("\n")) lines.push(`f\t${entry.size}\t${entry.mtimeMs.toFixed(3)}\t${path}`);
  lines.sort();
  return { digest: batch.put(lines.join("\n")), entries: lines.length };
}

/** What could not be seen, said where it matters: in the fact itself and as a warning. */
function blindness(agent: AgentFacts): Warning[] {
  if (agent.state === "attached") return [];
  const message = `${agent.reason ?? ""}${agent.state === "none" ? ": inputs outside the project, draws of entropy, packages and loaded libraries are unknown" : ""}`;
  return [{ code: agent.state === "none" ? "agent-none" : "agent-partial", message }];
}

function moduleWarnings(modules: readonly ImportedModule[]): Warning[] {
  return modules.flatMap((module): Warning[] => {
    if (module.saved === "same") return [];
    const why =
      module.saved === "differs" ? "changed after it was saved" : "was not saved (ignored by git, or too large)";
    return [
      { code: "module-not-saved", message: `${module.path} was imported but ${why}: a replay may run other code` },
    ];
  });
}

/** Files whose content the code capture put into the store. */
function savedFiles(code: Known<CodeFacts>): ReadonlySet<string> {
  if (isUnknown(code)) return new Set();
  return new Set(
    (code.kind === "git" ? code.untracked : code.files).flatMap((file) => (file.stored ? [file.path] : [])),
  );
}

interface Views {
  readonly log: FileLog;
  readonly isData: (path: string) => boolean;
  readonly relative: (path: string) => string;
}

function filesOf(
  question: GatherQuestion,
  views: Views,
  agent: AgentFacts,
): { inputs: Known<readonly InputFile[]>; outputs: Known<readonly OutputFile[]> } {
  const { options, at, before, startedMs } = question;
  const shared = { log: views.log, places: at.places, isData: views.isData, keeper: keeper(question) };
  const after = scanTree(at.project);
  const outputs = describeOutputs({ ...shared, tree: diffTrees(before, after) });
  const restorable = savedFiles(question.code);
  const inputs = describeInputs({
    ...shared,
    argv: options.argv,
    cwd: at.cwd,
    stdinFile: options.replay === undefined ? (options.terminal.stdinFile ?? null) : options.replay.stdinFile,
    startedMs,
    after: after.files,
    wasThere: (name) => before.files.has(name),
    keepFolder: at.keepFolder,
    early: question.early,
    storeInputs: options.storeInputs ?? "auto",
    needsKeeping: (name) => !question.tracked.has(name) && !restorable.has(name),
  });
  if (agent.state === "none" && inputs.length === 0)
    return { inputs: unknown(agent.reason ?? "the agent could not get in"), outputs };
  return { inputs, outputs };
}

/** What is there to know once the child has ended. Nothing here fails the run: what cannot be had is unknown. */
export async function gather(question: GatherQuestion): Promise<Gathered> {
  const { options, at, result, batch, startedMs } = question;
  const seen = await readEvents(at.eventsDir);
  const processes: ProcessEvents[] = seen.files.map((file) => ({ file: file.name, events: file.events }));
  const events: readonly AgentEvent[] = seen.events;
  const agent = agentFacts(processes, options.argv, seen.torn, (words) => question.redactor.redactArgv(words).argv);
  const log = fileLog(
    processes,
    result.maps.flatMap((item) => [...item.paths]),
  );
  const relative = (path: string): string => recordPath(path, at.project);
  const hello = mainHello(processes);
  const prefixes = processes.flatMap(({ events: list }) =>
    list.flatMap((event) => (event.e === "hello" ? [event.prefix, event.base] : [])),
  );
  const classes = {
    project: at.project,
    prefixes,
    home: at.places.home,
    temporary: at.places.temporary,
    store: options.store.root,
  };
  const isData = (path: string): boolean =>
    ["project", "temporary", "home", "elsewhere"].includes(classifyPath(path, classes));
  const views = { log, isData, relative };
  const { inputs, outputs } = filesOf(question, views, agent);
  const modules = importedModules({
    log,
    code: question.code,
    project: at.project,
    store: options.store,
    isCode: (path) => ["project", "project-code"].includes(classifyPath(path, classes)),
    tracked: question.tracked,
    startedMs,
    mtimeOf: (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null,
  });
  const blind = agent.state === "none" ? unknown(agent.reason ?? "the agent could not get in") : null;
  return {
    modules: blind ?? modules,
    environment: environmentFacts(hello, processes, log, at.project, options.store, agent.reason ?? ""),
    inputs,
    tree: treeObject(question.before, batch),
    outputs,
    entropy: blind ?? entropySources(events, relative),
    stdout: streamFact(join(at.work, "stdout"), question.redacted[0] ?? 0, batch),
    stderr: streamFact(join(at.work, "stderr"), question.redacted[1] ?? 0, batch),
    events: await keepEvents(question),
    agent,
    logged: loggedBy(processes, seen.skippedMetrics, (text) => question.redactor.redactText(text).text),
    written: metricsInOutputs(knownOr(outputs, []), at.project, (path) => secretsInFile(path, question.redactor) === 0),
    printed: printedInNotebooks(knownOr(outputs, []), events, at.project),
    loggers: agent.state === "none" ? [] : [...LOGGERS, ...PARSERS],
    settings: fileParams({
      inputs: knownOr(inputs, []),
      opened: log.reads.keys(),
      startedMs,
      modules,
      argv: options.argv,
      project: at.project,
      store: options.store,
      redactor: question.redactor,
    }),
    told: toldBy({
      events,
      eventsDir: at.eventsDir,
      relative,
      redacted: (text) => question.redactor.redactText(text).text,
      keep: (path) => (secretsInFile(path, question.redactor) > 0 ? null : batch.putFile(path)),
    }),
    warnings: [
      ...blindness(agent),
      ...moduleWarnings(modules),
      ...knownOr(inputs, []).flatMap((input): Warning[] =>
        isUnknown(input.digest)
          ? [{ code: "input-unknown", message: `input ${input.path}: ${input.digest.unknown}` }]
          : [],
      ),
    ],
    seedOf: (hash) => seedFacts(options.seed, hash, events, relative),
    policyOf: (hashSeed) =>
      policyFacts({ choice: options.policy ?? { mode: "off" }, env: options.env, hashSeed, events, agent, relative }),
  };
}
