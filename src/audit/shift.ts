import type { Cause, RunRecord, WhyDocument } from "#record";
import { ingredientsOf, type Mixture, mixAgain, mixReplay } from "#replay";
import type { AuditWord } from "./document.ts";
import { machineOf } from "./facts.ts";
import type { Golden } from "./golden/golden.ts";
import { judge, otherMachine, verdictOf } from "./judge.ts";
import { majority } from "./majority.ts";
import { readingOf } from "./measure.ts";
import { HELD, stopIfAsked, type Workplace } from "./training.ts";

/** What one training comes to by itself, in these results. */
export function wordOf(golden: Golden, made: RunRecord, names: ReadonlySet<string>): ReturnType<typeof verdictOf> {
  const items = judge(golden, [readingOf(made, golden.sources)], otherMachine(golden, machineOf(made.hardware)));
  const asked = items.filter(({ name }) => names.has(name));
  // That a training ends at all may be all that is asked.
  if (asked.length > 0 && asked.every(({ state }) => state === "within")) return { verdict: "within", reason: "" };
  return verdictOf(asked);
}

const isOf =
  ({ kind, file, line, name }: Cause) =>
  (one: Mixture["ingredients"][number]): boolean =>
    one.kind === kind && one.file === file && one.line === line && one.name === name;

/** What the trainings are held against. */
export interface Against {
  readonly golden: Golden;
  /** The results that have to be explained. */
  readonly outside: ReadonlySet<string>;
  readonly noisy: boolean;
}

/** The golden's code and data with this cause alone from the audited training: null where that could not be done. */
async function alone(
  cause: Cause,
  mixture: Mixture,
  { golden, outside, noisy }: Against,
  at: Workplace,
): Promise<AuditWord | null> {
  const own = mixture.ingredients.filter(isOf(cause));
  if (own.length === 0) return null;
  const choice = new Set(mixture.ingredients.filter((one) => !own.includes(one)));
  const [made] = await mixReplay(mixture, choice, {
    complete: true,
    ...(at.signal === undefined ? {} : { signal: at.signal }),
  });
  if (made?.run == null || made.outcome === "unresolved") return null;
  const first = at.store.runs.get(made.run);
  const word = (run: RunRecord): AuditWord => wordOf(golden, run, outside).verdict;
  return majority(word(first), noisy, async (turn) => {
    at.onProgress?.(`each cause by itself: training ${turn} of up to 3`);
    const again = await mixAgain(mixture, choice, HELD);
    stopIfAsked(at, typeof again === "string" ? null : again.run);
    if (typeof again === "string" || again.run === null || again.obstacle !== null) return null;
    // One that ends otherwise says nothing of results.
    return again.run.exitCode === first.exitCode ? word(again.run) : null;
  });
}

/**
 * A change of any bit is a cause of two trainings' parting. Which of several moves results out of the golden's noise: each
 * by itself, in the order of the causes.
 */
export async function shiftsOf(
  why: WhyDocument,
  [control, run]: readonly [RunRecord, RunRecord],
  asked: Against,
  at: Workplace,
): Promise<(AuditWord | null)[]> {
  if (why.causes.length < 2) return why.causes.map(() => "outside");
  at.onProgress?.("each cause by itself");
  const mixture = await ingredientsOf(control, run, at);
  const words: (AuditWord | null)[] = [];
  try {
    for (const cause of why.causes) words.push(await alone(cause, mixture, asked, at));
  } catch (error) {
    // Ctrl-C: what is known by then is told.
    if (at.signal?.aborted !== true) throw error;
  }
  return why.causes.map((_, i) => words[i] ?? null);
}
