import { type MetricNoise, type MetricSeries, type RunRecord, seriesTitle } from "#record";
import { goalOf } from "../luck/goal.ts";
import { sharedMetrics } from "../metrics.ts";

/** One number that every run of a recipe has: null where a run lacks it, undefined where it had it and did not keep it. */
export interface Quantity {
  readonly name: string;
  readonly at: MetricNoise["at"];
  readonly baseline: number | null | undefined;
  readonly values: readonly (number | null | undefined)[];
}

type Series = ReadonlyMap<string, MetricSeries>;

const keyed = (list: readonly MetricSeries[]): Series =>
  new Map(list.filter((series) => !series.timing).map((series) => [`${series.source}\0${series.name}`, series]));

function bestOf(series: MetricSeries): number | null {
  const goal = goalOf(series.name);
  if (goal === null || series.points.length === 0) return null;
  const values = series.points.map((point) => point.value).filter((value) => !Number.isNaN(value));
  if (values.length === 0) return Number.NaN;
  return values.reduce((best, value) => (goal === "max" ? Math.max(best, value) : Math.min(best, value)));
}

function read(series: MetricSeries | undefined, at: Quantity["at"]): number | null | undefined {
  if (series === undefined) return null;
  if (at === "count") return series.points.length + series.dropped;
  if (series.dropped > 0) return undefined;
  return at === "best" ? bestOf(series) : (series.points.at(-1)?.value ?? null);
}

/**
 * The numbers of a run and of its replays, side by side: the last of every series that is no timing, with `best` the best
 * one too where its name says what is better, and how many there are, where a series is no progress bar.
 */
export function quantitiesOf(baseline: RunRecord, replays: readonly RunRecord[], at: "last" | "best"): Quantity[] {
  const pairs = replays.map((replay) => sharedMetrics(baseline, replay));
  const mine = keyed(pairs[0]?.a ?? baseline.metrics);
  const theirs = pairs.map((pair) => keyed(pair.b));
  const keys = new Set([...mine.keys(), ...theirs.flatMap((series) => [...series.keys()])]);
  return [...keys].flatMap((key) => {
    const all = [mine, ...theirs].flatMap((series) => series.get(key) ?? []);
    const [named] = all;
    if (named === undefined) return [];
    const best = at === "best" && goalOf(named.name) !== null;
    const which: Quantity["at"][] = [
      ...(all.some((series) => series.redrawn) ? [] : (["count"] as const)),
      "last",
      ...(best ? (["best"] as const) : []),
    ];
    return which.map((one) => ({
      name: seriesTitle(named),
      at: one,
      baseline: read(mine.get(key), one),
      values: theirs.map((series) => read(series.get(key), one)),
    }));
  });
}
