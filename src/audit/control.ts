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
} from "#record";
import { codeAt, controlReplay, type Replayed } from "#replay";
import type { Changes } from "./changes.ts";
import type { AuditControl, AuditWord } from "./document.ts";
import type { Golden } from "./golden/golden.ts";
import { majority } from "./majority.ts";
import { wordOf } from "./shift.ts";
import { trainAgain, type Workplace } from "./training.ts";

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

interface Trained {
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
): Promise<Trained> {
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

export interface Question {
  readonly golden: Golden;
  readonly run: RunRecord;
  readonly changed: Changes;
  /** The results that have to be explained. */
  readonly outside: ReadonlySet<string>;
  /** More than one training was audited: chance was to be told apart. */
  readonly noisy: boolean;
}

interface Deciding {
  readonly control: AuditControl;
  readonly made: RunRecord;
  /** Under the audited training's seed it was outside, and two more were not. */
  readonly byChance: boolean;
}

/** null: it cannot be, and the first one was within, which is then all that is known. Throws AUDIT_TRAINING, Stopped. */
async function controlAgain(run: RunRecord, first: AuditWord, turn: number, at: Workplace): Promise<RunRecord | null> {
  try {
    const made = await trainAgain(run, `training the golden's code and data here: ${turn} of up to 3`, at);
    // One that ends otherwise in a fresh folder says nothing of results.
    return first === "within" && made.exitCode !== run.exitCode ? null : made;
  } catch (error) {
    if (first === "within" && error instanceof RepriseError && error.code === "AUDIT_TRAINING") return null;
    throw error;
  }
}

/** Two of three trainings decide what the golden's code and data come to here. Throws AUDIT_TRAINING. */
async function decide({ golden, outside, noisy }: Question, { made, what }: Trained, at: Workplace): Promise<Deciding> {
  const run = made.run as RunRecord;
  const control = controlOf(golden, run, what, outside);
  const { verdict: first } = control;
  let last = control;
  const verdict = await majority(first, noisy, async (turn) => {
    const again = await controlAgain(run, first, turn, at);
    if (again !== null) last = controlOf(golden, again, what, outside);
    return again === null ? null : last.verdict;
  });
  if (verdict === first) return { control, made: run, byChance: false };
  if (verdict === "inconclusive") return { control: last, made: run, byChance: false };
  const times = `the golden's ${what}, trained here three times,`;
  const words =
    verdict === "within"
      ? `${times} are within in two: what changed in them is the cause`
      : `${times} are within in one only: the cause is not in them`;
  return { control: { run: run.id, verdict, words }, made: run, byChance: verdict === "within" };
}

/**
 * Trains what the golden was made of under the seed of the audited training, and gives what that says to `use` while the
 * control's folder is there; a text says why nothing could be said. Throws Stopped.
 */
export async function withControl<T>(
  question: Question,
  at: Workplace,
  use: (deciding: Deciding) => Promise<T>,
): Promise<T | string> {
  const { golden, run, changed } = question;
  const code = goldenCode(golden, changed.commit, goldenRecord(golden, at), run);
  if (isUnknown(code)) return code.unknown;
  const trained = await trainControl(golden, run, code, changed, at);
  const { made, what } = trained;
  try {
    if (made.run === null || made.obstacle !== null)
      return `the golden's ${what} could not be trained here: ${made.obstacle ?? "no replay could be made"}`;
    const deciding = await decide(question, trained, at);
    return await use(deciding);
  } catch (error) {
    if (error instanceof RepriseError && error.code === "AUDIT_TRAINING") return error.message;
    throw error;
  } finally {
    rmSync(made.folder, { recursive: true, force: true });
  }
}
