import type { AgentEvent, RunRecord } from "#record";
import type { Store } from "#store";
import { eventsOf } from "../replay.ts";

type Step = Extract<AgentEvent, { readonly e: "step" }>;

/** What stands before the first change can have had its effect: the state that is entered with, the first data, the draws. */
const BEFORE = /^(?:parameters|buffers|batch|batch-set|rng\..*)$/;
const FIRST = /^(?:batch|batch-set|rng\..*)$/;

/** What a replay began with, and what its training came to; null where nothing was seen. */
export interface Start {
  readonly kind: "steps" | "metric" | null;
  /** Equal texts: the same beginning. */
  readonly text: string;
  /** Every fingerprint that a seed could have changed; no generator's state, which a seed changes used or not. */
  readonly course: string;
}

function firstSteps(steps: readonly Step[]): string {
  const of = steps[0]?.of;
  const told = steps
    .filter((step) => step.of === of && step.n <= 0)
    .flatMap((step) =>
      Object.entries(step.c)
        .filter(([name]) => (step.n < 0 ? BEFORE : FIRST).test(name))
        .map(([name, value]) => `${step.n} ${name} ${value}`),
    );
  return told.sort().join("\n");
}

function courseOf(run: RunRecord, steps: readonly Step[]): string {
  const marks = steps.map(({ n, of, c }) => [
    of,
    n,
    ...Object.entries(c)
      .filter(([name]) => !name.startsWith("rng."))
      .flat(),
  ]);
  const metrics = run.metrics
    .filter((series) => !series.timing)
    .map(({ source, name, points, redrawn }) => [
      source,
      name,
      ...(redrawn ? points.slice(-1) : points).flatMap(({ step, value }) => [
        step,
        Object.is(value, -0) ? "-0" : Number.isFinite(value) ? value : String(value),
      ]),
    ]);
  return JSON.stringify([metrics, marks.map((mark) => mark.join(" "))]);
}

/** A series that began before it ended: its first value comes before most of what a change does. */
function firstMetric(run: RunRecord): string {
  const series = run.metrics.find(({ timing, redrawn, points }) => !timing && !redrawn && points.length > 1);
  const point = series?.points[0];
  return series === undefined || point === undefined ? "" : `${series.name} ${point.step} ${point.value}`;
}

export function startOf(run: RunRecord, store: Store): Start {
  const steps = eventsOf(run, store).filter((event): event is Step => event.e === "step");
  // Adaptive looking takes other steps each time: only the first ones are seen in every replay.
  const early = steps.filter((step) => step.n <= 3);
  const course = courseOf(run, early);
  const found = firstSteps(steps);
  if (found !== "") return { kind: "steps", text: found, course };
  const metric = firstMetric(run);
  return { kind: metric === "" ? null : "metric", text: metric, course };
}

export interface Pairing {
  readonly paired: boolean;
  readonly reason: string;
}

const WHAT = {
  steps: "what the first training step is entered with (weights, data, generators)",
  metric: "the first number printed",
} as const;

/**
 * Whether runs of the same seed belong together: they begin alike, and otherwise than those of another seed. Asked of how
 * they begin only, never of how they end.
 */
export function pairingOf(pairs: readonly (readonly [a: Start, b: Start])[]): Pairing {
  const unpaired = (reason: string): Pairing => ({ paired: false, reason });
  const [first] = pairs;
  if (first === undefined || pairs.length < 2) return unpaired("there are not two pairs");
  const { kind } = first[0];
  if (kind === null) return unpaired("nothing was seen of how a run begins");
  if (pairs.some(([a, b]) => a.kind !== kind || b.kind !== kind))
    return unpaired("what was seen of how the two sides begin cannot be compared");
  const apart = pairs.filter(([a, b]) => a.text !== b.text).length;
  if (apart > 0)
    return unpaired(`${WHAT[kind]} differs between A and B under the same seed (${apart} of ${pairs.length})`);
  if (new Set(pairs.map(([a]) => a.text)).size === 1)
    return unpaired(`${WHAT[kind]} is the same under every seed: it cannot show what a seed has in common`);
  return { paired: true, reason: `${WHAT[kind]} is the same in A and B under the same seed` };
}
