import { isUnknown, type Json, RepriseError, type RunRecord } from "#record";
import { type Asked, type Cause, causeOf } from "./cause.ts";
import { changesSince } from "./changes.ts";
import { AUDIT_FORMAT, type AuditDocument, type AuditItem } from "./document.ts";
import { machineOf } from "./facts.ts";
import { FreshTrainings } from "./fresh.ts";
import { loadGolden } from "./golden/folder.ts";
import type { Golden } from "./golden/golden.ts";
import { judge, MOST_TRAININGS, otherMachine, verdictOf } from "./judge.ts";
import { metricOf, type Reading, readingOf } from "./measure.ts";
import { checkTolerances } from "./tolerance.ts";
import { train, type Workplace } from "./training.ts";

export interface AuditOptions extends Workplace, Asked {
  readonly name: string;
}

/** Kind of the fact on a training under which its audit is kept. */
export const AUDIT_FACT = "audit";

interface Judged {
  readonly runs: readonly RunRecord[];
  readonly items: readonly AuditItem[];
  /** Why it could not be trained again where that was needed. */
  readonly obstacle: string | null;
  /** Why the first training does not count. */
  readonly aside: string | null;
}

const MOST_WORDS = 200;

/** What a training that failed said last: of Python the exception and its message. */
function lastWords(run: RunRecord, { store }: Workplace): string | null {
  if (run.exitCode === 0) return null;
  const unstarted = run.warnings.find(({ code }) => code === "not-started")?.message;
  if (unstarted !== undefined || isUnknown(run.stderr)) return unstarted ?? null;
  const text = Buffer.from(store.objects.read(run.stderr.digest)).toString("utf8").trimEnd();
  return text === "" ? null : (text.split("\n").at(-1) ?? "").trim().slice(0, MOST_WORDS);
}

/** One more training; a text says why there is none. One that ends otherwise in a fresh folder says nothing of results. */
async function confirm(
  first: RunRecord,
  fresh: FreshTrainings,
  words: string,
  options: AuditOptions,
): Promise<RunRecord | string> {
  try {
    const made = await fresh.train(words);
    if (made.exitCode === first.exitCode) return made;
    return `done again in a fresh folder it ended with ${made.signal ?? `exit code ${made.exitCode}`}: ${lastWords(made, options) ?? "it said nothing"}`;
  } catch (error) {
    if (error instanceof RepriseError && error.code === "AUDIT_TRAINING") return error.message;
    throw error;
  }
}

/** Trains once; where something is outside, again until two of three agree. A training that fails needs no second one. */
async function trainings(golden: Golden, name: string, options: AuditOptions): Promise<Judged> {
  options.onProgress?.(`training ${name} in this checkout`);
  const first = await train(golden, name, options);
  const machine = otherMachine(golden, machineOf(first.hardware));
  const runs = [first];
  let readings: Reading[] = [readingOf(first, golden.sources)];
  let items = judge(golden, readings, machine);
  const undecided = (): boolean => items.some(({ state }) => state === "undecided");
  if (first.exitCode !== 0 || !undecided()) return { runs, items, obstacle: null, aside: null };
  const fresh = await FreshTrainings.beside(first, options);
  let aside: string | null = null;
  while (undecided()) {
    const words = `outside: training ${runs.length + 1} of up to ${MOST_TRAININGS}`;
    const made = await confirm(first, fresh, words, options);
    if (typeof made === "string") return { runs, items, obstacle: made, aside };
    runs.push(made);
    const seen = readingOf(made, golden.sources);
    const alone = judge(golden, [seen], machine);
    // What lay in the checkout made the difference: without it nothing is outside.
    if (runs.length === 2 && fresh.dropped.length > 0 && !alone.some(({ state }) => state === "undecided")) {
      aside = asideWords(fresh.dropped);
      readings = [seen];
    } else readings.push(seen);
    items = judge(golden, readings, machine);
  }
  return { runs, items, obstacle: null, aside };
}

const asideWords = (dropped: readonly string[]): string =>
  `training 1 was outside beside files that no fresh clone has (${dropped[0]}${dropped.length > 1 ? ` and ${dropped.length - 1} more` : ""}): it does not count`;

function freshMetrics(golden: Golden, run: RunRecord): string[] {
  const known = (name: string): boolean =>
    name in golden.tolerance || metricOf(name) in golden.exact || metricOf(name) in golden.left;
  return [...readingOf(run, golden.sources).metrics.keys()].filter((name) => !known(name));
}

const namesOutside = (items: readonly AuditItem[]): ReadonlySet<string> =>
  new Set(items.flatMap(({ name, state }) => (state === "outside" ? [name] : [])));

const NOTHING: Cause = { control: null, why: null, shifts: [], whyNot: null };

/**
 * Trains what a golden pins from the present checkout and says whether its results are as the golden allows; where not,
 * what has changed since and why. The answer is kept as a fact of the first training. Throws Stopped.
 */
export async function runAudit(options: AuditOptions): Promise<AuditDocument> {
  const { project, name, store, env } = options;
  const from = performance.now();
  const startedAt = new Date().toISOString();
  const file = loadGolden(project, name);
  checkTolerances(file);
  const golden = file.goldens.at(-1) as Golden;
  const { runs, items, obstacle, aside } = await trainings(golden, name, options);
  const [first] = runs as [RunRecord];
  const judged = verdictOf(items);
  const said = lastWords(first, options);
  // One training outside is no answer where two of three decide.
  const { verdict, reason } =
    obstacle === null
      ? { ...judged, reason: said === null ? judged.reason : `${judged.reason}; it said: ${said}` }
      : ({ verdict: "inconclusive", reason: `${judged.reason} in one training; ${obstacle}` } as const);
  const changes = await changesSince(golden, file.path, first, env);
  const cause =
    verdict === "outside"
      ? await causeOf(
          { golden, run: first, changed: changes, outside: namesOutside(items), noisy: runs.length > 1 },
          options,
          options,
        )
      : NOTHING;
  const { run, date, by, reason: accepted, commit, trainings: count, alarms, confidence } = golden;
  const document: AuditDocument = {
    format: AUDIT_FORMAT,
    name,
    file: file.path,
    golden: { run, date, by, reason: accepted, commit, trainings: count, alarms, confidence },
    verdict,
    reason,
    trainings: runs.map(({ id }) => id),
    items,
    left: golden.left,
    fresh: freshMetrics(golden, first),
    changes: changes.changes,
    unknown: changes.unknown,
    aside,
    ...cause,
    startedAt,
    seconds: (performance.now() - from) / 1000,
  };
  // Plain data; the type only lacks the index signature of Json.
  store.runs.addFact(first.id, AUDIT_FACT, document as unknown as Json);
  return document;
}
