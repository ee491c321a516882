import type { MetricPoint, MetricSeries } from "#record";
import { firstPointApart } from "../metrics.ts";

interface Place {
  /** How many-th point, from 0. */
  readonly index: number;
  readonly step: number | null;
}

export interface MetricDetail {
  readonly kind: "metric";
  readonly source: MetricSeries["source"];
  /** Points on each side; 0 where there is no such metric. */
  readonly points: { readonly a: number; readonly b: number };
  /** Drawn again and again: only its last state is compared. */
  readonly redrawn: boolean;
  readonly first: (Place & { readonly a: number | string | null; readonly b: number | string | null }) | null;
  /** Where the two are farthest apart, over points that both have. */
  readonly largest: (Place & { readonly distance: number }) | null;
}

/** JSON has no NaN and no infinity: those are told as text. */
export const metricValue = (point: MetricPoint | undefined): number | string | null =>
  point === undefined ? null : Number.isFinite(point.value) ? point.value : String(point.value);

function largestOf(a: readonly MetricPoint[], b: readonly MetricPoint[]): MetricDetail["largest"] {
  let largest: MetricDetail["largest"] = null;
  for (const [index, point] of a.slice(0, b.length).entries()) {
    const distance = Math.abs(point.value - (b[index]?.value ?? Number.NaN));
    if (Number.isFinite(distance) && distance > (largest?.distance ?? 0))
      largest = { index, step: point.step, distance };
  }
  return largest;
}

/** How two series of one metric part. */
export function metricDetail(a: MetricSeries | undefined, b: MetricSeries | undefined): MetricDetail {
  const redrawn = a?.redrawn === true || b?.redrawn === true;
  const of = (series: MetricSeries | undefined): readonly MetricPoint[] =>
    redrawn ? (series?.points.slice(-1) ?? []) : (series?.points ?? []);
  const [x, y] = [of(a), of(b)];
  const at = a === undefined || b === undefined ? -1 : firstPointApart(x, y);
  const place = x[at] ?? y[at];
  return {
    kind: "metric",
    source: a?.source ?? b?.source ?? "stdout",
    points: { a: (a?.points.length ?? 0) + (a?.dropped ?? 0), b: (b?.points.length ?? 0) + (b?.dropped ?? 0) },
    redrawn,
    first: place === undefined ? null : { index: at, step: place.step, a: metricValue(x[at]), b: metricValue(y[at]) },
    largest: largestOf(x, y),
  };
}
