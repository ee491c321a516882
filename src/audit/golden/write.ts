import type { Golden, Tolerance } from "./golden.ts";
import { GOLDEN_FORMAT } from "./golden.ts";

/** TOML's basic strings are JSON's, but for DEL. */
const text = (value: string): string => JSON.stringify(value).replaceAll("\u007f", "\\u007F");

/** A float of TOML has a point or an exponent; a whole number beyond 2^53 would be refused as an integer. */
function number(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  const plain = String(value);
  return Number.isSafeInteger(value) || /[.e]/.test(plain) ? plain : `${plain}.0`;
}

const scalar = (value: string | number | boolean): string =>
  typeof value === "string" ? text(value) : typeof value === "number" ? number(value) : String(value);

type Lines = readonly (readonly [name: string, value: string])[];

const byName = <T>(table: Readonly<Record<string, T>>, say: (value: T, name: string) => string): Lines =>
  Object.keys(table)
    .sort()
    .map((name) => [text(name), say(table[name] as T, name)]);

function section(name: string, lines: Lines): string[] {
  if (lines.length === 0) return [];
  return ["", `[golden.${name}]`, ...lines.map(([key, value]) => `${key} = ${value}`)];
}

function toleranceLine({ low, high, n, mean, sd, rule, byHand }: Tolerance): string {
  const shown = [
    ["low", number(low)],
    ["high", number(high)],
    ["mean", number(mean)],
    ["sd", number(sd)],
    ["n", number(n)],
    ["rule", text(rule)],
    ...(byHand === undefined ? [] : [["by_hand", text(byHand)]]),
  ];
  return `{ ${shown.map(([key, value]) => `${key} = ${value}`).join(", ")} }`;
}

/** What a line says beside the one of the golden before it, so that a review needs no scrolling. */
function was(old: Tolerance | undefined, now: Tolerance): string {
  if (old === undefined) return "";
  return old.low === now.low && old.high === now.high ? "  # as before" : `  # was ${old.low} to ${old.high}`;
}

/** The head of a new golden file. */
export const headOf = (name: string): string =>
  [
    `# Golden runs of ${JSON.stringify(name)} (docs/format/golden.md of Reprise). The last one is in force.`,
    `# A change is appended by: reprise audit accept ${name} --reason "..."`,
    '# A tolerance is set by hand only with by_hand = "because ..." in its line.',
    `format = ${text(GOLDEN_FORMAT)}`,
    `name = ${text(name)}`,
    "",
  ].join("\n");

/** One golden as it stands in its file: one line a metric, sorted, each with how it was measured. */
export function blockOf(golden: Golden, previous: Golden | null): string {
  const { machine, tolerance } = golden;
  const head: Lines = [
    ["date", text(golden.date)],
    ["by", text(golden.by)],
    ["reason", text(golden.reason)],
    ["run", text(golden.run)],
    ["command", `[${golden.command.map(text).join(", ")}]`],
    ["workdir", text(golden.workdir)],
    ["seed", text(golden.seed)],
    ["deterministic", text(golden.deterministic)],
    ...(golden.only.length === 0 ? [] : [["metrics", `[${golden.only.map(text).join(", ")}]`] as const]),
    ["trainings", number(golden.trainings)],
    ["seconds", number(golden.seconds)],
    ["alarms", number(golden.alarms)],
    ["confidence", number(golden.confidence)],
    ["commit", text(golden.commit ?? "")],
    ["dirty", String(golden.dirty)],
    ...(golden.before === null ? [] : [["before", text(golden.before)] as const]),
  ];
  const environment: Lines = [
    ...(golden.python === null ? [] : [["python", text(golden.python)] as const]),
    ...(golden.reprise === null ? [] : [["reprise", text(golden.reprise)] as const]),
    ...(golden.environment === null ? [] : [["digest", text(golden.environment)] as const]),
  ];
  const lines = [
    "",
    "[[golden]]",
    ...head.map(([key, value]) => `${key} = ${value}`),
    ...section(
      "tolerance",
      byName(tolerance, (one, name) => `${toleranceLine(one)}${was(previous?.tolerance[name], one)}`),
    ),
    ...section("exact", byName(golden.exact, scalar)),
    ...section("sources", byName(golden.sources, scalar)),
    ...section("left", byName(golden.left, scalar)),
    ...section("inputs", byName(golden.inputs, scalar)),
    ...section("files", byName(golden.files, scalar)),
    ...section("environment", environment),
    ...section("variables", byName(golden.variables, scalar)),
    ...section("packages", byName(golden.packages, scalar)),
    ...section("machine", byName({ ...machine }, scalar)),
    ...section(
      "measured",
      byName(golden.measured, (values) => `[${values.map(number).join(", ")}]`),
    ),
  ];
  return `${lines.join("\n")}\n`;
}
