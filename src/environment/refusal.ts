import { RepriseError, type RunRecord } from "#record";

/** Something that cannot be had here. `needed`: the run used it, so that without it the environment is another one. */
export interface Lacking {
  readonly name: string;
  readonly why: string;
  readonly needed: boolean;
}

/** Said before anything is built: what cannot be had, all of it, and what would differ without it. */
export function unavailable(run: RunRecord, lacking: readonly Lacking[]): RepriseError {
  const needed = lacking.filter((item) => item.needed);
  const [shown, more] = [needed.slice(0, 8), needed.length - 8];
  const words = shown.map(({ name, why }) => `${name}: ${why}`).join("; ");
  return new RepriseError(
    "ENVIRONMENT_UNAVAILABLE",
    "missing",
    `the environment of run ${run.id} cannot be had here: ${words}${more > 0 ? `; and ${more} more` : ""}`,
    `reprise env check ${run.id}, or reprise replay ${run.id} --environment present`,
  );
}

/** All was there, and the installer failed. */
export function notBuilt(what: string): RepriseError {
  const hint = "mend what it says, or take the present one: --environment present";
  return new RepriseError("ENVIRONMENT_FAILED", "missing", `the environment could not be built: ${what}`, hint);
}
