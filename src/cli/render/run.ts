import { type EntropySource, isUnknown, knownOr, type RunId, type RunRecord, type SeedMode } from "#record";
import type { Colors } from "../output.ts";
import { safe } from "./escape.ts";
import { brief, duration, plural, shortId } from "./words.ts";

export interface Start {
  readonly id: RunId;
  readonly seed: { readonly mode: SeedMode; readonly root: string | null };
  /** PYTHONHASHSEED comes from the root; the user did not set it. */
  readonly hashSeeded: boolean;
}

/** Before the child starts: which run, which seed, what it seeds, what to type to do it again. */
export function startLine({ id, seed, hashSeeded }: Start, colors: Colors): string {
  const head = `${colors.cyan("reprise:")} run ${colors.bold(shortId(id))}`;
  if (seed.mode === "off") return `${head} · seed off: entropy is left alone, and a replay cannot hold it\n`;
  const seeded = `${hashSeeded ? "PYTHONHASHSEED, " : ""}random, numpy, torch when imported`;
  const [which, again] =
    seed.mode === "fresh"
      ? [`fresh seed ${(seed.root ?? "").slice(0, 8)}…`, `reprise replay ${shortId(id)}`]
      : [`seed ${seed.root ?? ""}`, `--seed ${seed.root ?? ""}`];
  return `${head} · ${which} → ${seeded} · repeat: ${again}\n`;
}

const STATUS: Readonly<Record<RunRecord["status"], (run: RunRecord) => string>> = {
  completed: () => "completed",
  failed: (run) => `failed with exit code ${run.exitCode ?? "?"}`,
  interrupted: (run) => `interrupted${run.signal === null ? "" : ` by ${run.signal}`}`,
  killed: (run) => `killed by ${run.signal ?? "a signal"}`,
  "not-started": () => "not started",
};

export const statusText = (run: RunRecord): string => STATUS[run.status](run);

/** The generators that nobody seeded: what makes the next run another one. */
export function unseeded(run: RunRecord): EntropySource[] {
  if (run.seed.mode === "declared") return [];
  return knownOr(run.entropy, []).filter((source) => source.kind === "generator" || source.kind === "global-generator");
}

export const placeText = (file: string | null, line: number | null): string =>
  file === null ? "" : safe(line === null ? file : `${file}:${line}`);

/** "default_rng()" of "numpy.random.default_rng". */
export const callText = (name: string): string =>
  name.includes(".") ? `${safe(name.slice(name.lastIndexOf(".") + 1))}()` : safe(name);

const METRICS_SHOWN = 3;

function metricsText(run: RunRecord): string[] {
  const series = run.metrics.filter((item) => !item.timing && item.points.length > 0);
  const shown = series
    .slice(0, METRICS_SHOWN)
    .map((item) => `${safe(item.name)} ${brief(item.points.at(-1)?.value ?? Number.NaN)}`);
  if (series.length > METRICS_SHOWN) shown.push(`+${series.length - METRICS_SHOWN} metrics`);
  return shown.length === 0 ? [] : [shown.join(", ")];
}

function unseededText(run: RunRecord): string[] {
  const sources = unseeded(run);
  const [first] = sources;
  if (first === undefined) return [];
  const place = sources.find((source) => source.file !== null) ?? first;
  const where = [placeText(place.file, place.line), callText(place.name)].filter((word) => word !== "").join(" ");
  return [`${plural(sources.length, "unseeded generator")} (${where})`];
}

const WARNINGS_SHOWN = 3;

/** After the child has ended: how it went, and what is worth knowing about the record. */
export function summaryText(run: RunRecord, colors: Colors): string {
  const outputs = isUnknown(run.outputs) ? "outputs unknown" : plural(run.outputs.length, "output");
  const good = run.status === "completed";
  const status = good ? statusText(run) : colors.red(statusText(run));
  const parts = [`${status} in ${duration(run.seconds)}`, outputs, ...metricsText(run), ...unseededText(run)];
  const head = `${colors.cyan("reprise:")} run ${colors.bold(shortId(run.id))} ${parts.join(" · ")}\n`;
  const warnings = run.warnings
    .slice(0, WARNINGS_SHOWN)
    .map(({ message }) => `${colors.yellow("reprise: warning:")} ${safe(message)}\n`);
  const more = run.warnings.length - WARNINGS_SHOWN;
  if (more > 0)
    warnings.push(`${colors.yellow("reprise:")} ${plural(more, "more warning")}: reprise show ${shortId(run.id)}\n`);
  return head + warnings.join("");
}
