import { trackedFiles } from "#capture";
import { isUnknown, knownOr, RepriseError, type RunRecord } from "#record";
import { GOLDEN_FOLDER } from "./golden/folder.ts";
import { trainAgain, type Workplace } from "./training.ts";

/** A run as a fresh clone would have done it, and what lay in the checkout that a clone would not have. */
interface Clone {
  readonly run: RunRecord;
  readonly dropped: readonly string[];
}

/**
 * Without what is neither in git nor was seen to be read: results of earlier trainings decide names such as version_1, and a
 * checkpoint that lies there is gone on from. What the run read and wrote itself is such a one too.
 */
async function asClone(first: RunRecord, { project, env, store }: Workplace): Promise<Clone> {
  const { code, tree } = first;
  if (isUnknown(code) || code.kind !== "git" || code.commit === null || isUnknown(tree))
    return { run: first, dropped: [] };
  const tracked = await trackedFiles({ root: project, kind: "git" }, env);
  const written = new Set(knownOr(first.outputs, []).map(({ path }) => path));
  const inputs = knownOr(first.inputs, []).filter(
    ({ path, scope }) => scope !== "project" || tracked.has(path) || !written.has(path),
  );
  const read = new Set([...inputs.map(({ path }) => path), ...knownOr(first.modules, []).map(({ path }) => path)]);
  const stays = (path: string): boolean => tracked.has(path) || read.has(path) || path.startsWith(`${GOLDEN_FOLDER}/`);
  const lines = new TextDecoder()
    .decode(store.objects.read(tree.digest))
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => ({ line, folder: line.startsWith("d\t"), path: line.split("\t").slice(3).join("\t") }));
  const files = lines.filter(({ folder, path }) => !folder && stays(path)).map(({ path }) => path);
  const kept = lines.filter(({ folder, path }) =>
    folder ? files.some((file) => file.startsWith(`${path}/`)) : stays(path),
  );
  const dropped = lines.filter(({ folder, path }) => !folder && !stays(path)).map(({ path }) => path);
  if (dropped.length === 0) return { run: first, dropped };
  const digest = store.objects.put(kept.map(({ line }) => `${line}\n`).join(""));
  const run: RunRecord = {
    ...first,
    code: { ...code, untracked: code.untracked.filter(({ path }) => stays(path)) },
    ...(isUnknown(first.inputs) ? {} : { inputs }),
    tree: { digest, entries: kept.length },
  };
  return { run, dropped };
}

/** Trainings beside a first one, in folders as a fresh clone has them. */
export class FreshTrainings {
  #baseline: RunRecord;
  /** What lay in the checkout of the first training and may have had a part in it. */
  #dropped: readonly string[];

  private constructor(
    private readonly first: RunRecord,
    clone: Clone,
    private readonly at: Workplace,
  ) {
    this.#baseline = clone.run;
    this.#dropped = clone.dropped;
  }

  static async beside(first: RunRecord, at: Workplace): Promise<FreshTrainings> {
    return new FreshTrainings(first, await asClone(first, at), at);
  }

  get dropped(): readonly string[] {
    return this.#dropped;
  }

  /** Throws Stopped, AUDIT_TRAINING. */
  async train(words: string): Promise<RunRecord> {
    if (this.#dropped.length === 0) return trainAgain(this.#baseline, words, this.at);
    try {
      const made = await trainAgain(this.#baseline, words, this.at);
      if (made.exitCode === this.first.exitCode) return made;
    } catch (error) {
      if (!(error instanceof RepriseError) || error.code !== "AUDIT_TRAINING") throw error;
    }
    // It needs something of it, though it was not seen to read it.
    [this.#baseline, this.#dropped] = [this.first, []];
    return trainAgain(this.first, words, this.at);
  }
}
