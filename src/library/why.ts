import type { Json, WhyDocument } from "#record";
import { runHere, whyPair, why as whyRun } from "#replay";
import type { RunRef, Store } from "#store";
import { definedOnly, type Environment, version } from "./request.ts";

export interface WhyRequest {
  readonly run: RunRef;
  /** A second run: why does it differ from the first? Left out: why does the run not repeat? */
  readonly other?: RunRef;
  readonly store: Store;
  readonly env: Environment;
  /** Most replays; 100 when left out and `minutes` too. */
  readonly budget?: number;
  /** No replay begins later. */
  readonly minutes?: number;
  /** Ends the search between two replays; what is known by then comes back. */
  readonly signal?: AbortSignal;
  /** Told what is being done, before each replay. */
  readonly onProgress?: (words: string) => void;
}

const WHY_BUDGET = 100;

/** What makes a run come out differently, or differ from another, with its proof, as `reprise why` does. */
export async function why(request: WhyRequest): Promise<WhyDocument> {
  const { run: ref, other, store, env, minutes, signal, onProgress } = request;
  const replays = request.budget ?? (minutes === undefined ? WHY_BUDGET : undefined);
  const shared = {
    store,
    version: version(),
    env: definedOnly(env),
    budget: { ...(replays === undefined ? {} : { replays }), ...(minutes === undefined ? {} : { minutes }) },
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
  };
  const a = runHere(store, ref);
  const document = await (other === undefined
    ? whyRun({ ...shared, baseline: a })
    : whyPair({ ...shared, a, b: runHere(store, other) }));
  store.runs.addFact(document.b ?? a.id, "why", document as unknown as Json);
  return document;
}
