import { goalOf } from "#compare";
import { type At, type Goal, type MetricComparison, RepriseError, type RunRecord } from "#record";

export interface ChosenMetric {
  readonly name: string;
  readonly goal: Goal | null;
  readonly goalFrom: MetricComparison["goalFrom"];
}

/** What is set by the user and printed along is no result. */
const SETTING =
  /(?:^|[_/. -])(?:lr|learning_rate|momentum|seed|batch_size|weight_decay|epochs?|steps?|params?|parameters)$/i;
const SHOWN = 12;

function sharedNames(a: RunRecord, b: RunRecord): string[] {
  const names = (run: RunRecord): Set<string> =>
    new Set(run.metrics.filter((series) => !series.timing && series.points.length > 0).map((series) => series.name));
  const theirs = names(b);
  return [...names(a)].filter((name) => theirs.has(name));
}

function listed(names: readonly string[]): string {
  const more = names.length > SHOWN ? `, and ${names.length - SHOWN} more` : "";
  return names.slice(0, SHOWN).join(", ") + more;
}

function found(asked: string, names: readonly string[]): string {
  const plain = (name: string): string => name.trim().replaceAll(/\s+/g, "_").toLowerCase();
  const exact = names.find((name) => name === asked) ?? names.find((name) => plain(name) === plain(asked));
  if (exact !== undefined) return exact;
  const what = names.length === 0 ? "the two runs print no metric in common" : `both print ${listed(names)}`;
  throw new RepriseError("METRIC_UNKNOWN", "usage", `no metric ${asked} in both runs: ${what}`, "reprise show RUN");
}

function only(names: readonly string[]): string {
  const results = names.filter((name) => !SETTING.test(name));
  const [first, second] = results;
  if (first === undefined)
    throw new RepriseError(
      "METRIC_UNKNOWN",
      "usage",
      "the two runs print no metric in common: there is nothing to compare",
      'print one, such as print(f"accuracy={value}"), and run both again',
    );
  if (second === undefined) return first;
  throw new RepriseError(
    "METRIC_UNCLEAR",
    "usage",
    `which metric? both runs print ${listed(results)}`,
    `--metric ${results.at(-1) ?? first}`,
  );
}

/** The metrics that are asked about, each with what is better. Throws METRIC_UNKNOWN, METRIC_UNCLEAR, GOAL_UNKNOWN. */
export function chooseMetrics(
  a: RunRecord,
  b: RunRecord,
  asked: readonly string[],
  goal: Goal | "auto",
  at: At,
): ChosenMetric[] {
  const names = sharedNames(a, b);
  const chosen = asked.length === 0 ? [only(names)] : [...new Set(asked.map((name) => found(name, names)))];
  return chosen.map((name): ChosenMetric => {
    const known = goal === "auto" ? goalOf(name) : goal;
    if (known === null && at === "best")
      throw new RepriseError("GOAL_UNKNOWN", "usage", `--at best: is more or less ${name} better?`, "--goal max");
    return { name, goal: known, goalFrom: goal !== "auto" ? "asked" : known === null ? "unknown" : "name" };
  });
}
