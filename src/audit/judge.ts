import type { AuditItem, AuditWord } from "./document.ts";
import { EXIT, type Golden, type Machine, stepsOf } from "./golden/golden.ts";
import { metricOf, type Reading } from "./measure.ts";

/** The first training, and two more where something of it is outside: two of three decide. */
export const MOST_TRAININGS = 3;

const differs = (a: Machine, b: Machine): string[] => {
  const names: Readonly<Record<keyof Machine, string>> = { os: "operating system", cpu: "processor", gpus: "GPU" };
  return (["os", "cpu", "gpus"] as const).flatMap((one) =>
    a[one] === b[one] ? [] : [`${names[one]} ${b[one]} instead of ${a[one]}`],
  );
};

/** In what the present machine is another than the golden's; null: in nothing. */
export function otherMachine(golden: Golden, present: Machine): string | null {
  const said = differs(golden.machine, present);
  return said.length === 0 ? null : said.join(", ");
}

/** Two of three decide. */
function stateOf(apart: number, made: number): "within" | "outside" | "undecided" | "unsteady" {
  if (apart === 0) return "within";
  if (apart * 2 > MOST_TRAININGS) return "outside";
  return made < MOST_TRAININGS ? "undecided" : "unsteady";
}

function metricItem(name: string, golden: Golden, readings: readonly Reading[]): AuditItem {
  const { low, high, mean, byHand = null } = golden.tolerance[name] as Golden["tolerance"][string];
  const values = readings.map(({ metrics }) => metrics.get(name) ?? null);
  // Not a number, or not there: outside of any tolerance.
  const outside = values.filter((value) => value === null || value < low || value > high).length;
  const unread = readings.map((reading) => reading.unread.get(name)).find((why) => why !== undefined);
  const seen = stateOf(outside, readings.length);
  // Noise is outside at times, by a chance that is known.
  const state = seen === "unsteady" ? "within" : seen;
  const once = state === "within" && outside > 0 ? `outside in ${outside} of ${values.length}` : null;
  const reason = values.includes(null) ? (unread ?? "the training does not report it") : once;
  return { kind: "metric", name, state, values, low, high, golden: mean, byHand, reason };
}

function exactOf(reading: Reading, name: string): string | number | null {
  if (!name.startsWith(metricOf(""))) return reading.exact.get(name) ?? null;
  const own = name.slice(metricOf("").length);
  const value = reading.metrics.get(own);
  return value ?? reading.unread.get(own) ?? null;
}

/** Bits may depend on the machine; how a training ends, and how many steps it makes whatever the seed, do not. */
const isPortable = (name: string, { seed }: Golden): boolean =>
  name === EXIT || (seed.startsWith("fresh") && name.startsWith(stepsOf("")));

function exactItem(name: string, golden: Golden, readings: readonly Reading[], machine: string | null): AuditItem {
  const held = golden.exact[name] as string | number;
  const values = readings.map((reading) => exactOf(reading, name));
  const apart = values.filter((value) => !Object.is(value, held)).length;
  const base = { kind: "exact", name, values, low: null, high: null, golden: held, byHand: null } as const;
  if (apart === 0) return { ...base, state: "within", reason: null };
  if (machine !== null && !isPortable(name, golden)) {
    const reason = `equal in ${golden.trainings} trainings on the golden's machine, and this is another one: ${machine}`;
    return { ...base, state: "unjudged", reason };
  }
  // How a training ends is no matter of chance that somebody would wait for.
  const state = name === EXIT ? "outside" : stateOf(apart, readings.length);
  if (state !== "unsteady") return { ...base, state, reason: null };
  const reason = `differs in ${apart} of ${readings.length} trainings; the golden had it equal in ${golden.trainings}`;
  return { ...base, state, reason };
}

/** Every result that the golden holds, against all trainings that were made. */
export function judge(golden: Golden, readings: readonly Reading[], machine: string | null): AuditItem[] {
  const names = Object.keys(golden.exact).filter((name) => {
    const own = name.startsWith(metricOf("")) ? name.slice(metricOf("").length) : null;
    return own === null || golden.tolerance[own] === undefined;
  });
  return [
    ...Object.keys(golden.tolerance).map((name) => metricItem(name, golden, readings)),
    ...names.map((name) => exactItem(name, golden, readings, machine)),
  ];
}

/** What is set by the user and printed along is no result. */
const SETTING =
  /(?:^|[_/. -])(?:lr|learning_rate|momentum|seed|batch_size|weight_decay|epochs?|steps?|params?|parameters)(?: \(\w+\))?$/i;

/**
 * What shows nothing by being as it was: how a training ends. Where bits could not be judged also the number of steps, settings
 * and files that are the same of one that learns nothing; and any constant where a metric is another one than the golden's.
 */
function isBareBeside(unjudged: readonly AuditItem[]): (item: AuditItem) => boolean {
  const isMetric = ({ name }: AuditItem): boolean => name.startsWith(metricOf(""));
  const moved = unjudged.some(isMetric);
  return (item) => {
    if (item.kind === "metric") return false;
    if (item.name === EXIT) return true;
    return unjudged.length > 0 && (moved || !isMetric(item) || SETTING.test(item.name));
  };
}

const named = (items: readonly AuditItem[]): string => {
  const shown = items.slice(0, 3).map(({ name }) => name);
  return items.length > 3 ? `${shown.join(", ")} and ${items.length - 3} more` : shown.join(", ");
};

/** What the items come to. A golden of which nothing but its end could be judged says nothing. */
export function verdictOf(items: readonly AuditItem[]): { readonly verdict: AuditWord; readonly reason: string } {
  const of = (state: AuditItem["state"]): AuditItem[] => items.filter((item) => item.state === state);
  const [outside, unsteady, unjudged] = [[...of("outside"), ...of("undecided")], of("unsteady"), of("unjudged")];
  if (outside.length > 0) return { verdict: "outside", reason: `${named(outside)} outside of what the golden allows` };
  if (unsteady.length > 0)
    return {
      verdict: "inconclusive",
      reason: `${named(unsteady)}: equal in all trainings of the golden, and now not always`,
    };
  if (of("within").every(isBareBeside(unjudged)))
    return {
      verdict: "inconclusive",
      reason: unjudged[0]?.reason ?? "the golden holds no result besides the exit code",
    };
  const but = unjudged.length === 0 ? "" : `; not judged here: ${named(unjudged)}`;
  return { verdict: "within", reason: `every result is as the golden allows${but}` };
}
