import { compareMetrics } from "#compare";
import type { Evidence, MetricPoint, MetricSeries } from "#record";

const keyOf = ({ source, name }: MetricSeries): string => `${source}\0${name}`;

/** The part of a series that the resumed run reports again: by its step numbers, else as many points as that has, from the end. */
function rest(all: readonly MetricPoint[], part: readonly MetricPoint[]): readonly MetricPoint[] {
  const [first] = part;
  const labelled = part.every(({ step }) => step !== null && all.some((point) => point.step === step));
  if (labelled && first !== undefined && first.step !== null) {
    const at = all.findLastIndex(({ step }) => step === first.step);
    if (at !== -1 && all.length - at >= part.length) return all.slice(at);
  }
  return part.length >= all.length ? all : all.slice(all.length - part.length);
}

/** Fewer points than all of them, and not those with which the series begins: a run that began again has these, too. */
function goesOn(all: readonly MetricPoint[], part: readonly MetricPoint[]): boolean {
  if (part.length === 0 || part.length >= all.length) return false;
  return part.some(({ step, value }, i) => step !== all[i]?.step || !Object.is(value, all[i]?.value));
}

export interface MetricsResumed {
  readonly evidence: readonly Evidence[];
  /** A series of which the resumed run had but the end, and at least one point. */
  readonly shorter: boolean;
  /** Only the uninterrupted run reported these. */
  readonly missing: readonly string[];
}

/** Metrics after the resumption, held against the end of the same series of the uninterrupted run. */
export function metricsResumed(a: readonly MetricSeries[], b: readonly MetricSeries[]): MetricsResumed {
  const told = (list: readonly MetricSeries[]): MetricSeries[] => list.filter(({ timing }) => !timing);
  const mine = new Map(told(b).map((series) => [keyOf(series), series]));
  const both = told(a).filter((series) => mine.has(keyOf(series)));
  const pairs = both.map((series) => ({ series, part: mine.get(keyOf(series))?.points ?? [] }));
  const left = pairs.map(({ series, part }) => ({ ...series, points: rest(series.points, part) }));
  const right = told(b).filter((series) => both.some((one) => keyOf(one) === keyOf(series)));
  return {
    evidence: compareMetrics(left, right),
    shorter: pairs.some(({ series, part }) => !series.redrawn && goesOn(series.points, part)),
    missing: told(a)
      .filter((series) => !mine.has(keyOf(series)))
      .map(({ name }) => name),
  };
}
