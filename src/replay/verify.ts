import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { agrees, decide, firstPointApart, hasResult, missRate } from "#compare";
import {
  type AgentEvent,
  type CauseKind,
  type Divergence,
  digestOf,
  type Evidence,
  type Hold,
  isUnknown,
  type Level,
  type OutputFile,
  type RunId,
  type RunRecord,
  type ShownOn,
  type VerdictWord,
  type VerifyDocument,
} from "#record";
import type { StopCheck } from "#run";
import type { Store } from "#store";
import { drawConditions } from "./conditions.ts";
import { gatherEvidence, type Side } from "./evidence.ts";
import { type Factor, factorsOf, holdOf, locateDraws, OTHER_STREAMS } from "./factor.ts";
import { narrow } from "./narrow.ts";
import { originOf } from "./origin.ts";
import { eventsOf, type Replayed, type ReplayOptions, replay, temporaryOf } from "./replay.ts";

export interface VerifyOptions extends Pick<ReplayOptions, "store" | "version" | "env" | "parent" | "keep" | "strict"> {
  readonly baseline: RunRecord;
  readonly level: Level;
  /** all: everything outside the recipe; none: repeat as recorded. */
  readonly vary: "default" | "none";
  /** Kinds of factors that the user makes part of the recipe. */
  readonly hold: readonly CauseKind[];
  /** Varied replays that must agree; left out: one, and up to eight while they are cheap. */
  readonly replays?: number;
  /** Most replays spent on finding what must be held. */
  readonly budget: number;
  /** Go on to the end of a replay after it has parted. */
  readonly complete?: boolean;
  readonly onProgress?: (words: string) => void;
}

/** Replays that are made when nothing else is asked for: up to so many, while all of them take no longer than this. */
const MOST_REPLAYS = 8;
const CHEAP_SECONDS = 20;
/** How often a set of held factors must agree to count: two-valued flips agree by luck, and short runs cost little. */
const timesFor = (seconds: number): number => (seconds < 1 ? 4 : seconds < 4 ? 2 : 1);

interface Trial {
  readonly replayed: Replayed;
  readonly evidence: readonly Evidence[] | null;
}

/** Output bytes from the store, or from where the baseline left them if they are still the same. */
function sideOf(run: RunRecord, events: readonly AgentEvent[], store: Store, folders: readonly string[]): Side {
  const fromDisk = (output: OutputFile): Uint8Array | null => {
    const path = output.scope === "project" ? join(run.command.project, output.path) : output.path;
    if (statSync(path, { throwIfNoEntry: false }) === undefined) return null;
    const bytes = readFileSync(path);
    return digestOf(bytes) === output.digest ? bytes : null;
  };
  return {
    run,
    origin: originOf(run, events, folders),
    load: (digest, output) =>
      store.objects.has(digest) ? store.objects.read(digest) : output === undefined ? null : fromDisk(output),
  };
}

function stopper(baseline: RunRecord): StopCheck {
  const series = new Map(
    baseline.metrics
      .filter((m) => !m.timing && !m.redrawn && m.dropped === 0)
      .map((m) => [`${m.source}\0${m.name}`, m.points]),
  );
  return (source, reading, index) => {
    const points = series.get(`${source}\0${reading.name}`);
    const point = points?.[index];
    if (point === undefined || reading.timing) return false;
    return firstPointApart([point], [{ step: reading.step, value: reading.value }]) !== -1;
  };
}

function divergenceOf(baseline: RunRecord, trial: Trial, hold: Hold | undefined): Divergence | null {
  const parted = trial.evidence?.find((item) => !item.agree);
  if (parted === undefined || trial.replayed.run === null) return null;
  const mine = trial.replayed.run.metrics;
  const steps = baseline.metrics.flatMap((a) => {
    const b = mine.find((m) => m.name === a.name && m.source === a.source);
    if (b === undefined || a.timing) return [];
    const at = firstPointApart(a.points, b.points);
    const step = at === -1 ? null : (a.points[at]?.step ?? null);
    return step === null ? [] : [step];
  });
  const channel = parted.kind === "metric" ? "loss" : parted.kind === "exit" ? "control-flow" : "output";
  return {
    step: steps.length === 0 ? null : Math.min(...steps),
    phase: steps.length === 0 ? "end" : "train",
    channel,
    file: hold?.file ?? null,
    line: hold?.line ?? null,
    variable: null,
    operator: null,
    a: parted.a,
    b: parted.b,
    distance: parted.distance,
  };
}

function shownOn(run: RunRecord): ShownOn {
  const { hardware, environment } = run;
  const python = isUnknown(environment.python) ? null : environment.python;
  return {
    cpu: hardware.cpu.model,
    gpus: isUnknown(hardware.gpus) ? [] : hardware.gpus.map((gpu) => gpu.name),
    os: hardware.os,
    python: python?.version ?? null,
    frameworks: python?.frameworks ?? {},
  };
}

/** One verification: its replays, what they cost, what they showed. */
class Verification {
  readonly replays: RunId[] = [];
  readonly warnings = new Set<string>();
  readonly events: readonly AgentEvent[];
  readonly #side: Side;
  readonly #from = performance.now();
  agreeing = 0;

  constructor(readonly options: VerifyOptions) {
    this.events = eventsOf(options.baseline, options.store);
    this.#side = sideOf(options.baseline, this.events, options.store, [temporaryOf(options.baseline)]);
  }

  get seconds(): number {
    return (performance.now() - this.#from) / 1000;
  }

  async try(factors: readonly Factor[], held: readonly Factor[], words: string, locate = false): Promise<Trial> {
    const { baseline, store, onProgress } = this.options;
    onProgress?.(words);
    const conditions = drawConditions({ run: baseline, events: this.events, factors, held, locate });
    const kinds = (list: readonly Factor[]): string[] => [...new Set(list.map((factor) => factor.kind))];
    const replayed = await replay({
      ...this.options,
      conditions,
      varied: kinds(factors.filter((factor) => !held.includes(factor))),
      held: kinds(held),
      ...(this.options.complete === true ? {} : { stopWhen: stopper(baseline) }),
    });
    for (const warning of replayed.warnings) this.warnings.add(warning);
    if (replayed.run === null) return { replayed, evidence: null };
    this.replays.push(replayed.run.id);
    const evidence = gatherEvidence(
      this.#side,
      sideOf(replayed.run, eventsOf(replayed.run, store), store, [replayed.temporary]),
    );
    if (agrees(evidence)) this.agreeing += 1;
    return { replayed, evidence };
  }
}

/**
 * The least that must be held. A two-valued flip (the order of a set of two) agrees by luck every other time, so a set
 * counts as sufficient only after `times` agreeing replays under fresh variation, and what was found is asked again at
 * the end; where it fails then, the search begins anew and asks more often.
 */
async function findHolds(
  v: Verification,
  factors: readonly Factor[],
  fixed: readonly Factor[],
): Promise<{ holds: readonly Factor[]; complete: boolean }> {
  let left = v.options.budget;
  const suffices = async (held: readonly Factor[], times: number): Promise<boolean> => {
    const names = [...new Set(held.map((factor) => factor.kind))].join(", ") || "nothing";
    for (let made = 0; made < times; made++) {
      left -= 1;
      const trial = await v.try([...factors, ...fixed], [...held, ...fixed], `what must be held? trying ${names}`);
      if (trial.evidence === null || !agrees(trial.evidence)) return false;
    }
    return true;
  };
  const kinds = [...new Set(factors.map((factor) => factor.kind))];
  const ofKinds = (some: readonly CauseKind[]): Factor[] => factors.filter((factor) => some.includes(factor.kind));
  for (let times = timesFor(v.options.baseline.seconds); ; times++) {
    // First which kinds, then which places: a run may read the clock in fifty places and have one cause.
    const rng: readonly CauseKind[] = ["unseeded-rng"];
    const alone = kinds.length > 1 && kinds.includes("unseeded-rng") && (await suffices(ofKinds(rng), times));
    const guilty = alone
      ? { held: rng, complete: true }
      : await narrow(kinds, (some) => suffices(ofKinds(some), times), left);
    const among = ofKinds(guilty.held);
    if (!guilty.complete || left <= 0) return { holds: among, complete: false };
    const found = await narrow(among, (held) => suffices(held, times), left);
    if (!found.complete || left <= 0) return { holds: found.held, complete: false };
    if (await suffices(found.held, times + 1)) return { holds: found.held, complete: true };
  }
}

/** Replays under fresh variation as long as they agree: one at least, more while they are cheap. */
async function tryVaried(v: Verification, all: readonly Factor[], fixed: readonly Factor[]): Promise<Trial> {
  const most = v.options.replays ?? MOST_REPLAYS;
  let trial = await v.try(all, fixed, "replaying under varied conditions");
  for (let made = 1; made < most && trial.evidence !== null && agrees(trial.evidence); made++) {
    if (!hasResult(v.options.baseline, trial.evidence)) break;
    const each = v.seconds / made;
    if (v.options.replays === undefined && v.seconds + each > CHEAP_SECONDS) break;
    trial = await v.try(all, fixed, `the same; replaying under other conditions (${made + 1} of up to ${most})`);
  }
  return trial;
}

interface Found {
  readonly held: Trial;
  readonly holds: readonly Hold[];
  readonly obstacle: string | null;
}

/** What may have made even a replay with everything held differ, though the program did not. */
function hiddenCause(baseline: RunRecord, lost: readonly string[]): string | null {
  if (lost.length > 0)
    return `results differ, but not all that lay in the project could be brought back: ${lost.join("; ")}`;
  return baseline.warnings.some((warning) => warning.code === "stdin-pipe")
    ? "results differ, and the run had a pipe as standard input, whose content, if any, was not kept"
    : null;
}

/** Results differ: do they with every recorded factor held, and if not, what is the least that must be held? */
async function askWhat(v: Verification, all: readonly Factor[], fixed: readonly Factor[]): Promise<Found> {
  const { baseline, store } = v.options;
  const held = await v.try(all, all, "results differ: replaying with every recorded factor held", true);
  const { obstacle, lost, run } = held.replayed;
  if (obstacle !== null || held.evidence === null || run === null) return { held, holds: [], obstacle };
  if (!agrees(held.evidence)) return { held, holds: [], obstacle: hiddenCause(baseline, lost) };
  const free = all.filter((factor) => !fixed.includes(factor));
  const found = await findHolds(v, locateDraws(free, eventsOf(run, store)), fixed);
  if (!found.complete)
    v.warnings.add("the budget was spent before the list of what must be held was as short as it can be");
  return { held, holds: found.holds.map(holdOf), obstacle: null };
}

/**
 * Equal when repeated exactly as recorded. A run that drew from generators nobody seeded owes that to the recorded root
 * seed, which is no part of its recipe.
 */
function repeated(all: readonly Factor[]): { verdict: VerdictWord; reason: string; holds: readonly Hold[] } {
  const drawn = all.filter((factor) => factor.kind === "unseeded-rng" && factor !== OTHER_STREAMS);
  const reason = "every result came out the same when repeated as recorded; nothing was varied, so this shows little";
  return { verdict: drawn.length > 0 ? "conditional" : "reproduced", reason, holds: drawn.map(holdOf) };
}

/**
 * Does a run again under varied conditions and says whether it reproduces (docs/verdict.md): vary all at once; when that
 * differs hold all; when that agrees find the least that must be held, by halving.
 */
export async function verify(options: VerifyOptions): Promise<VerifyDocument> {
  const { baseline } = options;
  const v = new Verification(options);
  const all = factorsOf(baseline, v.events);
  const fixed = all.filter((factor) => options.vary === "none" || options.hold.includes(factor.kind));
  const free = all.filter((factor) => !fixed.includes(factor));
  const varied = await tryVaried(v, all, fixed);
  const parted = varied.replayed.obstacle === null && varied.evidence !== null && !agrees(varied.evidence);
  const found = parted ? await askWhat(v, all, fixed) : null;
  const held = found?.held ?? null;
  let holds = found?.holds ?? [];
  const obstacle = found === null ? varied.replayed.obstacle : found.obstacle;
  const decided = decide(baseline, { varied: varied.evidence, held: held?.evidence ?? null, obstacle });
  const unvaried = options.vary === "none" && decided.verdict === "reproduced" ? repeated(all) : null;
  if (unvaried !== null) holds = unvaried.holds;
  const { verdict, reason } = unvaried ?? decided;
  return {
    format: "reprise/verify@1",
    baseline: baseline.id,
    replays: v.replays,
    verdict,
    level: verdict === "reproduced" || verdict === "conditional" ? "numerical" : "none",
    asked: options.level,
    holds,
    evidence: varied.evidence ?? [],
    firstDivergence: divergenceOf(baseline, varied, holds[0]),
    varied: [...new Set(free.map((factor) => factor.kind))],
    shownOn: shownOn(baseline),
    missRate: missRate(v.agreeing),
    agreeing: v.agreeing,
    reason,
    warnings: [...v.warnings],
    seconds: v.seconds,
  };
}
