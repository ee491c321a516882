import { join } from "node:path";
import type { Writable } from "node:stream";
import { detectTerminal } from "#exec";
import { type CauseKind, RepriseError, type RunRecord } from "#record";
import { replayAgain } from "#replay";
import { parsePolicy, parseSeed, run } from "#run";
import type { Store } from "#store";
import type { Golden } from "./golden/golden.ts";

/** Where trainings are made and kept. */
export interface Workplace {
  /** The project's root, absolute. */
  readonly project: string;
  readonly store: Store;
  readonly version: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where the output of a training goes besides its record. */
  readonly tee?: { readonly stdout?: Writable; readonly stderr?: Writable };
  readonly signal?: AbortSignal;
  readonly onProgress?: (words: string) => void;
}

/** Ctrl-C: nothing is said. */
export class Stopped extends Error {}

export type Recipe = Pick<Golden, "command" | "workdir" | "seed" | "deterministic">;

/** Throws Stopped. */
export function stopIfAsked({ signal }: Workplace, made: RunRecord | null): void {
  if (signal?.aborted === true || made?.status === "interrupted") throw new Stopped("stopped");
}

/** A training as anybody would start it, in the present checkout. Throws Stopped. */
export async function train(recipe: Recipe, name: string, at: Workplace): Promise<RunRecord> {
  const made = await run({
    argv: recipe.command,
    cwd: join(at.project, recipe.workdir),
    env: at.env,
    store: at.store,
    version: at.version,
    seed: parseSeed(recipe.seed),
    policy: parsePolicy(recipe.deterministic),
    terminal: { ...detectTerminal(), stdin: "null" },
    tee: at.tee ?? {},
    tags: { audit: name },
  });
  stopIfAsked(at, made);
  return made;
}

/** The fill of fresh memory alone stays as it was: what is filled in to be seen has no natural noise. */
export const HELD: readonly CauseKind[] = ["uninitialised-memory"];

/**
 * The same training again in a fresh folder, so that nothing that it left behind has a part, with everything varied that is
 * no part of the recipe: another seed, order of hashes and listings, folder, times. Throws Stopped, AUDIT_TRAINING.
 */
export async function trainAgain(first: RunRecord, words: string, at: Workplace): Promise<RunRecord> {
  at.onProgress?.(words);
  const { replayed } = await replayAgain({
    baseline: first,
    store: at.store,
    version: at.version,
    env: at.env,
    hold: HELD,
  });
  stopIfAsked(at, replayed.run);
  if (replayed.run !== null && replayed.obstacle === null) return replayed.run;
  const why = replayed.obstacle ?? "no replay could be made";
  const hint = `reprise replay ${first.id}`;
  throw new RepriseError("AUDIT_TRAINING", "missing", `the training could not be done again: ${why}`, hint);
}
