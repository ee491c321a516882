import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cause, Unresolved, WhyDocument } from "#record";
import { budgetText } from "../blame/budget.ts";
import type { Side } from "../evidence.ts";
import { type Factor, factorsOf, isSame } from "../factor.ts";
import { leftoverFactors } from "../leftover.ts";
import type { Lever } from "../lever.ts";
import { notRestored } from "../not-restored.ts";
import { cellsOf, inNotebook } from "../notebook/cells.ts";
import { eventsOf } from "../replay.ts";
import { blindness, type Trial, type Trials, type TrialsOptions } from "../trial.ts";
import { tryVaried } from "../vary/varied.ts";
import { ofImported } from "./imported.ts";
import { Known } from "./known.ts";
import { leversHere, networkOf } from "./levers.ts";
import { locate } from "./locate.ts";
import { recordedCauses } from "./recorded.ts";
import { Ended, Search, type WhyOptions } from "./search.ts";
import { told } from "./source.ts";
import { isUndisturbed, unrecordedCauses } from "./unrecorded.ts";

/** Varied replays of a run that was seen to part before. */
const VARIED_WHEN_KNOWN = 8;

/** What servers answered the recorded run is in no record; a replay can only be held against another one. */
function suspects(v: Trials): Unresolved[] {
  const network = networkOf(v.events);
  if (network === null) return [];
  const place = network.file === null ? "" : ` (${network.file}:${network.line})`;
  const reason = "what came from the network is not recorded";
  return [{ kind: "network", name: `${network.hosts}${place}`, reason }];
}

/** A verdict over this run that said it does not reproduce. */
function isKnownToPart({ baseline, store }: TrialsOptions): boolean {
  return store.runs.facts(baseline.id, "verdict").some(({ value }) => {
    const verdict = typeof value === "object" && value !== null && "verdict" in value ? value["verdict"] : null;
    return verdict === "conditional" || verdict === "differs";
  });
}

const MOST_NAMED = 3;

/** Where the replay does not agree: whoever is told no cause shall know where to look. */
function whatParts({ evidence, side }: Trial): string {
  const parted = (evidence ?? []).filter((item) => !item.agree);
  const more = parted.length > MOST_NAMED ? ` and ${parted.length - MOST_NAMED} more` : "";
  const names = `${parted
    .slice(0, MOST_NAMED)
    .map(({ name }) => name)
    .join(", ")}${more}`;
  const processes = side?.run.agent.processes.length ?? 0;
  const order =
    processes > 1 && parted.every(({ kind }) => kind === "stdout")
      ? `; there were ${processes} processes, and lines of several come in the order in which each gets to write`
      : "";
  return `what parts: ${names}${order}`;
}

/** What must be pulled before another round can be made, and what its replays are compared with. */
interface Next {
  readonly reference: Side;
  readonly levers: readonly Lever[];
}

interface Round {
  readonly v: Trials;
  readonly known: Known;
  /** Not pulled yet. */
  readonly levers: readonly Lever[];
}

/** Results are the same with these factors held: which of them? */
async function ofRecorded({ v, known, levers }: Round, all: readonly Factor[], held: Trial): Promise<Next | null> {
  const causes: Cause[] = [];
  const found = await recordedCauses(v, all, held, (cause) => {
    causes.push(cause);
    known.causes.push(cause);
  });
  if (found.broken !== null) return ofUnrecorded({ v, known, levers }, all, found.broken);
  known.complete &&= found.complete;
  const rest = all.filter((one) => !found.guilty.some((factor) => isSame(factor, one)));
  if (causes.length > 0) await locate(v, known, causes, { all, a: all, b: rest }, found.guilty);
  else
    known.endOpen(
      found.complete
        ? `results parted in one replay of ${v.replays.length}, and in none of those that were made to see why: it shows rarely`
        : `results are the same with everything recorded held, and after ${v.replays.length} replays it was not clear how little of it suffices`,
    );
  return null;
}

/** Results part though everything that is recorded is held. */
async function ofUnrecorded({ v, known, levers }: Round, all: readonly Factor[], held: Trial): Promise<Next | null> {
  const { baseline } = v.options;
  const lost = notRestored(baseline, held.replayed.lost);
  const live = await unrecordedCauses(v, all, held, levers, lost === null, (cut) => {
    known.causes.push(...cut.causes);
    known.unresolved.push(...cut.unresolved);
  });
  known.causes.push(...live.causes);
  if (live.causes.length > 0) await locate(v, known, live.causes, { all, a: all, b: all }, []);
  if (live.causes.some((cause) => cause.kind === "address-order")) {
    // Whatever is held or drawn anew moves addresses: under this cause no other can be told.
    known.reason = "while an order follows addresses, no other cause can be told: mend this one and ask again";
    return null;
  }
  if (live.under?.trial.side != null && live.causes.length > 0)
    return { reference: live.under.trial.side, levers: live.under.levers };
  known.unresolved.push(...suspects(v));
  if (live.parted > 0 && baseline.agent.state === "none")
    return known.endOpen(
      `what the program draws could not be recorded, so nothing was held: ${baseline.agent.reason ?? "no agent"}`,
    );
  if (live.parted > 0) {
    const some = live.seldom.map(({ name }) => name).join(", ");
    const but =
      some === ""
        ? "no intervention that this machine offers stops it"
        : `under ${some} pairs agreed at first and parted when asked again: it is rarer so, and not gone`;
    return known.endOpen(
      `results part with everything recorded held (${live.parted} of ${live.pairs} pairs), and ${but}; ${whatParts(held)}`,
    );
  }
  return known.endOpen(
    lost ??
      "replays with everything recorded held agree with one another and not with the recorded run: something was otherwise then that no record holds (a cache, a file outside the project, the machine)",
  );
}

/** One round: what parts this baseline from its replays. */
async function partsIn(round: Round): Promise<Next | null> {
  const { v, known } = round;
  const { baseline } = v.options;
  const all = factorsOf(baseline, v.events);
  const isKnown = isKnownToPart(v.options);
  const varied = await tryVaried(v, all, [], isKnown ? VARIED_WHEN_KNOWN : undefined);
  if (varied.likeness === "unseen") return known.endBlind(blindness(baseline, varied));
  if (varied.likeness === "same") return known.endSame(v.agreeing, isKnown);
  known.parts = true;
  const held = await v.try(all, all, "results differ: replaying with every recorded factor held", {
    locate: true,
    complete: true,
  });
  if (held.likeness === "unseen") return known.endBlind(blindness(baseline, held));
  if (held.likeness === "same") return ofRecorded(round, all, held);
  // Last and only now: a download that the run left is no cause, and may not be had again.
  const left = leftoverFactors(v.leftovers);
  if (left.length > 0) {
    const whole = [...all, ...left];
    const before = await v.try(whole, whole, "results differ: with files outside the project as the run found them", {
      locate: true,
      complete: true,
    });
    if (before.likeness === "same") return ofRecorded(round, whole, before);
    if (isUndisturbed(v, before)) return ofUnrecorded(round, whole, before);
  }
  return ofUnrecorded(round, all, held);
}

/**
 * Why a run does not come out the same again: first what the record can hold (each factor proved by transplant both ways),
 * then, where that is not enough, what can only be taken away (controlled by pairs), then again what remains under that.
 */
export async function whyLive(options: WhyOptions): Promise<WhyDocument> {
  const imported = await ofImported(options.baseline, null, options);
  if (imported !== null) return imported;
  const search = new Search(options);
  const known = new Known();
  const warnings = new Set<string>();
  const from = performance.now();
  const answers = mkdtempSync(join(options.parent ?? tmpdir(), "reprise-net-"));
  try {
    let v = search.on();
    const levers = leversHere(options.env, v.events, answers);
    let pulled: readonly Lever[] = [];
    for (;;) {
      const rest = levers.filter((lever) => !pulled.includes(lever));
      const next = await partsIn({ v, known, levers: rest });
      for (const warning of v.warnings) warnings.add(warning);
      if (next === null) break;
      pulled = [...pulled, ...next.levers];
      v = search.on({ reference: next.reference, levers: pulled });
    }
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    known.endOpen(
      error.why === "budget"
        ? `the budget of ${budgetText(options.budget)} was spent before the search had ended`
        : "stopped before the search had ended",
    );
  } finally {
    rmSync(answers, { recursive: true, force: true });
  }
  const { baseline, store } = options;
  const cells = cellsOf(baseline, eventsOf(baseline, store), store);
  return {
    format: "reprise/why@1",
    a: options.baseline.id,
    b: null,
    parts: known.parts,
    divergence: known.divergence && inNotebook(known.divergence, cells),
    causes: known.causes.map((cause) => told({ ...cause, fix: "" }, baseline, store, cells)),
    unresolved: known.unresolved,
    replays: search.spent,
    complete: known.complete,
    reason: known.reason,
    warnings: [...warnings],
    seconds: (performance.now() - from) / 1000,
  };
}
