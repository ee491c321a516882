import type { GuardReport } from "#data";
import { RepriseError } from "#record";
import type { Context } from "../context.ts";
import { type Place, withStore } from "../place.ts";
import { plural, shortId } from "../render/words.ts";

/** Of data that has not changed, as far as that can be told. */
function wordsOf({ run, same, findings }: GuardReport): string {
  const nothing = "there is nothing to hold its data against";
  if (run === null) return `no earlier run of this command: ${nothing}`;
  if (same === null) return `what run ${shortId(run.id)} read is not known: ${nothing}`;
  const open = findings.length === 0 ? "" : `; what it read of ${findings.length} more is not known`;
  return `${plural(same, "input")} as run ${shortId(run.id)} read them${open}`;
}

/** Before a run: is what the last run of this command read still as it was? Throws DATA_CHANGED. */
export async function guard(
  place: Place,
  argv: readonly string[],
  quiet: boolean,
  { env, err }: Context,
): Promise<void> {
  const { guardData, requireSameData } = await import("#data");
  try {
    const report = await withStore(place, {}, (store) => guardData(store, { project: place.project, argv, env }));
    requireSameData(report);
    if (quiet) return;
    err.write(`reprise: ${wordsOf(report)}\n`);
  } catch (error) {
    // The first run of a project: there is nothing to hold its data against.
    if (!(error instanceof RepriseError) || error.code !== "STORE_MISSING") throw error;
  }
}
