import type { Evidence, MetricNoise, RunRecord, Statistics, VerdictWord } from "#record";
import { eachOf, equalNeeded, type ToleranceQuestion, toleranceOf } from "../statistics/tolerance.ts";
import { type Quantity, quantitiesOf } from "./quantity.ts";

export interface NoiseQuestion {
  /** Of all metrics together. */
  readonly confidence: number;
  readonly power: number;
  readonly at: "last" | "best";
}

export interface NoiseJudgement {
  readonly verdict: VerdictWord;
  readonly reason: string;
  readonly evidence: readonly Evidence[];
  readonly statistics: Omit<Statistics, "notJudged">;
}

const told = (value: number | null | undefined): number | string => {
  if (value === null) return "missing";
  if (value === undefined) return "not kept";
  return Number.isFinite(value) ? value : String(value);
};
const isReal = (value: number | null | undefined): value is number =>
  value !== null && value !== undefined && Number.isFinite(value);
const isStill = ({ baseline, values }: Quantity): boolean => values.every((value) => Object.is(value, baseline));

type Judged = Pick<MetricNoise, "verdict" | "reason" | "interval"> & { readonly needed: number | null };
const plain = (verdict: Judged["verdict"], reason: string | null, needed: number | null = null): Judged => ({
  verdict,
  reason,
  interval: null,
  needed,
});

/** What is a number in some runs and none in others: the record has to be as some replay was, or enough were not. */
function judgeKind({ baseline, values }: Quantity, question: ToleranceQuestion): Judged | null {
  const ofKind = values.filter(
    (value) => isReal(value) === isReal(baseline) && (value === null) === (baseline === null),
  );
  if (baseline === undefined || values.includes(undefined))
    return plain("unknown", "not all of its values were kept: the last is not known");
  if (values.includes(null) || baseline === null) {
    const lacking = values.filter((value) => value === null).length;
    return plain(
      "outside",
      `missing in ${baseline === null ? "the record" : `${lacking} of ${values.length} replays`}`,
    );
  }
  if (isReal(baseline)) return null;
  if (ofKind.length > 0)
    return plain("within", `${told(baseline)}, as in ${ofKind.length} of ${values.length} replays`);
  const needed = equalNeeded(question);
  return values.length >= needed
    ? plain("outside", `${told(baseline)}, and a number in all ${values.length} replays`)
    : plain("unknown", `${told(baseline)}, and a number in all replays: ${needed} are needed to call that no luck`);
}

function judge(quantity: Quantity, question: ToleranceQuestion): Judged {
  const { at, baseline, values } = quantity;
  if (isStill(quantity))
    return baseline === undefined ? plain("unknown", "its last value was not kept") : plain("equal", null);
  const kind = judgeKind(quantity, question);
  if (kind !== null || !isReal(baseline)) return kind ?? plain("unknown", null);
  const numbers = values.filter(isReal);
  const others = values.length - numbers.length;
  // As many steps in every replay are no noise.
  if (at === "count" && new Set(numbers).size === 1)
    return plain("outside", `${baseline} values, and ${numbers[0]} in every replay`);
  const found = toleranceOf(numbers, question);
  if (found.kind === "too-few") return plain("unknown", found.reason, found.equal ? null : found.needed + others);
  const { low, high, method, mean, sd, shift } = found;
  const inside = baseline >= low && baseline <= high;
  const lost = others === 0 ? null : `${others} of ${values.length} replays gave no finite number, and are left out`;
  return {
    verdict: inside ? "within" : "outside",
    reason: lost,
    interval: { low, high, method, mean, sd, shift },
    needed: null,
  };
}

const titleOf = ({ name, at }: Pick<MetricNoise, "name" | "at">): string =>
  at === "last" ? name : at === "best" ? `${name}, best` : `${name}, number of values`;

function evidenceOf(noise: MetricNoise): Evidence {
  const { baseline, interval, verdict, reason } = noise;
  const mean = interval?.mean ?? noise.values[0] ?? null;
  return {
    kind: "metric",
    name: titleOf(noise),
    agree: verdict === "equal" || verdict === "within",
    how: verdict === "equal" ? "bytes" : "tolerance",
    aside: [],
    a: baseline,
    b: mean,
    distance: typeof baseline === "number" && typeof mean === "number" ? Math.abs(baseline - mean) : null,
    ...(verdict === "unknown" ? { unseen: reason ?? "too little was measured" } : {}),
  };
}

function exitEvidence(baseline: RunRecord, replays: readonly RunRecord[]): Evidence {
  const say = (run: RunRecord): string | number => run.signal ?? run.exitCode ?? run.status;
  // Of a run that another tool recorded nobody may have said how it ended.
  const unsaid =
    baseline.status === "unknown" ? (baseline.imported?.unknown.status ?? "nobody said how it ended") : null;
  const other = replays.find((run) => say(run) !== say(baseline) || run.status !== baseline.status);
  return {
    kind: "exit",
    name: "exit",
    agree: other === undefined && unsaid === null,
    how: "bytes",
    aside: [],
    a: unsaid === null ? say(baseline) : null,
    b: say(other ?? baseline),
    distance: null,
    ...(unsaid === null ? {} : { unseen: unsaid }),
  };
}

const number = (value: number | string): string =>
  typeof value === "string" ? value : String(Number(value.toPrecision(4)));

function outsideText(noise: MetricNoise, measured: number): string {
  const { interval, baseline, reason } = noise;
  if (interval === null) return `${titleOf(noise)}: ${reason ?? "differs"}`;
  const { low, high } = interval;
  return `${titleOf(noise)} is ${number(baseline)}, and ${measured} replays put it between ${number(low)} and ${number(high)}`;
}

/**
 * Whether a run lies where its recipe puts it: every metric inside the interval measured over replays under fresh root
 * seeds, the exit code, the set of metrics and the number of steps as in them. Never `reproduced` where too little was
 * measured to see a shift.
 */
export function judgeNoise(
  baseline: RunRecord,
  replays: readonly RunRecord[],
  { confidence, power, at }: NoiseQuestion,
): NoiseJudgement {
  // Nothing is the same in every replay where there is none.
  const quantities = replays.length === 0 ? [] : quantitiesOf(baseline, replays, at);
  // What is the same everywhere can raise no alarm.
  const each = eachOf(confidence, quantities.filter((quantity) => !isStill(quantity)).length);
  const judged = quantities.map((quantity) => ({ quantity, ...judge(quantity, { confidence: each, power }) }));
  const metrics = judged.map(
    ({ quantity, verdict, reason, interval }): MetricNoise => ({
      name: quantity.name,
      at: quantity.at,
      baseline: told(quantity.baseline),
      values: quantity.values.map(told),
      verdict,
      reason,
      interval,
    }),
  );
  const needs = judged.flatMap(({ needed }) => needed ?? []);
  const measured = replays.length;
  const exit = exitEvidence(baseline, replays);
  const statistics = {
    confidence,
    each,
    power,
    measured,
    needed: needs.length === 0 ? null : Math.max(...needs),
    metrics,
  };
  // How many values a series has is told only where it is no matter of course.
  const shown = metrics.filter((noise) => noise.at !== "count" || noise.verdict !== "equal");
  const evidence = [exit, ...shown.map(evidenceOf)];
  const answer = (verdict: VerdictWord, reason: string): NoiseJudgement => ({ verdict, reason, evidence, statistics });
  if (measured === 0) return answer("inconclusive", "no replay could be made");
  if (!exit.agree && exit.unseen === undefined)
    return answer("differs", `it ended with ${exit.a}, a replay with ${exit.b}`);
  const outside = metrics.filter((noise) => noise.verdict === "outside");
  const [first] = outside;
  if (first !== undefined) {
    const more = outside.length > 1 ? `; ${outside.length - 1} more (--json has them)` : "";
    return answer("differs", outsideText(first, measured) + more);
  }
  if (exit.unseen !== undefined) return answer("inconclusive", `exit: ${exit.unseen}`);
  if (metrics.length === 0) {
    const end = exit.a === 0 ? "" : `failed (${typeof exit.a === "number" ? `exit code ${exit.a}` : exit.a}) and `;
    return answer("inconclusive", `the run ${end}reported no metric: this level judges metrics`);
  }
  const unknown = metrics.find((noise) => noise.verdict === "unknown");
  if (unknown !== undefined) return answer("inconclusive", `${titleOf(unknown)}: ${unknown.reason ?? ""}`);
  return answer("reproduced", `every metric lies where ${measured} replays under fresh seeds put it`);
}
