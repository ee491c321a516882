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

export interface MetricsResumed {
  readonly evidence: readonly Evidence[];
  /** A series of which the resumed run had fewer points than the whole one, and at least one. */
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
    shorter: pairs.some(({ series, part }) => !series.redrawn && part.length > 0 && part.length < series.points.length),
    missing: told(a)
      .filter((series) => !mine.has(keyOf(series)))
      .map(({ name }) => name),
  };
}
