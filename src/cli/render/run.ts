import { byStanding, type EntropySource, isUnknown, knownOr, type RunId, type RunRecord, type SeedMode } from "#record";
import type { Colors } from "../output.ts";
import { safe } from "./escape.ts";
import { wrap } from "./rows.ts";
import { displayWidth } from "./width.ts";
import { brief, duration, plural, shortId } from "./words.ts";

export interface Start {
  readonly id: RunId;
  readonly seed: {
    readonly mode: SeedMode;
    readonly root: string | null;
    readonly named?: Readonly<Record<string, number>>;
  };
  /** PYTHONHASHSEED comes from the root; the user did not set it. */
  readonly hashSeeded: boolean;
}

export interface LineLook {
  readonly colors: Colors;
  readonly columns: number;
}

/** The first of several wordings that fits on a line; the last if none does. */
function fitting(wordings: readonly string[], columns: number): string {
  return wordings.find((text) => displayWidth(`reprise: ${text}`) <= columns) ?? wordings.at(-1) ?? "";
}

function startWordings({ id, seed, hashSeeded }: Start): string[] {
  const run = `run ${shortId(id)}`;
  if (seed.mode === "off")
    return [
      `${run} · seed off: entropy is left alone, and a replay cannot hold it`,
      `${run} · seed off: entropy is left alone`,
    ];
  const named = Object.entries(seed.named ?? {})
    .map(([name, value]) => `, ${name}=${value}`)
    .join("");
  const seeded = `${hashSeeded ? "PYTHONHASHSEED, " : ""}random, numpy, torch`;
  if (seed.mode === "declared") {
    const declared = `${run} · seed ${seed.root ?? ""}${named} → ${seeded}`;
    return [
      `${declared} when imported · repeat: --seed ${(seed.root ?? "") + named.replaceAll(", ", ",")}`,
      `${declared} when imported`,
      declared,
    ];
  }
  const [fresh, again] = [
    `${run} · fresh seed ${(seed.root ?? "").slice(0, 8)}…${named}`,
    `repeat: reprise replay ${shortId(id)}`,
  ];
  return [`${fresh} → ${seeded} when imported · ${again}`, `${fresh} → ${seeded} · ${again}`, `${fresh} · ${again}`];
}

/** Before the child starts: which run, which seed, what it seeds, what to type to do it again. */
export function startLine(start: Start, { colors, columns }: LineLook): string {
  return `${colors.cyan("reprise:")} ${fitting(startWordings(start), columns)}\n`;
}

const STATUS: Readonly<Record<RunRecord["status"], (run: RunRecord) => string>> = {
  completed: () => "completed",
  failed: (run) => `failed with exit code ${run.exitCode ?? "?"}`,
  interrupted: (run) => `interrupted${run.signal === null ? "" : ` by ${run.signal}`}`,
  killed: (run) => `killed by ${run.signal ?? "a signal"}`,
  "not-started": () => "not started",
  unknown: (run) => `unknown how it ended: because ${run.imported?.unknown.status ?? "nobody said"}`,
};

export const statusText = (run: RunRecord): string => STATUS[run.status](run);

/** The generators that nobody seeded: what makes the next run another one. */
function unseeded(run: RunRecord): EntropySource[] {
  if (run.seed.mode === "declared") return [];
  return knownOr(run.entropy, []).filter((source) => source.kind === "generator" || source.kind === "global-generator");
}

/** "train.py:3"; in a notebook "train.ipynb cell 2:3", the third line of its second code cell. */
export const placeText = (file: string | null, line: number | null, cell?: number): string =>
  file === null ? "" : safe(`${file}${cell === undefined ? "" : ` cell ${cell}`}${line === null ? "" : `:${line}`}`);

/** A library whose own global generator is meant, not a call. */
export const isLibrary = (name: string): boolean =>
  /^(random|numpy\.random|torch(\.cuda)?|tensorflow|keras|jax)$/.test(name);

/** "default_rng()" of "numpy.random.default_rng". */
export const callText = (name: string): string =>
  isLibrary(name) || name.endsWith(")") || !name.includes(".")
    ? safe(name)
    : `${safe(name.slice(name.lastIndexOf(".") + 1))}()`;

const METRICS_SHOWN = 3;

function metricsText(run: RunRecord): string {
  // What was printed and given to loggers too is told once.
  const named = new Map(
    byStanding(run.metrics)
      .filter((item) => !item.timing && item.points.length > 0)
      .toReversed()
      .map((item) => [item.name, item]),
  );
  const series = run.metrics.filter((item) => named.get(item.name) === item);
  const shown = series
    .slice(0, METRICS_SHOWN)
    .map((item) => `${safe(item.name)} ${brief(item.points.at(-1)?.value ?? Number.NaN)}`);
  if (series.length > METRICS_SHOWN) shown.push(`+${series.length - METRICS_SHOWN} metrics`);
  return shown.join(", ");
}

/** Longer and shorter: "1 unseeded generator (train.py:27 default_rng())". */
function unseededTexts(run: RunRecord): string[] {
  const sources = unseeded(run);
  const place = sources.find((source) => source.file !== null) ?? sources[0];
  if (place === undefined) return [""];
  const [where, call] = [placeText(place.file, place.line, place.cell), callText(place.name)];
  const long = `${plural(sources.length, "unseeded generator")} (${where === "" ? call : `${where} ${call}`})`;
  return [long, `${sources.length} unseeded: ${where === "" ? call : where}`, `${sources.length} unseeded`];
}

function summaryWordings(run: RunRecord): string[] {
  const outputs = isUnknown(run.outputs) ? "outputs unknown" : plural(run.outputs.length, "output");
  const status = `${statusText(run)} in ${duration(run.seconds)}`;
  const line = (parts: readonly string[]): string => parts.filter((part) => part !== "").join(" · ");
  const metrics = metricsText(run);
  return [
    ...unseededTexts(run).map((text) => line([status, outputs, metrics, text])),
    line([status, outputs, metrics]),
    line([status, outputs]),
  ];
}

const WARNINGS_SHOWN = 3;
/** True of every run in CI, and a reason for nothing unless results differ: verify says it then. */
const QUIET = new Set(["stdin-pipe"]);
const WARNING = "reprise: warning: ".length;

/** After the child has ended: how it went, and what is worth knowing about the record. */
export function summaryText(run: RunRecord, { colors, columns }: LineLook): string {
  const text = fitting(summaryWordings(run), columns);
  const status = statusText(run);
  const painted = run.status === "completed" ? text : colors.red(status) + text.slice(status.length);
  const told = run.warnings.filter(({ code }) => !QUIET.has(code));
  const warnings = told
    .slice(0, WARNINGS_SHOWN)
    .map(
      ({ message }) => `${colors.yellow("reprise: warning:")} ${wrap(safe(message), columns - WARNING).join("\n  ")}\n`,
    );
  const more = told.length - WARNINGS_SHOWN;
  if (more > 0)
    warnings.push(`${colors.yellow("reprise:")} ${plural(more, "more warning")}: reprise show ${shortId(run.id)}\n`);
  return `${colors.cyan("reprise:")} ${painted}\n${warnings.join("")}`;
}
