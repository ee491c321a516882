import type { MetricNoise, Statistics, VerifyDocument } from "#record";
import { safe } from "../render/escape.ts";
import type { Row } from "../render/rows.ts";
import { brief, listed, plural } from "../render/words.ts";

const METRICS_SHOWN = 5;

const percent = (share: number): string => `${Number((share * 100).toPrecision(4))} %`;
const twoDigits = (value: number): string => String(Number(value.toPrecision(2)));

/** As many digits as the noise leaves any meaning to. */
function digits(value: number, noise: number): string {
  if (!Number.isFinite(noise) || noise === 0) return brief(value);
  const places = 1 - Math.floor(Math.log10(noise));
  return places < 0 || places > 12 ? brief(value) : value.toFixed(places);
}

const NAMES: Readonly<Record<MetricNoise["at"], string>> = { last: "", best: " (best)", count: " (number of values)" };

function metricText(noise: MetricNoise, { power }: Statistics): string {
  const name = safe(noise.name) + NAMES[noise.at];
  const { interval, baseline } = noise;
  if (interval === null || typeof baseline !== "number")
    return `${name} ${noise.baseline}: ${safe(noise.reason ?? noise.verdict)}`;
  const { low, high, sd, shift } = interval;
  const where = `${digits(low, sd)} … ${digits(high, sd)}`;
  const place = noise.verdict === "within" ? `lies in ${where}` : `lies outside ${where}`;
  const seen = `a shift of ${twoDigits(shift)} would be seen with ${percent(power)}`;
  return `${name} ${digits(baseline, sd / 10)} ${place}; ${seen}${noise.reason === null ? "" : ` (${safe(noise.reason)})`}`;
}

const RANK = { outside: 0, unknown: 1, within: 2, equal: 3 } as const;

/** What was measured of each metric, the most telling first. */
export function statisticsRows({ statistics }: Pick<VerifyDocument, "statistics">): Row[] {
  if (statistics === undefined) return [];
  const { metrics, confidence, each, measured, notJudged } = statistics;
  const noisy = metrics
    .filter((noise) => noise.verdict !== "equal")
    .toSorted((a, b) => RANK[a.verdict] - RANK[b.verdict]);
  const rows: Row[] = noisy
    .slice(0, METRICS_SHOWN)
    .map((noise, i): Row => [i === 0 ? "metrics" : "", metricText(noise, statistics)]);
  if (noisy.length > METRICS_SHOWN) rows.push(["", `and ${noisy.length - METRICS_SHOWN} more (--json has them)`]);
  const still = metrics.filter((noise) => noise.verdict === "equal" && noise.at !== "count").length;
  if (still > 0) rows.push(["equal", `${plural(still, "metric")} with the same value in every replay`]);
  if (noisy.some((noise) => noise.interval !== null)) {
    const shared = each === confidence ? "" : ` for all together, ${percent(each)} for each`;
    rows.push([
      "measured",
      `${plural(measured, "replay")} under fresh seeds, confidence ${percent(confidence)}${shared}`,
    ]);
  }
  if (notJudged.length > 0) rows.push(["not judged", `${listed(notJudged)}: this level judges metrics`]);
  return rows;
}

/** What to type where too few replays were measured. */
export function moreReplays({ statistics, claims, level, asked }: VerifyDocument, run: string): string | null {
  const needed = statistics?.needed ?? claims?.needed ?? null;
  return needed === null || level !== "none" ? null : `reprise verify ${run} --level ${asked} --replays ${needed}`;
}
