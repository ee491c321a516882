/**
 * What the command line does, for programs: nothing is printed, nothing is read from the environment or from a
 * configuration file, and nothing exits. Settings come in as values; whatever could not be done is a RepriseError.
 *
 *     const store = openStore(".reprise", { create: true });
 *     const made = await run({ command: ["python", "train.py"], cwd, env: process.env, store });
 *     const document = await verify({ run: made.id, env: process.env, store });
 */
import { readFileSync } from "node:fs";
import type { Writable } from "node:stream";
import type { DiffDocument } from "#compare";
import { detectTerminal } from "#exec";
import {
  type CauseKind,
  COMPARE_DEFAULTS,
  type CompareDocument,
  type Json,
  type RunId,
  type RunRecord,
  type VerifyDocument,
  type WhyDocument,
} from "#record";
import {
  type CompareOptions,
  compareRuns,
  diffRuns,
  type Replayed,
  replayAgain,
  verify as verifyRun,
  whyPair,
  why as whyRun,
} from "#replay";
import { parsePolicy, parseSeed, run as runCommand } from "#run";
import type { RunRef, Store } from "#store";

export type { DiffDetail, DiffDocument, DiffEntry, DiffSection, DiffUnknown } from "#compare";
export {
  CAUSE_KINDS,
  type Cause,
  type CauseKind,
  COMPARE_DEFAULTS,
  type CompareDocument,
  type CompareWord,
  type ErrorKind,
  type Evidence,
  type Hold,
  isUnknown,
  type Known,
  type MetricComparison,
  RepriseError,
  type RunId,
  type RunRecord,
  type RunStatus,
  type Unknown,
  type VerdictWord,
  type VerifyDocument,
  type WhyDocument,
} from "#record";
export type { Replayed } from "#replay";
export {
  type Fact,
  openStore,
  type RunFilter,
  type RunRef,
  type RunSummary,
  type Runs,
  type Store,
  type StoreOptions,
} from "#store";

/** An environment as `process.env` has it. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface RunRequest {
  /** The program and its arguments; no shell takes part. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** The child's whole environment. */
  readonly env: Environment;
  readonly store: Store;
  /** "fresh" when left out: drawn from the operating system and recorded. A number becomes part of the recipe. */
  readonly seed?: "fresh" | "off" | number | bigint;
  /** Seeds that the program asks for by name (`reprise.seed("split")`), below 2^32. */
  readonly namedSeeds?: Readonly<Record<string, number>>;
  /** "off" when left out: nothing is forced. "warn" and "strict" as `--deterministic` has them (docs/determinism.md). */
  readonly deterministic?: "off" | "warn" | "strict";
  readonly name?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Refuse with CODE_DIRTY when the code is not committed; false when left out. */
  readonly requireClean?: boolean;
  /** Where the child's output also goes; it is recorded in any case. */
  readonly stdout?: Writable;
  readonly stderr?: Writable;
  /** Told when the child is about to start. */
  readonly onStart?: (id: RunId) => void;
}

export interface ReplayRequest {
  readonly run: RunRef;
  readonly store: Store;
  /** Gives the values that the record does not keep; what is not in it is named in the warnings. */
  readonly env: Environment;
  /** The kinds of factors to hold as recorded while the rest varies; all when left out. */
  readonly hold?: readonly CauseKind[];
  /** The fresh folder, which stays; one that is removed afterwards when left out. */
  readonly into?: string;
  readonly keep?: boolean;
  /** Throw REPLAY_STRICT where the present differs from the record. */
  readonly strict?: boolean;
  readonly stdout?: Writable;
  readonly stderr?: Writable;
}

export interface VerifyRequest {
  readonly run: RunRef;
  readonly store: Store;
  readonly env: Environment;
  /** "default" when left out: everything outside the recipe; "none": repeat as recorded. */
  readonly vary?: "default" | "none";
  /** Kinds of factors that are part of the recipe. */
  readonly hold?: readonly CauseKind[];
  /** Most replays spent on finding what must be held; 20 when left out. */
  readonly budget?: number;
  /** Agreeing replays to make; one, and more while they are quick, when left out. */
  readonly replays?: number;
  readonly keep?: boolean;
  /** Let a replay run to its end after it has differed. */
  readonly complete?: boolean;
  /** Told what is being done, before each replay. An error thrown here ends the verification. */
  readonly onProgress?: (words: string) => void;
}

export interface DiffRequest {
  readonly store: Store;
  /** Where git is found (PATH), and secrets that are not to be shown; without it code that differs in git stays unknown. */
  readonly env?: Environment;
}

const BUDGET = 20;

/** One level up from src/ and from dist/ alike. */
function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return (manifest as { readonly version: string }).version;
}

function definedOnly(env: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

const streams = ({
  stdout,
  stderr,
}: {
  readonly stdout?: Writable;
  readonly stderr?: Writable;
}): { stdout?: Writable; stderr?: Writable } => ({
  ...(stdout === undefined ? {} : { stdout }),
  ...(stderr === undefined ? {} : { stderr }),
});

/**
 * Runs a command and records it, as `reprise run` does. A command that fails is a record with its exit code. Output goes
 * to the record and to the streams given; without them the child has pipes.
 */
export function run(request: RunRequest): Promise<RunRecord> {
  const { command, cwd, env, store, name, tags, requireClean, onStart } = request;
  const kind = (stream: Writable | undefined): "tty" | "pipe" =>
    (stream as { isTTY?: boolean } | undefined)?.isTTY === true ? "tty" : "pipe";
  const terminal = { ...detectTerminal(), stdout: kind(request.stdout), stderr: kind(request.stderr) };
  const named = Object.entries(request.namedSeeds ?? {}).map((pair) => pair.join("="));
  return runCommand({
    argv: command,
    cwd,
    env: definedOnly(env),
    store,
    version: version(),
    seed: parseSeed([request.seed ?? "fresh", ...named].join(",")),
    policy: parsePolicy(request.deterministic ?? "off"),
    terminal,
    tee: streams(request),
    ...(name === undefined ? {} : { name }),
    ...(tags === undefined ? {} : { tags }),
    ...(requireClean === undefined ? {} : { requireClean }),
    ...(onStart === undefined ? {} : { onStart: ({ id }) => onStart(id) }),
  });
}

/** Does a recorded run again, as `reprise replay` does. One that cannot be made is an answer: `obstacle` says why. */
export async function replay(request: ReplayRequest): Promise<Replayed> {
  const { store, hold, into, keep, strict } = request;
  const { replayed } = await replayAgain({
    baseline: store.runs.get(request.run),
    store,
    version: version(),
    env: definedOnly(request.env),
    tee: streams(request),
    ...(hold === undefined ? {} : { hold }),
    ...(into === undefined ? {} : { into }),
    ...(keep === undefined ? {} : { keep }),
    ...(strict === undefined ? {} : { strict }),
  });
  return replayed;
}

export interface WhyRequest {
  readonly run: RunRef;
  /** A second run: why does it differ from the first? Left out: why does the run not repeat? */
  readonly other?: RunRef;
  readonly store: Store;
  readonly env: Environment;
  /** Most replays; 100 when left out and `minutes` too. */
  readonly budget?: number;
  /** No replay begins later. */
  readonly minutes?: number;
  /** Ends the search between two replays; what is known by then comes back. */
  readonly signal?: AbortSignal;
  /** Told what is being done, before each replay. */
  readonly onProgress?: (words: string) => void;
}

const WHY_BUDGET = 100;

/** What makes a run come out differently, or differ from another, with its proof, as `reprise why` does. */
export async function why(request: WhyRequest): Promise<WhyDocument> {
  const { run: ref, other, store, env, minutes, signal, onProgress } = request;
  const replays = request.budget ?? (minutes === undefined ? WHY_BUDGET : undefined);
  const shared = {
    store,
    version: version(),
    env: definedOnly(env),
    budget: { ...(replays === undefined ? {} : { replays }), ...(minutes === undefined ? {} : { minutes }) },
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
  };
  const a = store.runs.get(ref);
  const document = await (other === undefined
    ? whyRun({ ...shared, baseline: a })
    : whyPair({ ...shared, a, b: store.runs.get(other) }));
  store.runs.addFact(document.b ?? a.id, "why", document as unknown as Json);
  return document;
}

type CompareSettings = Partial<Omit<CompareOptions, "a" | "b" | "env" | "store" | "version">>;

/** Whatever is left out is as `reprise compare` has it. */
export interface CompareRequest extends CompareSettings {
  readonly a: RunRef;
  /** The run that may be better. */
  readonly b: RunRef;
  readonly store: Store;
  readonly env: Environment;
}

/** Says whether B is better than A or was lucky, as `reprise compare` does, and keeps the answer as a fact of A. */
export function compare(request: CompareRequest): Promise<CompareDocument> {
  const { a, b, store, env } = request;
  const runs = { a: store.runs.get(a), b: store.runs.get(b) };
  return compareRuns({ ...COMPARE_DEFAULTS, ...request, ...runs, version: version(), env: definedOnly(env) });
}

/** Says whether a run reproduces, as `reprise verify` does, and keeps the verdict as a fact of the run. */
export async function verify(request: VerifyRequest): Promise<VerifyDocument> {
  const { store, vary, hold, budget, replays, keep, complete, onProgress } = request;
  const baseline = store.runs.get(request.run);
  const document = await verifyRun({
    baseline,
    store,
    version: version(),
    env: definedOnly(request.env),
    level: "numerical",
    vary: vary ?? "default",
    hold: hold ?? [],
    budget: budget ?? BUDGET,
    ...(replays === undefined ? {} : { replays }),
    keep: keep ?? false,
    complete: complete ?? false,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  // A verdict is plain data; its type only lacks the index signature of Json.
  store.runs.addFact(baseline.id, "verdict", document as unknown as Json);
  return document;
}

/** What differs between two runs, section by section, as `reprise diff` does. Nothing of the user's is run. */
export function diff(a: RunRef, b: RunRef, { store, env }: DiffRequest): Promise<DiffDocument> {
  return diffRuns({ a: store.runs.get(a), b: store.runs.get(b), store, env: definedOnly(env ?? {}) });
}
