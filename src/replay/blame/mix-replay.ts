import { firstPointApart } from "#compare";
import { type AgentEvent, type Evidence, isUnknown, type Json, type RunId, type RunRecord } from "#record";
import type { StopCheck } from "#run";
import type { Side } from "../evidence.ts";
import type { Choice } from "../mix/ingredient.ts";
import { ingredientsOf, type MixedRun, type Mixture } from "../mix/mixture.ts";
import { normalName, packagesOf } from "../mix/package-need.ts";
import { eventsOf, type ReplayOptions, temporaryOf } from "../replay.ts";
import { sideOfCode } from "../side.ts";
import { doMixed } from "./do-mixed.ts";
import { type Judged, judge, type Outcome } from "./judge.ts";

/** What one replay of a mixture showed. */
export interface Mixed {
  readonly outcome: Outcome;
  /** null: it could not be made. */
  readonly run: RunId | null;
  readonly reason: string;
  /** What parted from A. */
  readonly evidence: readonly Evidence[];
  /** From an earlier search. */
  readonly cached: boolean;
}

export interface MixReplayOptions {
  /** Distinct replays of this choice to have at least; one when left out. */
  readonly times?: number;
  readonly signal?: AbortSignal;
  /** Told before each replay that is really made. Throws to stop. */
  readonly onReplay?: () => void;
  /** Run to the end also after it has parted from A. */
  readonly complete?: boolean;
}

/** Kind of the fact on run A under which results are kept. */
const FACT = "mix";
const MOST_EVIDENCE = 10;

export class Aborted extends Error {}

/** How a replay is made that is looked at more closely than its results. */
type Closely = Partial<Pick<ReplayOptions, "observe" | "into">>;

interface Made {
  readonly kept: Kept;
  readonly aborted: boolean;
  readonly events: readonly AgentEvent[];
}

interface Kept {
  readonly b: RunId;
  readonly choice: string;
  readonly outcome: Outcome;
  readonly run: RunId | null;
  readonly reason: string;
  readonly complete: boolean;
  readonly evidence: readonly Evidence[];
}

function keyOf(mixture: Mixture, choice: Choice): string {
  // A whole file and all of its rows are the same choice.
  const names = new Set(choice);
  for (const [one, rows] of mixture.finer) {
    if (names.has(one)) for (const row of rows) names.delete(row);
    else if (rows.every((row) => names.has(row))) {
      for (const row of rows) names.delete(row);
      names.add(one);
    }
  }
  return [...names]
    .map((one) => mixture.names.get(one) ?? "")
    .sort()
    .join(" ");
}

/** Ends the replay at the first metric that is another one than A's. */
function stopper(a: RunRecord): StopCheck {
  const series = new Map(
    a.metrics
      .filter((m) => !m.timing && !m.redrawn && m.dropped === 0)
      .map((m) => [`${m.source}\0${m.name}`, m.points]),
  );
  return (source, reading, index) => {
    const point = series.get(`${source}\0${reading.name}`)?.[index];
    if (point === undefined || reading.timing) return false;
    return firstPointApart([point], [{ step: reading.step, value: reading.value }]) !== -1;
  };
}

/** A package that the mixture was to have and the replay imported in another version: PYTHONPATH was not heeded, say. */
function notAsWanted({ packages }: MixedRun, made: RunRecord): string | null {
  if (isUnknown(made.environment.python)) return null;
  const had = packagesOf(made);
  for (const { name, version } of packages) {
    const item = had.get(normalName(name));
    if (item?.imported === true && item.version !== version)
      return `the replay imported ${name} ${item.version}, not ${version}`;
  }
  return null;
}

async function make(mixture: Mixture, choice: Choice, options: MixReplayOptions & Closely): Promise<Made> {
  const { a, b, context, eventsA, eventsB } = mixture;
  const { store } = context;
  const mixed = mixture.mix(choice);
  const complete = options.complete === true;
  const kept = (judged: Judged, run: RunId | null): Kept => ({
    b: b.id,
    choice: keyOf(mixture, choice),
    ...judged,
    evidence: judged.evidence.slice(0, MOST_EVIDENCE),
    run,
    complete,
  });
  const unresolved = (reason: string, run: RunId | null = null): Kept =>
    kept({ outcome: "unresolved", reason, evidence: [] }, run);
  const { observe, into } = options;
  const replayed = await doMixed(mixture, mixed, choice, {
    ...(complete ? {} : { stopWhen: stopper(a) }),
    ...(observe === undefined ? {} : { observe }),
    ...(into === undefined ? {} : { into }),
  });
  if (typeof replayed === "string") return { kept: unresolved(replayed), aborted: false, events: [] };
  const { run, obstacle, temporary } = replayed;
  const events = run === null ? [] : eventsOf(run, store);
  const aborted = options.signal?.aborted === true || run?.status === "interrupted";
  if (run === null || obstacle !== null)
    return { kept: unresolved(obstacle ?? "no replay could be made", run?.id ?? null), aborted, events };
  const wrong = notAsWanted(mixed, run);
  if (wrong !== null) return { kept: unresolved(wrong, run.id), aborted, events };
  // A clock that is held goes on as it did then: what was measured may have lasted as long as in any of the three.
  const seconds = Math.max(a.seconds, b.seconds, run.seconds);
  const lasting = (side: Side): Side => ({ ...side, origin: { ...side.origin, seconds } });
  const judged = judge(
    lasting(sideOfCode(a, eventsA, store, [temporaryOf(a)])),
    lasting(sideOfCode(b, eventsB, store, [temporaryOf(b)])),
    lasting(sideOfCode(run, events, store, [temporary])),
  );
  const lost = judged.outcome === "neither" && replayed.lost.length > 0 ? `; ${replayed.lost.join("; ")}` : "";
  return { kept: kept({ ...judged, reason: judged.reason + lost }, run.id), aborted, events };
}

function keptOnes(mixture: Mixture, choice: string, complete: boolean): Kept[] {
  const { a, b, context } = mixture;
  return context.store.runs
    .facts(a.id, FACT)
    .map((fact) => fact.value as unknown as Kept)
    .filter(
      (one) => one.b === b.id && one.choice === choice && (one.complete || !complete || one.outcome === "like-a"),
    );
}

/**
 * Does the run that has `choice` from A and all else from B, `times` times. Results are kept as facts of run A: asking
 * again, also in another process, costs nothing.
 */
export async function mixReplay(
  mixture: Mixture,
  choice: Choice,
  options: MixReplayOptions = {},
): Promise<readonly Mixed[]> {
  const { times = 1, signal, onReplay, complete = false } = options;
  const { a, context } = mixture;
  const before = keptOnes(mixture, keyOf(mixture, choice), complete);
  const found = before.slice(0, times).map((one): Mixed => ({ ...one, cached: true }));
  while (found.length < times) {
    if (signal?.aborted === true) throw new Aborted("stopped");
    onReplay?.();
    const { aborted, kept } = await make(mixture, choice, options);
    if (aborted) throw new Aborted("stopped");
    // What could not be made may be possible another day: only what ran is kept.
    if (kept.run !== null) context.store.runs.addFact(a.id, FACT, kept as unknown as Json);
    found.push({ ...kept, cached: false });
  }
  return found;
}

/** A mixture done to its end while it is looked at: what it wrote down, and how to let it count as one of its replays. */
export interface Observed {
  readonly events: readonly AgentEvent[];
  readonly outcome: Outcome;
  keep(): void;
}

export async function observeMixed(
  mixture: Mixture,
  choice: Choice,
  how: Required<Closely> & Pick<MixReplayOptions, "signal">,
): Promise<Observed> {
  const { a, context } = mixture;
  const { kept, aborted, events } = await make(mixture, choice, { ...how, complete: true });
  if (aborted) throw new Aborted("stopped");
  return {
    events,
    outcome: kept.outcome,
    keep: () => context.store.runs.addFact(a.id, FACT, kept as unknown as Json),
  };
}

/** Whether run A still comes out as recorded when done again by itself, everything held; text: why that cannot be told. */
export async function repeats({ a, context }: Mixture, options: MixReplayOptions): Promise<true | string> {
  const made = await mixReplay(await ingredientsOf(a, a, context), new Set(), options);
  return made.find((one) => one.outcome !== "like-a")?.reason ?? true;
}
