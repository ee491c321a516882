import { decide, firstPointApart } from "#compare";
import type { CauseKind, Divergence, Hold, Level, RunRecord, VerdictWord, VerifyDocument } from "#record";
import { type Factor, factorsOf, holdOf, locateDraws, OTHER_STREAMS } from "./factor.ts";
import { findHolds } from "./holds.ts";
import { leftoverFactors } from "./leftover.ts";
import { documentOf } from "./level/document.ts";
import { notRestored } from "./not-restored.ts";
import { cellsOf, inNotebook } from "./notebook/cells.ts";
import { eventsOf } from "./replay.ts";
import { type Trial, Trials, type TrialsOptions } from "./trial.ts";
import { tryVaried } from "./vary/varied.ts";

export interface VerifyOptions extends TrialsOptions {
  readonly level: Level;
  /** all: everything outside the recipe; none: repeat as recorded. */
  readonly vary: "default" | "none";
  /** Kinds of factors that the user makes part of the recipe. */
  readonly hold: readonly CauseKind[];
  /** Varied replays that must agree; left out: one, and up to eight while they are cheap. */
  readonly replays?: number;
  /** Most replays spent on finding what must be held. */
  readonly budget: number;
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

interface Found {
  readonly held: Trial;
  readonly holds: readonly Hold[];
  readonly obstacle: string | null;
}

/** Results differ: do they with every recorded factor held, and if not, what is the least that must be held? */
async function askWhat(v: Trials, all: readonly Factor[], fixed: readonly Factor[], budget: number): Promise<Found> {
  const { baseline, store } = v.options;
  let factors = all;
  let held = await v.try(all, all, "results differ: replaying with every recorded factor held", { locate: true });
  const left = leftoverFactors(v.leftovers);
  if (held.likeness === "parted" && left.length > 0) {
    const whole = [...all, ...left];
    const words = "results differ: with files outside the project as the run found them";
    const before = await v.try(whole, whole, words, { locate: true });
    if (before.likeness === "same") [factors, held] = [whole, before];
  }
  const { obstacle, lost, run } = held.replayed;
  if (held.likeness === "unseen" || run === null) return { held, holds: [], obstacle };
  if (held.likeness === "parted") return { held, holds: [], obstacle: notRestored(baseline, lost) };
  const free = factors.filter((factor) => !fixed.includes(factor));
  const found = await findHolds(v, locateDraws(free, eventsOf(run, store)), fixed, budget);
  if (found.broken !== null) return { held: found.broken, holds: [], obstacle: notRestored(baseline, lost) };
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
  const v = new Trials(options);
  const all = factorsOf(baseline, v.events);
  const fixed = all.filter((factor) => options.vary === "none" || options.hold.includes(factor.kind));
  const free = all.filter((factor) => !fixed.includes(factor));
  const varied = await tryVaried(v, all, fixed, options.replays);
  const found = varied.likeness === "parted" ? await askWhat(v, all, fixed, options.budget) : null;
  const held = found?.held ?? null;
  let holds = found?.holds ?? [];
  const obstacle = found === null ? varied.replayed.obstacle : found.obstacle;
  const decided = decide(baseline, { varied: varied.evidence, held: held?.evidence ?? null, obstacle });
  const unvaried = options.vary === "none" && decided.verdict === "reproduced" ? repeated(all) : null;
  if (unvaried !== null) holds = unvaried.holds;
  const { verdict, reason } = unvaried ?? decided;
  const cells = cellsOf(baseline, v.events, options.store);
  const divergence = divergenceOf(baseline, varied, holds[0]);
  const level = verdict === "reproduced" || verdict === "conditional" ? "numerical" : "none";
  return {
    ...documentOf(v, free, { verdict, reason, level, asked: options.level, evidence: varied.evidence ?? [] }),
    holds: holds.map((hold) => inNotebook(hold, cells)),
    firstDivergence: divergence && inNotebook(divergence, cells),
  };
}
