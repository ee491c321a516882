import { tmpdir } from "node:os";
import { agrees } from "#compare";
import { fixes } from "#diagnose";
import type { Cause, Divergence, Unresolved, WhyDocument } from "#record";
import type { Side } from "../evidence.ts";
import { type Factor, factorsOf } from "../factor.ts";
import type { Lever } from "../lever.ts";
import type { Trial, Trials } from "../trial.ts";
import { leversHere } from "./levers.ts";
import { recordedCauses } from "./recorded.ts";
import { Ended, Search, type WhyOptions } from "./search.ts";
import { sourceLine } from "./source.ts";
import { unrecordedCauses } from "./unrecorded.ts";
import { firstDivergence, type Pair } from "./where.ts";

/** Varied replays that must agree before nothing is said to part. */
const MOST_VARIED = 8;
const CHEAP_SECONDS = 20;

/** What is known while the search goes on. */
class Known {
  causes: Cause[] = [];
  unresolved: Unresolved[] = [];
  reason = "";
  complete = true;
  divergence: Divergence | null = null;
}

async function firstParted(v: Trials, all: readonly Factor[], first: Trial | null): Promise<Trial | null> {
  let trial = first;
  for (let made = 0; made < MOST_VARIED; made++) {
    trial ??= await v.try(all, [], `replaying under varied conditions (${made + 1})`);
    if (trial.evidence === null || !agrees(trial.evidence)) return trial;
    if (made > 0 && v.seconds > CHEAP_SECONDS) return null;
    trial = null;
  }
  return null;
}

/** With the text to paste: the line itself, mended, where that is to be had. */
function mended(cause: Cause, { baseline, store }: WhyOptions): Cause {
  const source = sourceLine(baseline, store, cause.file, cause.line);
  return { ...cause, fix: fixes({ kind: cause.kind, call: cause.name, source })[0] ?? "" };
}

/** A network the program spoke to cannot be held or cut without changing the program. */
function suspects(v: Trials): Unresolved[] {
  const hosts = new Set(v.events.flatMap((event) => (event.e === "net" ? [event.host] : [])));
  return hosts.size === 0
    ? []
    : [{ kind: "network", name: [...hosts].join(", "), reason: "what came from the network is not recorded" }];
}

/** The same factor, whatever line was found for its stream since. */
function isSame(x: Factor, y: Factor): boolean {
  const place = x.kind === "unseeded-rng" || (x.file === y.file && x.line === y.line);
  return x.kind === y.kind && x.site === y.site && x.name === y.name && place;
}

/** A flip between two values does not show every time. */
const MOST_LOOKS = 3;

async function look(v: Trials, pair: Pair): Promise<Divergence | null> {
  for (let made = 0; made < MOST_LOOKS; made++) {
    const found = await firstDivergence(v, pair, v.options.parent ?? tmpdir());
    if (found !== null) return found;
  }
  return null;
}

/** Where the causes come in: for those that no line brought in, the first line that differs when only that one is let go. */
async function locate(
  v: Trials,
  known: Known,
  causes: readonly Cause[],
  pair: Pair,
  guilty: readonly Factor[],
): Promise<void> {
  const places = new Map<Cause, Divergence>();
  const whole = await look(v, pair);
  known.divergence ??= whole;
  for (const cause of causes.filter((one) => one.file === null)) {
    const factor = guilty.find((one) => one.kind === cause.kind && one.name === cause.name && one.line === cause.line);
    const alone = factor === undefined ? pair : { ...pair, b: pair.all.filter((one) => !isSame(one, factor)) };
    const place = causes.length === 1 ? whole : await look(v, alone);
    if (place?.file != null) places.set(cause, place);
  }
  known.causes = known.causes.map((cause) => {
    const place = places.get(cause);
    return place === undefined ? cause : { ...cause, file: place.file, line: place.line };
  });
}

/** One round: what parts this baseline from its replays. Returns what must be pulled before another round can be made. */
async function round(
  v: Trials,
  known: Known,
  levers: readonly Lever[],
): Promise<{ reference: Side; levers: readonly Lever[] } | null> {
  const { baseline } = v.options;
  const all = factorsOf(baseline, v.events);
  const varied = await firstParted(v, all, null);
  if (varied === null) {
    if (known.causes.length === 0) known.reason = `nothing parts: ${v.agreeing} replays under varied conditions agree`;
    return null;
  }
  if (varied.evidence === null) {
    known.reason = varied.replayed.obstacle ?? "no replay could be made";
    known.complete = false;
    return null;
  }
  const held = await v.try(all, all, "results differ: replaying with every recorded factor held", {
    locate: true,
    complete: true,
  });
  if (held.evidence === null || held.replayed.obstacle !== null) {
    known.reason = held.replayed.obstacle ?? "no replay could be made";
    known.complete = false;
    return null;
  }
  if (agrees(held.evidence)) {
    const found = await recordedCauses(v, all, held, v.options.baseline.seconds < 60 ? 60 : 30);
    known.causes.push(...found.causes);
    known.complete &&= found.complete;
    const rest = all.filter((one) => !found.guilty.some((factor) => isSame(factor, one)));
    if (found.causes.length > 0) await locate(v, known, found.causes, { all, a: all, b: rest }, found.guilty);
    return null;
  }
  const live = await unrecordedCauses(v, all, held, levers);
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
  known.reason =
    live.parted > 1
      ? `results part with everything recorded held (${live.parted} of ${live.pairs} pairs), and no intervention that this machine offers stops it`
      : "replays with everything recorded held agree with one another and not with the recorded run: something was otherwise then that no record holds (a cache, a file outside the project, the machine)";
  known.complete = false;
  return null;
}

/**
 * Why a run does not come out the same again: first what the record can hold (each factor proved by transplant both ways),
 * then, where that is not enough, what can only be taken away (controlled by pairs), then again what remains under that.
 */
export async function whyLive(options: WhyOptions): Promise<WhyDocument> {
  const search = new Search(options);
  const known = new Known();
  const warnings = new Set<string>();
  const from = performance.now();
  const levers = leversHere(options.env);
  try {
    let v = search.on();
    let pulled: readonly Lever[] = [];
    for (;;) {
      const again = await round(
        v,
        known,
        levers.filter((lever) => !pulled.includes(lever)),
      );
      for (const warning of v.warnings) warnings.add(warning);
      if (again === null) break;
      pulled = [...pulled, ...again.levers];
      v = search.on({ reference: again.reference, levers: pulled });
    }
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    known.complete = false;
    known.reason =
      error.why === "budget"
        ? `the budget of ${options.budget} replays was spent before the search had ended`
        : "stopped before the search had ended";
  }
  return {
    format: "reprise/why@1",
    a: options.baseline.id,
    b: null,
    divergence: known.divergence,
    causes: known.causes.map((cause) => mended(cause, options)),
    unresolved: known.unresolved,
    replays: search.spent,
    complete: known.complete,
    reason: known.reason,
    warnings: [...warnings],
    seconds: (performance.now() - from) / 1000,
  };
}
