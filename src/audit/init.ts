import { authorOf } from "#capture";
import { RepriseError, type RunRecord } from "#record";
import { namedOf } from "#run";
import { madeOf } from "./facts.ts";
import { FreshTrainings } from "./fresh.ts";
import { appendGolden, checkName, findGolden, goldenNames } from "./golden/folder.ts";
import { type Golden, type GoldenFile, stepsOf, type Tolerance } from "./golden/golden.ts";
import { type Measured, measuredOf, metricOf, type Reading, readingOf } from "./measure.ts";
import { ALARMS, CONFIDENCE, measuredTolerance, trainingsNeeded } from "./tolerance.ts";
import { type Recipe, train, type Workplace } from "./training.ts";

/** Where nobody says how many: so many show whether anything varies, and most metrics' noise. */
const LEAST = 10;
/** Whoever asks for fewer learns nothing of noise. */
const FEWEST = 3;

export interface MeasureOptions extends Workplace {
  readonly name: string;
  readonly reason: string;
  /** Trainings in all; as many as the tolerance needs when left out. */
  readonly replays?: number;
  /** Metrics that are judged; all when empty. */
  readonly metrics: readonly string[];
  /** What is trained, or the run that is the first training. */
  readonly from: Recipe | RunRecord;
  /** Tolerances that somebody has set, which stay. */
  readonly byHand?: Readonly<Record<string, Tolerance>>;
}

export interface Initiated {
  readonly file: GoldenFile;
  readonly golden: Golden;
  readonly runs: readonly RunRecord[];
  readonly warnings: readonly string[];
}

const isRun = (from: Recipe | RunRecord): from is RunRecord => "format" in from;

/** No golden where the training fails: an audit could only ever say that it still does. */
function checkEnd(run: RunRecord): void {
  if (run.exitCode === 0) return;
  const how = run.signal ?? (run.exitCode === null ? run.status : `exit code ${run.exitCode}`);
  throw new RepriseError(
    "AUDIT_TRAINING",
    "missing",
    `the training ended with ${how}: there is nothing to hold on to`,
    `reprise show ${run.id}`,
  );
}

function checkCommand(argv: readonly string[]): void {
  const marked = argv.find((word) => word.includes("<redacted:"));
  if (marked === undefined) return;
  const hint = "give the secret by an environment variable";
  throw new RepriseError(
    "AUDIT_COMMAND",
    "usage",
    `the command holds a secret, which a golden cannot keep: ${marked}`,
    hint,
  );
}

function checkMetrics(asked: readonly string[], { metrics }: Reading): void {
  const missing = asked.find((name) => !metrics.has(name));
  if (missing === undefined) return;
  const what = metrics.size === 0 ? "it reports none" : `it reports ${[...metrics.keys()].slice(0, 12).join(", ")}`;
  throw new RepriseError(
    "METRIC_UNKNOWN",
    "usage",
    `the training has no metric ${missing}: ${what}`,
    "reprise show RUN",
  );
}

/** The tolerances of all that varied; a number: so many trainings would be needed. */
function tolerancesOf({ varied }: Measured): Record<string, Tolerance> | number {
  const found = [...varied].map(([name, values]) => [name, measuredTolerance(values, varied.size)] as const);
  const needed = found.map(([, one]) => ("needed" in one ? one.needed : 0));
  if (Math.max(0, ...needed) > 0) return Math.max(...needed);
  return Object.fromEntries(found.flatMap(([name, one]) => ("tolerance" in one ? [[name, one.tolerance]] : [])));
}

interface Trained {
  readonly runs: readonly RunRecord[];
  readonly readings: readonly Reading[];
  /** Those that count. */
  readonly trainings: number;
  readonly measured: Measured;
  readonly tolerance: Record<string, Tolerance>;
}

/** Of the metrics that are held. */
function sourcesIn(readings: readonly Reading[], { varied, exact }: Measured): Record<string, string> {
  const told = [...(readings[0]?.sources ?? [])];
  return Object.fromEntries(
    told.filter(([name]) => varied.has(name) || exact.has(metricOf(name)) || exact.has(stepsOf(name))),
  );
}

async function trainAll(options: MeasureOptions): Promise<Trained> {
  const { from, name, replays, metrics } = options;
  options.onProgress?.("training 1, in this checkout");
  const first = isRun(from) ? from : await train(from, name, options);
  checkEnd(first);
  const runs = [first];
  checkMetrics(metrics, readingOf(first));
  const fresh = await FreshTrainings.beside(first, options);
  // What an earlier training left there may have had a part in the first one: it does not count then.
  const readings = fresh.dropped.length === 0 ? [readingOf(first)] : [];
  let wanted = replays ?? LEAST;
  for (;;) {
    while (readings.length < wanted) {
      const made = await fresh.train(`training ${readings.length + 1} of ${wanted}`);
      checkEnd(made);
      runs.push(made);
      readings.push(readingOf(made));
    }
    const measured = measuredOf(readings, metrics);
    const tolerance = tolerancesOf(measured);
    if (typeof tolerance !== "number") return { runs, readings, trainings: readings.length, measured, tolerance };
    const needed = Math.max(tolerance, trainingsNeeded(measured.varied.size));
    if (replays !== undefined || needed <= wanted)
      throw new RepriseError(
        "AUDIT_TOO_FEW",
        "usage",
        `${readings.length} trainings are too few to tell noise from a change in ${measured.varied.size} metrics: ${needed} are needed`,
        `reprise audit init ${name} --replays ${needed}, or fewer metrics: --metric NAME`,
      );
    wanted = needed;
  }
}

function warningsOf(golden: Golden, { measured }: Trained): string[] {
  const { commit, dirty, tolerance, exact } = golden;
  const metrics =
    Object.keys(tolerance).length + Object.keys(exact).filter((name) => name.startsWith(metricOf(""))).length;
  return [
    ...(commit === null ? ["the code is in no commit: what changes later can be told by file, not by line"] : []),
    ...(commit !== null && dirty
      ? [`made with changes that are not in commit ${commit.slice(0, 12)}: commit them and make it anew`]
      : []),
    ...(metrics === 0 ? ["the training reports no metric: only its exit code and equal outputs are held"] : []),
    ...(golden.command[0]?.startsWith("/") === true
      ? [`${golden.command[0]} is an absolute path: another machine may not have it`]
      : []),
    ...(measured.varied.size === 0
      ? [`nothing varied in ${golden.trainings} trainings: every result is held as it is`]
      : []),
  ];
}

/** As `--seed` takes it: a fresh one is drawn anew each time, a declared one is part of the recipe. */
function seedOf(run: RunRecord): string {
  const { mode, root } = run.seed;
  const named = Object.entries(namedOf(run).named ?? {}).map(([name, value]) => `${name}=${value}`);
  return [mode === "declared" ? (root ?? "off") : mode, ...named].join(",");
}

/** Trains until the noise of the metrics is known, and appends a golden to its file. Throws Stopped. */
export async function measureGolden(options: MeasureOptions): Promise<Initiated> {
  const { project, env, name, reason, from, replays } = options;
  checkName(name);
  if (replays !== undefined && replays < FEWEST)
    throw new RepriseError("AUDIT_TOO_FEW", "usage", `${replays} trainings show no noise`, `--replays ${LEAST}`);
  checkCommand(isRun(from) ? from.command.argv : from.command);
  const trained = await trainAll(options);
  const [first] = trained.runs as [RunRecord];
  const { measured } = trained;
  const golden: Omit<Golden, "before"> = {
    run: first.id,
    date: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
    by: (await authorOf(project, env)) ?? "unknown",
    reason,
    command: first.command.argv,
    workdir: first.command.workdir,
    seed: seedOf(first),
    deterministic: first.policy?.mode ?? "off",
    only: options.metrics,
    trainings: trained.trainings,
    seconds: Math.ceil(Math.max(...trained.runs.map(({ seconds }) => seconds)) * 10) / 10,
    alarms: ALARMS,
    confidence: CONFIDENCE,
    ...madeOf(first),
    sources: sourcesIn(trained.readings, measured),
    tolerance: { ...trained.tolerance, ...options.byHand },
    measured: Object.fromEntries(measured.varied),
    exact: Object.fromEntries(measured.exact),
    left: Object.fromEntries(measured.left),
  };
  const file = appendGolden(project, name, golden);
  const made = file.goldens.at(-1) as Golden;
  return { file, golden: made, runs: trained.runs, warnings: warningsOf(made, trained) };
}

/** A first golden. Throws GOLDEN_EXISTS. */
export async function initGolden(options: Omit<MeasureOptions, "reason" | "byHand">): Promise<Initiated> {
  const { project, name } = options;
  checkName(name);
  if (findGolden(project, name) !== null)
    throw new RepriseError(
      "GOLDEN_EXISTS",
      "missing",
      `there is a golden ${name} already (${goldenNames(project).join(", ")})`,
      `reprise audit accept ${name} --reason "..."`,
    );
  return measureGolden({ ...options, reason: "first golden" });
}
