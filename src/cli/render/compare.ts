import {
  type CompareDocument,
  isUnknown,
  type MetricComparison,
  type RunRecord,
  type SeedReplay,
  type SeedSide,
} from "#record";
import { safe } from "./escape.ts";
import { type Row, rowLines, wrap } from "./rows.ts";
import type { Look } from "./verdict.ts";
import { cut } from "./width.ts";
import { brief, duration, listed, plural, shortId } from "./words.ts";

/** As many digits as tell the ends of an interval apart. */
function digits(value: number, width: number): string {
  if (value === 0 || width === 0 || !Number.isFinite(width)) return brief(value);
  const places = Math.min(20, Math.max(0, 1 - Math.floor(Math.log10(width))));
  return places > 12 ? brief(value) : value.toFixed(places);
}

const twoDigits = (value: number): string => String(Number(value.toPrecision(2)));
const range = (low: number, high: number): string => `[${digits(low, high - low)}, ${digits(high, high - low)}]`;
const share = (p: number): string =>
  p > 0.995 && p < 1 ? ">0.99" : p < 0.005 && p > 0 ? "<0.01" : String(Number(p.toFixed(2)));

/** "P(B>A)", or the other way where less is better. */
const rateName = ({ goal }: MetricComparison): string => (goal === "min" ? "P(B<A)" : "P(B>A)");

/** How much better B is; how much more where nobody knows what is better. */
function gain({ difference, goal }: MetricComparison): string {
  if (difference === null) return "";
  const { estimate, low, high } = difference;
  const turned = goal === "min";
  const [from, to] = turned ? [-high, -low] : [low, high];
  const word = goal === null ? "difference" : "gain";
  return `${word} ${digits(turned ? -estimate : estimate, high - low)} ${range(from, to)}`;
}

function rate(metric: MetricComparison): string {
  if (metric.superiority === null) return "";
  const { p, low, high } = metric.superiority;
  return `${rateName(metric)} = ${share(p)} [${share(low)}, ${share(high)}]`;
}

/** Of what the verdict speaks: seeds, or replays of which seeds are only a part. */
function over(metric: MetricComparison): string {
  const n = Math.min(metric.a.over?.n ?? 0, metric.b.over?.n ?? 0);
  const unclear = metric.a.effect === "unclear" || metric.b.effect === "unclear";
  return unclear ? `over ${plural(n, "replay")} (seeds are not told from noise)` : `over ${plural(n, "seed")}`;
}

function answer(metric: MetricComparison, look: Look): string {
  const { colors } = look;
  const on = `on ${safe(metric.name)}`;
  const shown = `${rate(metric)}, ${gain(metric)} ${over(metric)}`;
  switch (metric.verdict) {
    case "better":
      return `${colors.green("✓ B is better than A")} ${on} — ${shown}`;
    case "worse":
      return `${colors.red("✗ B is worse than A")} ${on} — ${shown}`;
    case "differs":
      return `${colors.yellow("✗ B differs from A")} ${on} — ${shown}`;
    case "equivalent":
      return `${colors.green("✓ B is equivalent to A")} ${on} within ${metric.equivalence?.margin} — ${gain(metric)} ${over(metric)}`;
    case "inconclusive":
      return `${colors.yellow("? inconclusive")} ${on} — ${safe(metric.reason)}`;
    default: {
      const seeds = metric.power?.seeds ?? null;
      if (metric.difference?.low === metric.difference?.high)
        return `${colors.yellow("? no difference")} ${on} — ${safe(metric.reason)}`;
      const needed =
        seeds === null
          ? "the difference seen is too small for any number of seeds"
          : `about ${seeds} seeds would be needed for power ${metric.power?.asked}`;
      return `${colors.yellow("? cannot be told")} ${on} — ${safe(metric.reason)}; ${needed}`;
    }
  }
}

function sideText({ over: facts }: SeedSide): string {
  if (facts === null) return "no value";
  const { mean, sd, min, max, n } = facts;
  if (sd === null || sd === 0) return `${brief(mean)} each time, n ${n}`;
  return `${digits(mean, sd / 2)} ± ${twoDigits(sd)} over seeds (${digits(min, sd / 2)} … ${digits(max, sd / 2)}), n ${n}`;
}

function sameSeedText(name: string, { sameSeed }: SeedSide): string {
  if (isUnknown(sameSeed)) return `${name} unknown: ${safe(sameSeed.unknown)}`;
  const times = `${sameSeed.values.length} times`;
  return sameSeed.equal ? `${name} equal bit for bit, ${times}` : `${name} ± ${twoDigits(sameSeed.sd)}, ${times}`;
}

function effectText({ effect, difference }: MetricComparison): string {
  if (effect === null || difference === null) return "";
  const parts = [
    ...(effect.dz === null ? [] : [`dz ${twoPlaces(effect.dz)}`]),
    ...(effect.d === null ? [] : [`d ${twoPlaces(effect.d)}`, `g ${twoPlaces(effect.g ?? 0)}`]),
    `Cliff's delta ${twoPlaces(effect.cliff)}`,
  ];
  return `${parts.join(", ")}; ${difference.method}: p = ${difference.p < 0.0001 ? difference.p.toExponential(1) : brief(difference.p)}`;
}

const twoPlaces = (value: number): string => String(Number(value.toFixed(2)));
const percent = (p: number): string => (p > 0.995 ? ">99 %" : `${Math.round(p * 100)} %`);

function metricRows(metric: MetricComparison, paired: boolean): Row[] {
  const rows: Row[] = [
    ["A", sideText(metric.a)],
    ["B", sideText(metric.b)],
  ];
  if (metric.difference !== null && metric.verdict !== "better" && metric.verdict !== "worse")
    rows.push(["B and A", `${rate(metric)}, ${gain(metric)}`]);
  rows.push(["same seed", `${sameSeedText("A", metric.a)}; ${sameSeedText("B", metric.b)}`]);
  const effect = effectText(metric);
  if (effect !== "") rows.push(["effect", effect]);
  if (metric.power !== null) {
    const n = Math.min(metric.a.over?.n ?? 0, metric.b.over?.n ?? 0);
    const { ofOneSigma, ofTwoSigma } = metric.power;
    rows.push([
      "power",
      `${n} seeds find a difference of 1σ ${percent(ofOneSigma)} of the time, of 2σ ${percent(ofTwoSigma)}${paired ? " (σ of the differences within pairs)" : ""}`,
    ]);
  }
  return rows;
}

const PARAMETERS = 6;

/** What was set otherwise: of what the metrics are the effect, as far as parameters tell. */
function parameterRows({ parameters = [] }: CompareDocument): Row[] {
  if (parameters.length === 0) return [];
  const say = (value: string | null): string =>
    value === null ? "not set" : value === "" ? '""' : cut(safe(value), 40);
  const shown = parameters.slice(0, PARAMETERS).map(({ name, a, b }) => `${safe(name)} ${say(a)} → ${say(b)}`);
  const more = parameters.length > PARAMETERS ? [`and ${parameters.length - PARAMETERS} more`] : [];
  return [["A → B", [...shown, ...more].join(", ")]];
}

const FAILURES = 3;

function failedRows({ replays }: CompareDocument): Row[] {
  return (["a", "b"] as const).flatMap((side): Row[] => {
    const failed = replays[side].filter((one): one is SeedReplay & { failure: string } => one.failure !== null);
    if (failed.length === 0) return [];
    const reasons = [...new Set(failed.map(({ failure }) => failure))].slice(0, FAILURES).map(safe);
    return [
      ["failed", `${failed.length} of ${replays[side].length} replays of ${side.toUpperCase()}: ${reasons.join("; ")}`],
    ];
  });
}

/** How this command takes its seed, as far as its own arguments tell. */
function seedArgument(run: RunRecord): string {
  const word = run.command.argv.find((one) =>
    /^(?:-{1,2}|\+{0,2})?(?:[\w.-]*[._-])?(?:seed|random[_-]state)(?:=|$)/i.test(one),
  );
  if (word === undefined) return "--seed {seed}";
  const [name = ""] = word.split("=");
  return word.includes("=") ? `${name}={seed}` : `${name} {seed}`;
}

interface Runs {
  readonly a: RunRecord;
  readonly b: RunRecord;
}

function next(document: CompareDocument, { a, b }: Runs): string {
  const call = `reprise compare ${shortId(a.id)} ${shortId(b.id)}`;
  const named =
    document.metrics.length === 1 ? "" : document.metrics.map(({ name }) => ` --metric ${safe(name)}`).join("");
  const [first] = document.metrics;
  const argument = document.seeds.argument === null ? "" : ` --seed-arg '${safe(document.seeds.argument)}'`;
  if (document.metrics.some((one) => one.a.effect === "constant" || one.b.effect === "constant") && argument === "")
    return `${call}${named} --seed-arg '${seedArgument(b)}'   (if the program takes a seed so)`;
  if (document.metrics.some(({ verdict }) => verdict === "differs"))
    return `${call}${named}${argument} --goal max   or   --goal min`;
  const seeds = Math.max(
    0,
    ...document.metrics.map((one) => (one.verdict === "not-shown" ? (one.power?.seeds ?? 0) : 0)),
  );
  if (!document.complete && first?.verdict === "inconclusive") return `reprise show ${shortId(b.id)}`;
  if (seeds > 0) return `${call}${named}${argument} --seeds ${seeds}`;
  return `reprise diff ${shortId(a.id)} ${shortId(b.id)}`;
}

/** The answer of a comparison for people (docs/compare.md): each metric, then what all of them rest on. */
export function compareText(document: CompareDocument, runs: Runs, look: Look): string {
  const { seeds, replays, made, metrics } = document;
  const lines = metrics.flatMap((metric) => [
    ...wrap(answer(metric, look), look.columns - 2).map((line, i) => (i === 0 ? line : `  ${line}`)),
    ...rowLines(metricRows(metric, document.paired), look),
  ]);
  const reused = [...replays.a, ...replays.b].filter((one) => one.reused).length;
  const rows: Row[] = [
    ...parameterRows(document),
    ["pairing", `${document.paired ? "paired" : "unpaired"}: ${safe(document.pairing)}`],
    ...failedRows(document),
    ["seeds", `derived from ${seeds.base}${seeds.argument === null ? "" : `, given by ${safe(seeds.argument)}`}`],
    [
      "replays",
      listed([`${made} made`, ...(reused > 0 ? [`${reused} of earlier questions`] : [])]) +
        `, ${duration(document.seconds)}`,
    ],
    ...document.notes.map((note): Row => ["note", safe(note)]),
    ...document.warnings.slice(0, 3).map((text): Row => ["warning", safe(text)]),
  ];
  return [...lines, ...rowLines(rows, look), `${look.colors.dim("next:")} ${next(document, runs)}`, ""].join("\n");
}
