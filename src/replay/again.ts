import type { CauseKind, Evidence } from "#record";
import { factorsOf } from "./factor.ts";
import { type Compared, compareReplay } from "./likeness.ts";
import { eventsOf, type Replayed, type ReplayOptions, recordedFolders, replay } from "./replay.ts";
import { sideOf } from "./side.ts";
import { drawConditions } from "./vary/conditions.ts";

export interface AgainOptions extends Omit<ReplayOptions, "conditions" | "varied" | "held"> {
  /** Only factors of these kinds are held as recorded, and the rest varies; all are held when left out. */
  readonly hold?: readonly CauseKind[];
}

export interface Again extends Compared {
  readonly replayed: Replayed;
  readonly varied: readonly CauseKind[];
  readonly held: readonly CauseKind[];
  /** How each result compares with the recorded one; null when no replay could be made. */
  readonly evidence: readonly Evidence[] | null;
}

/** Does a run again as recorded, or with some kinds of factors held, and compares its results with the recorded ones. */
export async function replayAgain(options: AgainOptions): Promise<Again> {
  const { baseline, store, hold } = options;
  const events = eventsOf(baseline, store);
  const factors = factorsOf(baseline, events);
  const held = hold === undefined ? factors : factors.filter(({ kind }) => hold.includes(kind));
  const kinds = (list: typeof factors): CauseKind[] => [...new Set(list.map(({ kind }) => kind))];
  const names = { varied: kinds(factors.filter((factor) => !held.includes(factor))), held: kinds(held) };
  const conditions = drawConditions({ run: baseline, events, factors, held });
  const replayed = await replay({ ...options, conditions, ...names });
  const recorded = sideOf(baseline, events, store, recordedFolders(baseline, store));
  return { replayed, ...names, ...compareReplay(recorded, replayed, store) };
}
