import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { agrees, decide, firstPointApart, missRate } from "#compare";
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
  type VerifyDocument,
} from "#record";
import type { StopCheck } from "#run";
import type { Store } from "#store";
import { drawConditions } from "./conditions.ts";
import { gatherEvidence, type Side } from "./evidence.ts";
import { type Factor, factorsOf, holdOf } from "./factor.ts";
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
  /** Most replays spent on finding what must be held. */
  readonly budget: number;
  /** Go on to the end of a replay after it has parted. */
  readonly complete?: boolean;
  readonly onProgress?: (words: string) => void;
}

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

/** Lines found by the replay that looked for first draws take the place of lines read from the source. */
function located(factors: readonly Factor[], events: readonly AgentEvent[], project: string, fresh: string): Factor[] {
  const seen = new Map(
    events.flatMap((event) =>
      event.e === "drawn" && event.how === "seen" && event.f !== null ? [[event.name, event] as const] : [],
    ),
  );
  const inside = (path: string): string => path.replace(`${fresh}/`, "").replace(`${project}/`, "");
  return factors.map((factor) => {
    const event = factor.kind === "unseeded-rng" ? seen.get(factor.site) : undefined;
    return event === undefined || event.f === null ? factor : { ...factor, file: inside(event.f), line: event.l };
  });
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

async function findHolds(
  v: Verification,
  factors: readonly Factor[],
  fixed: readonly Factor[],
): Promise<{ holds: readonly Factor[]; complete: boolean }> {
  let spent = 0;
  const suffices = async (held: readonly Factor[]): Promise<boolean> => {
    spent += 1;
    const names = held.map((factor) => factor.kind).join(", ");
    const { evidence } = await v.try([...factors, ...fixed], [...held, ...fixed], `what must be held? trying ${names}`);
    return evidence !== null && agrees(evidence);
  };
  // Most often it is a generator: one replay asks for all of them at once.
  const generators = factors.filter((factor) => factor.kind === "unseeded-rng");
  const rest = factors.filter((factor) => factor.kind !== "unseeded-rng");
  const first = generators.length > 0 && rest.length > 0 && (await suffices(generators));
  const found = await narrow(first ? generators : factors, suffices, v.options.budget - spent);
  return { holds: found.held, complete: found.complete };
}

/**
 * Does a run again under varied conditions and says whether it reproduces (VERDICT.md §2): vary all at once; when that
 * differs hold all; when that agrees find the least that must be held, by halving.
 */
export async function verify(options: VerifyOptions): Promise<VerifyDocument> {
  const { baseline } = options;
  const v = new Verification(options);
  const all = factorsOf(baseline, v.events);
  const fixed = all.filter((factor) => options.vary === "none" || options.hold.includes(factor.kind));
  const free = all.filter((factor) => !fixed.includes(factor));
  const stdinGone = baseline.warnings.some((warning) => warning.code === "stdin-pipe");

  const varied = await v.try(all, fixed, "replaying under varied conditions");
  let held: Trial | null = null;
  let holds: Hold[] = [];
  let obstacle = varied.replayed.obstacle;
  if (obstacle === null && varied.evidence !== null && !agrees(varied.evidence)) {
    if (stdinGone) obstacle = "results differ, but the run read standard input from a pipe, whose content was not kept";
    else {
      held = await v.try(all, all, "results differ: replaying with every recorded factor held", true);
      obstacle = held.replayed.obstacle;
      if (obstacle === null && held.evidence !== null && agrees(held.evidence) && held.replayed.run !== null) {
        const places = located(
          free,
          eventsOf(held.replayed.run, options.store),
          baseline.command.project,
          held.replayed.run.command.project,
        );
        const found = await findHolds(v, places, fixed);
        holds = found.holds.map(holdOf);
        if (!found.complete)
          v.warnings.add("the budget was spent before the list of what must be held was as short as it can be");
      }
    }
  }
  const { verdict, reason } = decide(baseline, { varied: varied.evidence, held: held?.evidence ?? null, obstacle });
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
