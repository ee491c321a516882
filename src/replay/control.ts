import {
  type CodeFacts,
  type Digest,
  type InputFile,
  isUnknown,
  type Known,
  knownOr,
  type RunRecord,
  unknown,
} from "#record";
import type { Store } from "#store";
import { factorsOf } from "./factor.ts";
import { eventsOf, type Replayed, type ReplayOptions, replay } from "./replay.ts";
import { drawConditions } from "./vary/conditions.ts";

/** Code and data of another state of a run's project. */
interface EarlierState {
  readonly code: CodeFacts;
  /** By path in the project; what is not named is as the run read it. */
  readonly inputs: Readonly<Record<string, Digest>>;
  /** Contents of these are in the store. */
  readonly kept: readonly InputFile[];
  /** Files that are other ones in that code, which brings them along. */
  readonly files: readonly string[];
}

export interface ControlOptions extends Pick<ReplayOptions, "version" | "env" | "keep"> {
  readonly run: RunRecord;
  readonly state: EarlierState;
  readonly store: Store;
}

/** The code of a run's project as it was in a commit; what lies beside it is as it is. Unknown where there is no git. */
export function codeAt(run: RunRecord, commit: string): Known<CodeFacts> {
  const { code } = run;
  if (isUnknown(code)) return code;
  if (code.kind !== "git") return unknown("the code is in no git repository");
  if (code.submodules.length > 0) return unknown("the code has submodules, whose earlier state is not known");
  const { diff: _diff, staged: _staged, ...rest } = code;
  return { ...rest, commit, branch: unknown("an earlier commit"), dirty: false };
}

function inputsOf(run: RunRecord, { inputs, kept, files }: EarlierState): InputFile[] {
  const own = knownOr(run.inputs, []).filter(({ path, scope }) => scope !== "project" || !files.includes(path));
  const before = new Map(kept.map((file) => [file.path, file]));
  return own.map((file) => {
    const digest = file.scope === "project" ? inputs[file.path] : undefined;
    if (digest === undefined || digest === file.digest) return file;
    return before.get(file.path) ?? { ...file, digest, bytes: unknown("not known"), stored: false };
  });
}

/**
 * A run done again as recorded, seed and all, but with code and data of an earlier state: what is different then comes from
 * them alone.
 */
export function controlReplay({ run, state, store, version, env, keep }: ControlOptions): Promise<Replayed> {
  const events = eventsOf(run, store);
  const factors = factorsOf(run, events);
  const baseline: RunRecord = { ...run, code: state.code, inputs: inputsOf(run, state) };
  return replay({
    baseline,
    store,
    version,
    env,
    conditions: drawConditions({ run, events, factors, held: factors }),
    varied: [],
    held: [...new Set(factors.map(({ kind }) => kind))],
    ...(keep === undefined ? {} : { keep }),
  });
}
