import { type Likeness, likenessOf } from "#compare";
import type { Evidence } from "#record";
import type { Store } from "#store";
import { gatherEvidence, type Side } from "./evidence.ts";
import { eventsOf, foldersOf, type Replayed } from "./replay.ts";
import { sideOf } from "./side.ts";

/** A replay beside what it is compared with. */
export interface Compared {
  readonly side: Side | null;
  readonly evidence: readonly Evidence[] | null;
  readonly likeness: Likeness;
}

/** A replay that could not be made, or that something stood in the way of, shows nothing. */
export function compareReplay(reference: Side, replayed: Replayed, store: Store): Compared {
  const { run, obstacle } = replayed;
  if (run === null) return { side: null, evidence: null, likeness: "unseen" };
  const side = sideOf(run, eventsOf(run, store), store, foldersOf(replayed));
  const evidence = gatherEvidence(reference, side);
  return { side, evidence, likeness: obstacle === null ? likenessOf(reference.run, evidence) : "unseen" };
}
