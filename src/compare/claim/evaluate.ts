import { byStanding, type MetricSeries, type RunRecord, seriesTitle } from "#record";
import type { Claim, Of, Step, Term } from "./tree.ts";

/** The runs that a claim speaks of: null is the one that is asked about. */
export type RunsOf = (run: string | null) => RunRecord | null;

export type Series = Term & { readonly kind: "series" };

/** Every metric that a claim names. */
export function seriesIn(claim: Claim): Series[] {
  const ofTerm = (term: Term): Series[] => {
    if (term.kind === "series") return [term];
    if (term.kind === "number") return [];
    return "of" in term ? ofTerm(term.of) : [...ofTerm(term.left), ...ofTerm(term.right)];
  };
  if (claim.kind !== "compare") return claim.parts.flatMap(seriesIn);
  const ofStep = ({ right, within }: Step): Series[] => [...ofTerm(right), ...(within === null ? [] : ofTerm(within))];
  return [...ofTerm(claim.left), ...claim.steps.flatMap(ofStep)];
}

/** By its plain name, or with its logger: "auc (mlflow)". */
export function findSeries(run: RunRecord, name: string): MetricSeries | undefined {
  const series = byStanding(run.metrics).filter(({ points }) => points.length > 0);
  return series.find((one) => seriesTitle(one) === name) ?? series.find((one) => one.name === name);
}

/** NaN where it is not known. */
function numberOf(series: MetricSeries | undefined, of: Of): number {
  if (series === undefined || (series.dropped > 0 && of !== "first")) return Number.NaN;
  const values = series.points.map((point) => point.value);
  switch (of) {
    case "steps":
      return values.length;
    case "first":
      return values[0] ?? Number.NaN;
    case "last":
      return values.at(-1) ?? Number.NaN;
    case "min":
      return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
    case "max":
      return values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
    case "mean":
      return values.reduce((sum, value) => sum + value, 0) / values.length;
  }
}

function amount(term: Term, runs: RunsOf): number {
  switch (term.kind) {
    case "number":
      return term.value;
    case "series": {
      const run = runs(term.run);
      return run === null ? Number.NaN : numberOf(findSeries(run, term.name), term.of);
    }
    case "negative":
      return -amount(term.of, runs);
    case "absolute":
      return Math.abs(amount(term.of, runs));
    default: {
      const [x, y] = [amount(term.left, runs), amount(term.right, runs)];
      return term.kind === "+" ? x + y : term.kind === "-" ? x - y : term.kind === "*" ? x * y : x / y;
    }
  }
}

/** What is not known (NaN) holds of nothing, and is not unequal to anything either. */
function holdsStep(left: number, { by, right, within }: Step, runs: RunsOf): boolean {
  const other = amount(right, runs);
  if (Number.isNaN(left) || Number.isNaN(other)) return false;
  if (within !== null) return Math.abs(left - other) <= amount(within, runs);
  switch (by) {
    case "<":
      return left < other;
    case "<=":
      return left <= other;
    case ">":
      return left > other;
    case ">=":
      return left >= other;
    case "==":
      return left === other;
    case "!=":
      return left !== other;
  }
}

export function holds(claim: Claim, runs: RunsOf): boolean {
  if (claim.kind !== "compare") {
    const each = claim.parts.map((part) => holds(part, runs));
    return claim.kind === "and" ? each.every(Boolean) : each.some(Boolean);
  }
  let left = amount(claim.left, runs);
  return claim.steps.every((step) => {
    const held = holdsStep(left, step, runs);
    left = amount(step.right, runs);
    return held;
  });
}

/** The numbers that a claim hangs on, such as "auc 0.93, auc(small) 0.88". */
export function numbersOf(claim: Claim, runs: RunsOf): { readonly name: string; readonly value: number }[] {
  const named = seriesIn(claim).map((series) => {
    const metric = series.run === null ? series.name : `${series.name}(${series.run})`;
    return { name: series.of === "last" ? metric : `${series.of}(${metric})`, value: amount(series, runs) };
  });
  return [...new Map(named.map((one) => [one.name, one])).values()];
}
