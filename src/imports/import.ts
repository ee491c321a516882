import { createRedactor } from "#capture";
import { type ForeignTool, RepriseError, type RunId, type RunRecord } from "#record";
import type { Store } from "#store";
import { dvcRuns } from "./dvc.ts";
import { existing } from "./folder.ts";
import type { ForeignRun } from "./foreign.ts";
import { mlflowRuns } from "./mlflow.ts";
import { recordOf } from "./record.ts";
import { sacredRuns } from "./sacred.ts";
import { tensorboardRuns } from "./tensorboard.ts";
import { wandbRuns } from "./wandb.ts";

export interface ImportRequest {
  readonly tool: ForeignTool;
  /** A folder of the tool, or one of its files. */
  readonly path: string;
  readonly cwd: string;
  readonly store: Store;
  readonly env: Readonly<Record<string, string>>;
  readonly version: string;
  /** A tag for all of them. */
  readonly into?: string;
}

export interface Imported {
  readonly id: RunId;
  readonly foreign: string;
  readonly name: string | null;
  /** new: it is in the store now. known: it was there. changed: it was, and its folder says more by now. */
  readonly state: "new" | "known" | "changed";
}

const READERS: Readonly<Record<ForeignTool, (path: string) => ForeignRun[]>> = {
  mlflow: mlflowRuns,
  wandb: wandbRuns,
  tensorboard: tensorboardRuns,
  dvc: dvcRuns,
  sacred: sacredRuns,
};

function stored(store: Store, id: RunId): RunRecord | null {
  try {
    return store.runs.get(id);
  } catch (error) {
    if (error instanceof RepriseError && error.code === "RUN_UNKNOWN") return null;
    throw error;
  }
}

/**
 * Reads every run below a folder of another tool, and keeps those that the store does not have. All are read before the first
 * is kept: a folder that holds something malformed adds nothing.
 */
export function importRuns({ tool, path, cwd, store, env, version, into }: ImportRequest): Imported[] {
  const found = READERS[tool](existing(path, cwd));
  const redactor = createRedactor({ env });
  const batch = store.objects.batch();
  try {
    const made = found.map((run) => ({
      run,
      record: recordOf(run, { store, batch, redactor, version, experiment: into ?? null }),
    }));
    const unique = [...new Map(made.map((one) => [one.record.id, one])).values()];
    const known = new Map(unique.map(({ record }) => [record.id, stored(store, record.id)]));
    batch.flush();
    return unique.map(({ run, record }): Imported => {
      const before = known.get(record.id) ?? null;
      const told = { id: record.id, foreign: run.id, name: record.name };
      if (before === null) store.runs.commit(record);
      return { ...told, state: before === null ? "new" : same(before, record) ? "known" : "changed" };
    });
  } finally {
    batch.abort();
  }
}

const same = (a: RunRecord, b: RunRecord): boolean => a.imported?.digest === b.imported?.digest;
