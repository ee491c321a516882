/** Loggers whose numbers the agent takes over, in the order in which a plain name is taken from one of them (docs/loggers.md). `reprise`: the program's own `reprise.metric`. */
export const LOGGERS = [
  "reprise",
  "mlflow",
  "wandb",
  "comet",
  "sacred",
  "tensorboard",
  "tensorboardX",
  "tensorflow",
  "lightning",
  "accelerate",
  "transformers",
  "keras",
  "xgboost",
  "lightgbm",
  "catboost",
  "tqdm",
] as const;

export type Logger = (typeof LOGGERS)[number];

/** Sources that only imported runs have. */
const FOREIGN_LOGGERS = ["dvc"] as const;
type ForeignLogger = (typeof FOREIGN_LOGGERS)[number];

/** One number that the program reported. `step` is an epoch or step where the line had one, else its ordinal is used. */
export interface MetricPoint {
  readonly step: number | null;
  /** NaN and infinities come from loggers only; in the text of a record they are strings. */
  readonly value: number;
}

export interface MetricSeries {
  readonly name: string;
  /** A stream, read line by line, or the logger that the program gave the numbers to. */
  readonly source: "stdout" | "stderr" | "file" | Logger | ForeignLogger;
  /** Of source "file": the output that has the numbers. It is compared as an output; they are no evidence beside it. */
  readonly file?: string;
  readonly points: readonly MetricPoint[];
  /** Measures time or speed by its name and unit: shown, never a reason for `differs`. */
  readonly timing: boolean;
  /** The line was drawn again and again (a progress bar): only its last state counts, and how many there were does not. */
  readonly redrawn: boolean;
  /** Lines no longer read for metrics, and points beyond the cap, counted but not kept. */
  readonly dropped: number;
  /** Digest of all that were not kept; absent where some of them were not seen. */
  readonly rest?: string;
}

/** Parsers of options and of configuration files whose results the agent takes over (docs/configuration.md). */
export const PARSERS = [
  "argparse",
  "simple-parsing",
  "HfArgumentParser",
  "tyro",
  "click",
  "typer",
  "fire",
  "absl",
  "hydra",
  "omegaconf",
  "gin",
  "dotenv",
] as const;

/** One parameter as one source has it: the command line, a file that the run read, a parser, a logger. */
export interface Param {
  readonly name: string;
  readonly value: string;
  /** "argument", "file", the parser or the logger. */
  readonly origin: string;
  /** How it got its value, where that is known: "command line", "default", "environment LR", "conf/adam.yaml:2", "call". */
  readonly from?: string;
}

const ORDER: readonly string[] = ["reprise", "stdout", ...LOGGERS.slice(1), ...FOREIGN_LOGGERS, "file", "stderr"];

/** Series in the order in which a plain name is taken from one: `reprise.metric`, standard output, loggers, files, standard error. */
export function byStanding(series: readonly MetricSeries[]): MetricSeries[] {
  return series.toSorted((a, b) => ORDER.indexOf(a.source) - ORDER.indexOf(b.source));
}

/** A metric that a logger got bears that logger's name: the same number may have been printed. */
export function seriesTitle({ name, source, file }: Pick<MetricSeries, "name" | "source" | "file">): string {
  if (file !== undefined) return `${name} (${file})`;
  return source === "stdout" || source === "stderr" ? name : `${name} (${source})`;
}

const isPlain = (value: number): boolean => Number.isFinite(value) && !Object.is(value, -0);

/** Numbers for which JSON has no form (NaN, infinities, the sign of zero) as text. */
export function writtenMetrics(metrics: readonly MetricSeries[]): unknown {
  return metrics.map((series) =>
    series.points.every(({ value }) => isPlain(value))
      ? series
      : {
          ...series,
          points: series.points.map(({ step, value }) => ({
            step,
            value: isPlain(value) ? value : Object.is(value, -0) ? "-0" : String(value),
          })),
        },
  );
}

/** What `writtenMetrics` wrote, as numbers. */
export function readMetrics(written: readonly MetricSeries[]): MetricSeries[] {
  return written.map((series) =>
    series.points.every(({ value }) => typeof value === "number")
      ? series
      : { ...series, points: series.points.map(({ step, value }) => ({ step, value: Number(value) })) },
  );
}
