import { type At, byStanding, type Goal, isUnknown, type MetricSeries, type RunRecord } from "#record";
import type { Store } from "#store";

export type Reading = { readonly value: number } | { readonly failure: string };

/** What both streams print, or loggers have too, is taken from standard output; then from a logger, in their order. */
function seriesOf(run: RunRecord, name: string): MetricSeries | undefined {
  return byStanding(run.metrics).find((series) => series.name === name && series.points.length > 0);
}

const TAIL_BYTES = 1 << 20;

/** The last of the number under this name that was printed, where it was none: readings leave nan and inf out. */
function lastIsNaN(run: RunRecord, { name, source }: MetricSeries, store: Store): string | null {
  if (source !== "stdout" && source !== "stderr") return null;
  const stream = run[source];
  if (isUnknown(stream) || !store.objects.has(stream.digest)) return null;
  const text = Buffer.from(store.objects.read(stream.digest)).subarray(-TAIL_BYTES).toString("utf8");
  const words = (name.split(".").at(-1) ?? name)
    .split("_")
    .map((word) => word.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&"));
  const pattern = new RegExp(
    String.raw`(?<!\w)${words.join("[ _]+")}["']?\s*[:=|]?\s*(?:np\.float\d+\(|tensor\()?(?<value>[-+]?(?:nan|inf(?:inity)?)(?!\w)|[-+]?\.?\d)`,
    "gi",
  );
  const last = [...text.matchAll(pattern)].at(-1)?.groups?.["value"];
  return last !== undefined && /nan|inf/i.test(last) ? last : null;
}

/** The value of a metric that counts, or why there is none. */
export function readMetric(run: RunRecord, name: string, at: At, goal: Goal | null, store: Store): Reading {
  const series = seriesOf(run, name);
  if (series === undefined) return { failure: `it printed no ${name} that is a number` };
  const values = series.points.map((point) => point.value);
  const last = values.at(-1);
  if (at === "last") {
    if (series.dropped > 0)
      return { failure: `${series.dropped} values of ${name} were not kept: the last is not known` };
    const bad = last !== undefined && !Number.isFinite(last) ? String(last) : lastIsNaN(run, series, store);
    if (bad !== null || last === undefined) return { failure: `the last ${name} is ${bad ?? "missing"}` };
    return { value: last };
  }
  const most = at === "max" || (at === "best" && goal === "max");
  return { value: values.reduce((best, value) => (most ? Math.max(best, value) : Math.min(best, value))) };
}
