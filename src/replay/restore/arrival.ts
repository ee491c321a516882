import { isAbsolute, join } from "node:path";
import { isUnknown, type Json, type OriginFact, RepriseError, type RunRecord, TRUSTED_FACT } from "#record";
import { originOf, type RunRef, type Store } from "#store";
import type { ReplayFolder } from "./folder.ts";

/**
 * A run as it can be done again here: the code of one that came from elsewhere is what came along with it, and inputs
 * count as kept where their content did. The record itself stays as it is.
 */
export function runHere(store: Store, ref: RunRef): RunRecord {
  const record = store.runs.get(ref);
  const origin = originOf(store, record.id);
  if (origin === null) return record;
  const inputs = isUnknown(record.inputs)
    ? record.inputs
    : record.inputs.map((input) =>
        input.stored || isUnknown(input.digest) ? input : { ...input, stored: store.objects.has(input.digest) },
      );
  return { ...record, inputs, code: origin.code?.snapshot ?? record.code };
}

/** Whether its command may be started here: it was recorded here, or the user has allowed it. */
export function isAllowed(store: Store, run: RunRecord): boolean {
  return originOf(store, run.id) === null || store.runs.facts(run.id, TRUSTED_FACT).length > 0;
}

/** Kept with the run: it is asked once, for neither the run nor its command ever changes. */
export function allow(store: Store, run: RunRecord): void {
  const value: Json = { command: run.command.argv };
  if (!isAllowed(store, run)) store.runs.addFact(run.id, TRUSTED_FACT, value);
}

/** What others recorded is started only once the user has seen its command. Throws RUN_FOREIGN. */
export function requireAllowed(store: Store, run: RunRecord): void {
  if (isAllowed(store, run)) return;
  throw new RepriseError(
    "RUN_FOREIGN",
    "usage",
    `the run ${run.id} came from elsewhere, and nobody has allowed its command here: ${run.command.argv.join(" ")}`,
    `reprise verify ${run.id} --yes`,
  );
}

/** Where the recorded user's own folder is in a replay: one of its own, so that nothing of the present user's is touched. */
export interface Home {
  readonly recorded: string;
  readonly fresh: string;
}

export function recordedHome(run: RunRecord): string | null {
  const fact = run.variables.find(({ name }) => name === "HOME");
  return fact !== undefined && "value" in fact && fact.value !== "/" && isAbsolute(fact.value) ? fact.value : null;
}

/** null: the run was recorded here, and has the home that it had. */
export function homeOf(run: RunRecord, folder: Pick<ReplayFolder, "base">, origin: OriginFact | null): Home | null {
  const recorded = origin === null ? null : recordedHome(run);
  return recorded === null ? null : { recorded, fresh: join(folder.base, "home") };
}
