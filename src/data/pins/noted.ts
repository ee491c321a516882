import type { Json, RunRecord } from "#record";
import type { Store } from "#store";
import type { Pin } from "./pin.ts";
import { pinsOf } from "./pins.ts";

const KIND = "pins";

/** What other tools say of the inputs, kept as a fact of the run: their files will say something else one day. */
export function notePins(store: Store, run: RunRecord): void {
  const pins = pinsOf(store, run);
  // Plain data; its type only lacks the index signature of Json.
  if (pins.length > 0) store.runs.addFact(run.id, KIND, pins as unknown as Json);
}

/** notePins() wrote it. */
export const notedPins = (store: Store, run: RunRecord): readonly Pin[] =>
  (store.runs.facts(run.id, KIND).at(-1)?.value ?? []) as unknown as readonly Pin[];
