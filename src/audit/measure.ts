import { byStanding, isUnknown, knownOr, type MetricSeries, type RunRecord } from "#record";
import { EXIT, type Golden, outputOf, stepsOf } from "./golden/golden.ts";

/** What one training came to, by name. */
export interface Reading {
  readonly metrics: ReadonlyMap<string, number>;
  /** Metrics whose last value cannot be told, and why. */
  readonly unread: ReadonlyMap<string, string>;
  /** Exit code, numbers of steps, digests of outputs. */
  readonly exact: ReadonlyMap<string, string | number>;
  /** Of each metric, who told it. */
  readonly sources: ReadonlyMap<string, string>;
}

/** Who told a metric. */
const sourceOf = ({ source, file }: MetricSeries): string => (file === undefined ? source : `${source} ${file}`);

/**
 * One name each: what two sources have under the same one, the later of them shows its source. What a golden heard of one
 * source is taken from that, whoever else is heard now.
 */
function titled(run: RunRecord, sources: Golden["sources"]): Map<string, MetricSeries> {
  const named = new Map<string, MetricSeries>();
  for (const [title, from] of Object.entries(sources)) {
    const series = run.metrics.find((one) => sourceOf(one) === from && [one.name, beside(one)].includes(title));
    if (series !== undefined) named.set(title, series);
  }
  const taken = new Set(named.values());
  for (const series of byStanding(run.metrics)) {
    if (series.timing || taken.has(series)) continue;
    const own = named.has(series.name) || series.name in sources ? beside(series) : series.name;
    if (!named.has(own) && !(own in sources)) named.set(own, series);
  }
  return named;
}

const beside = ({ name, source }: MetricSeries): string => `${name} (${source})`;

function exitOf(run: RunRecord): string | number {
  return run.signal ?? run.exitCode ?? run.status;
}

/** `sources`: of the golden that the training is held to. */
export function readingOf(run: RunRecord, sources: Golden["sources"] = {}): Reading {
  const metrics = new Map<string, number>();
  const unread = new Map<string, string>();
  const from = new Map<string, string>();
  const exact = new Map<string, string | number>([[EXIT, exitOf(run)]]);
  for (const [name, series] of titled(run, sources)) {
    const last = series.points.at(-1)?.value;
    if (last === undefined) continue;
    from.set(name, sourceOf(series));
    if (series.dropped > 0) unread.set(name, `${series.dropped} of its values were not kept`);
    else if (!Number.isFinite(last)) unread.set(name, `its last value is ${last}`);
    else metrics.set(name, last);
    if (series.dropped === 0 && !series.redrawn && series.points.length > 1)
      exact.set(stepsOf(name), series.points.length);
  }
  for (const output of knownOr(run.outputs, []))
    if (output.scope === "project" && output.change !== "removed" && !isUnknown(output.digest))
      exact.set(outputOf(output.path), output.digest);
  return { metrics, unread, exact, sources: from };
}

/** What several trainings of one recipe have in common, and what of them varies. */
export interface Measured {
  /** Metrics that varied, in the order of the trainings. */
  readonly varied: ReadonlyMap<string, readonly number[]>;
  readonly exact: ReadonlyMap<string, string | number>;
  readonly left: ReadonlyMap<string, string>;
}

export const metricOf = (name: string): string => `metric ${name}`;

const MOST_OUTPUTS = 200;

const same = (values: readonly (string | number | undefined)[]): boolean =>
  values.every((value) => Object.is(value, values[0]));

function exactOf(readings: readonly Reading[], left: Map<string, string>): Map<string, string | number> {
  const exact = new Map<string, string | number>();
  const differing: string[] = [];
  let outputs = 0;
  for (const [name, value] of readings[0]?.exact ?? []) {
    const isOutput = name.startsWith(outputOf(""));
    if (!same(readings.map((reading) => reading.exact.get(name)))) {
      if (isOutput) differing.push(name);
      else left.set(name, "not the same in every training");
    } else if (!isOutput || ++outputs <= MOST_OUTPUTS) exact.set(name, value);
  }
  if (differing.length > 0)
    left.set(
      "outputs",
      `${differing.length} not the same in every training, such as ${differing[0]?.slice(outputOf("").length)}`,
    );
  if (outputs > MOST_OUTPUTS) left.set("outputs beyond", `the first ${MOST_OUTPUTS} are held, of ${outputs}`);
  return exact;
}

/** `only`: metrics that were asked for; all when it is empty. */
export function measuredOf(readings: readonly Reading[], only: readonly string[]): Measured {
  const varied = new Map<string, readonly number[]>();
  const left = new Map<string, string>();
  const exact = exactOf(readings, left);
  const names = [...new Set(readings.flatMap(({ metrics, unread }) => [...metrics.keys(), ...unread.keys()]))];
  const seen = new Map<string, string>();
  for (const name of names) {
    if (only.length > 0 && !only.includes(name)) {
      exact.delete(stepsOf(name));
      continue;
    }
    const values = readings.map(({ metrics }) => metrics.get(name));
    const there = values.filter((value) => value !== undefined);
    const why = readings.map(({ unread }) => unread.get(name)).find((reason) => reason !== undefined);
    if (there.length < readings.length) {
      left.set(metricOf(name), why ?? `${there.length} of ${readings.length} trainings have it`);
      continue;
    }
    const text = there.join(" ");
    const twin = seen.get(text);
    seen.set(text, twin ?? name);
    if (same(there)) exact.set(metricOf(name), there[0] as number);
    else if (twin === undefined) varied.set(name, there);
    // A number that is printed and logged is one result: judged twice it would be counted twice.
    else left.set(metricOf(name), `the same numbers as ${twin}`);
  }
  return { varied, exact, left };
}
