import { type Evidence, type MetricPoint, type MetricSeries, type RunRecord, seriesTitle } from "#record";

/** Bits, not tolerance: NaN equals NaN, 0 differs from -0. */
function sameNumber(a: number | null, b: number | null): boolean {
  return Object.is(a, b);
}

/** Index of the first point that differs (value, step, or one list being shorter), or -1. */
export function firstPointApart(a: readonly MetricPoint[], b: readonly MetricPoint[]): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const [x, y] = [a[i], b[i]];
    if (x === undefined || y === undefined || !sameNumber(x.value, y.value) || x.step !== y.step) return i;
  }
  return a.length === b.length ? -1 : shared;
}

function text(point: MetricPoint | undefined): string | number | null {
  if (point === undefined) return null;
  return Number.isFinite(point.value) ? point.value : String(point.value);
}

function distance(a: MetricPoint | undefined, b: MetricPoint | undefined): number | null {
  if (a === undefined || b === undefined) return null;
  const apart = Math.abs(a.value - b.value);
  return Number.isFinite(apart) ? apart : null;
}

/** Values that were not kept are nowhere else, save those printed on standard output: its text is compared. */
function isBlind(series: MetricSeries | undefined): boolean {
  return series !== undefined && series.dropped > 0 && series.rest === undefined && series.source !== "stdout";
}

const isOtherRest = (a: MetricSeries | undefined, b: MetricSeries | undefined): boolean =>
  a?.rest !== undefined && b?.rest !== undefined && a.rest !== b.rest;

function compareSeries(name: string, a: MetricSeries | undefined, b: MetricSeries | undefined): Evidence {
  const [left, right] = [a?.points ?? [], b?.points ?? []];
  // A progress bar is drawn as often as there was time for: only what it showed at the end is a result.
  const redrawn = a?.redrawn === true || b?.redrawn === true;
  const [x, y] = redrawn ? [left.slice(-1), right.slice(-1)] : [left, right];
  const at = firstPointApart(x, y);
  const last = at === -1 ? x.length - 1 : at;
  const dropped = ((a?.dropped ?? 0) !== (b?.dropped ?? 0) || isOtherRest(a, b)) && !redrawn;
  const unseen = at === -1 && !dropped && !redrawn && (isBlind(a) || isBlind(b));
  return {
    kind: "metric",
    name,
    agree: at === -1 && !dropped && !unseen,
    how: "bytes",
    aside: redrawn ? ["progress bar: last state only"] : [],
    a: text(x[last]),
    b: text(y[last]),
    distance: at === -1 ? 0 : distance(x[last], y[last]),
    ...(unseen ? { unseen: `${a?.dropped} of its values were not kept` } : {}),
  };
}

interface Compared {
  readonly a: MetricSeries | undefined;
  readonly b: MetricSeries | undefined;
  readonly evidence: Evidence;
}

/** Equal for series of one name that carry the same values in the same order, however their steps are counted. */
function numbersOf({ a, b, evidence }: Compared): string | null {
  if ([a, b].some((series) => series === undefined || series.redrawn || series.dropped > 0)) return null;
  const values = [a, b].map((series) =>
    series?.points.map(({ value }) => (Object.is(value, -0) ? "-0" : value)).join(),
  );
  return [a?.name, evidence.agree, ...values].join("\0");
}

/** What several loggers were given alike, as trainers do, is one piece of evidence: the first one's, which names the others. */
function once(compared: readonly Compared[]): Evidence[] {
  const groups = new Map<string, Compared[]>();
  compared.forEach((one, i) => {
    const key = numbersOf(one) ?? `${i}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  });
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const carriers = others.flatMap(({ a }) => (a === undefined ? [] : [a.source]));
    const { aside } = first.evidence;
    return [
      carriers.length === 0
        ? first.evidence
        : { ...first.evidence, aside: [...aside, `the same numbers given to ${carriers.join(", ")}`] },
    ];
  });
}

/**
 * Evidence from metrics, one per name and source. Timings (seconds, steps per second) are no results and are left out.
 * A name that only one side has disagrees. Numbers that two loggers carry count once.
 */
export function compareMetrics(a: readonly MetricSeries[], b: readonly MetricSeries[]): Evidence[] {
  const keyed = (list: readonly MetricSeries[]): Map<string, MetricSeries> =>
    new Map(list.filter((series) => !series.timing).map((series) => [`${series.source}\0${series.name}`, series]));
  const [left, right] = [keyed(a), keyed(b)];
  const compared = [...new Set([...left.keys(), ...right.keys()])].map((key) => {
    const [x, y] = [left.get(key), right.get(key)];
    const named = x ?? y;
    return { a: x, b: y, evidence: compareSeries(named === undefined ? key : seriesTitle(named), x, y) };
  });
  return once(compared);
}

/**
 * The series of two runs that may be compared: what both streams and both agents could see. A record of before a logger was
 * watched has none of its numbers, and says nothing about them.
 */
export function sharedMetrics(a: RunRecord, b: RunRecord): { readonly a: MetricSeries[]; readonly b: MetricSeries[] } {
  const isShared = ({ source }: MetricSeries): boolean =>
    source === "stdout" || source === "stderr" || [a, b].every((run) => run.loggers?.includes(source) === true);
  return { a: a.metrics.filter(isShared), b: b.metrics.filter(isShared) };
}
