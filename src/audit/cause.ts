import { rmSync } from "node:fs";
import {
  type CodeFacts,
  type Digest,
  type InputFile,
  isDigest,
  isUnknown,
  type Known,
  knownOr,
  RepriseError,
  type RunRecord,
  unknown,
  type WhyDocument,
} from "#record";
import { codeAt, controlReplay, type Replayed, whyPair } from "#replay";
import type { Changes } from "./changes.ts";
import type { AuditControl, AuditWord } from "./document.ts";
import type { Golden } from "./golden/golden.ts";
import { shiftsOf, wordOf } from "./shift.ts";
import type { Workplace } from "./training.ts";

/** Replays that finding and proving one guilty hunk takes: 6 of runs that last, 10 of short ones; several take more. */
const USUAL_REPLAYS = 15;
/** Nobody waits longer unasked. */
const UNASKED_SECONDS = 600;

export interface Asked {
  /** auto: where it is expected to end within ten minutes. */
  readonly why: "auto" | "yes" | "no";
  readonly budget?: { readonly replays?: number; readonly minutes?: number };
}

interface Question extends Asked {
  /** The results that have to be explained. */
  readonly outside: ReadonlySet<string>;
}

export interface Cause {
  readonly control: AuditControl | null;
  readonly why: WhyDocument | null;
  readonly shifts: readonly (AuditWord | null)[];
  readonly whyNot: string | null;
}

const none = (whyNot: string, control: AuditControl | null = null): Cause => ({
  control,
  why: null,
  shifts: [],
  whyNot,
});

/** The golden's own record, where this store has it: it kept what it read. */
function goldenRecord({ run }: Golden, { store }: Workplace): RunRecord | null {
  try {
    return store.runs.get(run);
  } catch (error) {
    if (error instanceof RepriseError) return null;
    throw error;
  }
}

function goldenCode(golden: Golden, commit: Known<string>, record: RunRecord | null, run: RunRecord): Known<CodeFacts> {
  if (golden.commit !== null && !golden.dirty && !isUnknown(commit)) return codeAt(run, commit);
  if (record !== null) return record.code;
  if (isUnknown(commit)) return commit;
  return unknown("the golden was made with changes that are in no commit, and its record is not in this store");
}

const digestsOf = ({ inputs }: Golden): Record<string, Digest> =>
  Object.fromEntries(Object.entries(inputs).flatMap(([path, digest]) => (isDigest(digest) ? [[path, digest]] : [])));

const THERE = "trained here under the same seed";

function controlOf(golden: Golden, made: RunRecord, what: string, outside: ReadonlySet<string>): AuditControl {
  const { verdict, reason } = wordOf(golden, made, outside);
  const words = {
    within: `the golden's ${what}, ${THERE}, are within: what changed in them is the cause`,
    outside: `the golden's ${what}, ${THERE}, are not within either (${reason}): the cause is not in them`,
    inconclusive: `the golden's ${what}, ${THERE}, could not be judged: ${reason}`,
  };
  return { run: made.id, verdict, words: words[verdict] };
}

interface Control {
  readonly made: Replayed;
  /** Of the golden: what was trained. */
  readonly what: string;
}

/** The golden's code and data trained here; where its data is not to be had any more, its code on the present data. */
async function trainControl(
  golden: Golden,
  run: RunRecord,
  code: CodeFacts,
  { changes }: Changes,
  at: Workplace,
): Promise<Control> {
  const has = (section: string): boolean => changes.some((change) => change.section === section);
  const record = goldenRecord(golden, at);
  const files = changes.flatMap(({ section, name }) => (section === "code" ? [name] : []));
  const kept: readonly InputFile[] = record === null ? [] : knownOr(record.inputs, []).filter(({ stored }) => stored);
  const state = { code, kept, files };
  at.onProgress?.("training the golden's code and data here, under the same seed");
  const made = await controlReplay({ ...at, run, state: { ...state, inputs: digestsOf(golden) }, keep: true });
  const gone = made.run === null && made.obstacle !== null;
  if (!gone || !has("code") || !has("data")) return { made, what: "code and data" };
  rmSync(made.folder, { recursive: true, force: true });
  at.onProgress?.("training the golden's code here on the present data, under the same seed");
  const again = await controlReplay({ ...at, run, state: { ...state, inputs: {} }, keep: true });
  return { made: again, what: "lines of code, on the present data (its own is not to be had)" };
}

/**
 * Why a training is outside: the golden's code and data are trained here under the same seed. Where that is within, code or
 * data are guilty, and mixing the two finds the smallest part of the change that is.
 */
export async function causeOf(
  golden: Golden,
  run: RunRecord,
  changed: Changes,
  { why, budget, outside }: Question,
  at: Workplace,
): Promise<Cause> {
  if (why === "no") return none("not asked");
  if (!changed.changes.some(({ section }) => section === "code" || section === "data"))
    return none("neither code nor data has changed since the golden, as far as it is known");
  const code = goldenCode(golden, changed.commit, goldenRecord(golden, at), run);
  if (isUnknown(code)) return none(code.unknown);
  const { made, what } = await trainControl(golden, run, code, changed, at);
  try {
    if (made.run === null || made.obstacle !== null)
      return none(`the golden's ${what} could not be trained here: ${made.obstacle ?? "no replay could be made"}`);
    const control = controlOf(golden, made.run, what, outside);
    if (control.verdict !== "within") return none(control.words, control);
    const seconds = USUAL_REPLAYS * (Math.max(golden.seconds, run.seconds) + 1);
    if (why === "auto" && seconds > UNASKED_SECONDS)
      return none(`finding the line takes about ${USUAL_REPLAYS} trainings: reprise audit run --why`, control);
    const document = await whyPair({
      ...at,
      a: made.run,
      b: run,
      budget: budget ?? { minutes: UNASKED_SECONDS / 60 },
    });
    const shifts = await shiftsOf(document, [made.run, run], golden, outside, at);
    return { control, why: document, shifts, whyNot: null };
  } finally {
    rmSync(made.folder, { recursive: true, force: true });
  }
}
