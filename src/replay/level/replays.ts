import type { CauseKind, Evidence, RunRecord } from "#record";
import { type Factor, factorsOf } from "../factor.ts";
import { type Trial, Trials, type TrialsOptions } from "../trial.ts";
import { mayAgain, mostReplays } from "../vary/varied.ts";

export interface LevelOptions extends TrialsOptions {
  readonly vary: "default" | "none";
  readonly hold: readonly CauseKind[];
  readonly replays?: number;
}

/** Replays of a run, each to its end, under fresh root seeds: what was drawn by the recipe alone. */
export interface Measured {
  readonly v: Trials;
  readonly free: readonly Factor[];
  /** Those that ended by themselves. */
  readonly runs: readonly RunRecord[];
  readonly last: Trial | null;
  /** Why a replay could not be made or shows nothing. */
  readonly obstacle: string | null;
  /** Every replay has every result of the record, bit for bit or by content. */
  readonly same: boolean;
  readonly spent: number;
}

/** So many are made when nothing else is asked for: a shift of 3.3 deviations is seen in four of five cases. */
const USUAL = 10;

const withoutNumbers = (line: string): string => line.replace(/\d[\d.,e+-]*/gi, "#");

/**
 * Of two runs that failed with one exit code: whether they did not fail alike. Numbers in the message follow the seed, its words
 * do not: what was measured before a run broke for another reason says nothing of the one that is asked about.
 */
function failedOtherwise(record: RunRecord, run: RunRecord, evidence: readonly Evidence[]): string | null {
  if (record.status !== "failed" || run.exitCode !== record.exitCode || run.signal !== record.signal) return null;
  const said = evidence.find(({ kind, name, agree }) => kind === "stdout" && name.startsWith("stderr") && !agree);
  if (said === undefined) return null;
  if (said.unseen !== undefined)
    return `the run failed, and whether a replay failed alike is not known: ${said.unseen}`;
  const [mine, other] = [String(said.a ?? ""), String(said.b ?? "")];
  if (withoutNumbers(mine) === withoutNumbers(other)) return null;
  return `the run failed with "${mine.trim()}", a replay with "${other.trim()}": not alike`;
}

/** Asked after every replay: how many there have to be in all. */
type Wanted = (runs: readonly RunRecord[]) => number;

/**
 * Does a run again under fresh root seeds, as often as is asked or needed. Fresh memory is left as it comes: filled, it would
 * be a noise that no run of its own has. A run that comes out the same each time is left as soon as that costs too much, and is
 * done once with filled memory: that replay is none of those that are measured.
 */
export async function measureReplays(options: LevelOptions, wanted: Wanted = () => USUAL): Promise<Measured> {
  const v = new Trials({ ...options, complete: true, anyHashSeed: true });
  const all = factorsOf(options.baseline, v.events);
  const isFixed = ({ kind }: Factor): boolean => kind === "uninitialised-memory" || options.hold.includes(kind);
  const fixed = all.filter((factor) => options.vary === "none" || isFixed(factor));
  const asked = fixed.filter(({ kind }) => options.vary === "none" || options.hold.includes(kind));
  const others = (held: readonly Factor[]): Factor[] => all.filter((factor) => !held.includes(factor));
  const trials: Trial[] = [];
  const runs: RunRecord[] = [];
  let filled: Trial | null = null;
  const isSame = (): boolean =>
    [...trials, ...(filled === null ? [] : [filled])].every(({ likeness }) => likeness === "same");
  for (;;) {
    const same = isSame();
    // What comes out the same is told as numerical, which is said of filled memory only.
    if (same && trials.length === 1 && filled === null && asked.length < fixed.length) {
      filled = await v.try(all, asked, "the same; once more with fresh memory filled");
      continue;
    }
    const most = options.replays ?? (same && trials.length > 0 ? mostReplays : wanted(runs));
    if (trials.length >= most) break;
    const each = v.seconds / Math.max(1, trials.length);
    if (options.replays === undefined && same && trials.length > 0 && !mayAgain(trials.length, v.seconds, each)) break;
    const trial = await v.try(all, fixed, `replay ${trials.length + 1} of ${most} under fresh seeds`);
    trials.push(trial);
    const { run, obstacle } = trial.replayed;
    if (run === null || obstacle !== null)
      return {
        v,
        free: others(fixed),
        runs,
        last: trial,
        obstacle: obstacle ?? "no replay could be made",
        same: false,
        spent: v.seconds,
      };
    const otherwise = failedOtherwise(options.baseline, run, trial.evidence ?? []);
    if (otherwise !== null)
      return { v, free: others(fixed), runs, last: trial, obstacle: otherwise, same: false, spent: v.seconds };
    runs.push(run);
  }
  const same = trials.length > 0 && isSame();
  const free = others(same ? asked : fixed);
  return { v, free, runs, last: trials.at(-1) ?? null, obstacle: null, same, spent: v.seconds };
}
