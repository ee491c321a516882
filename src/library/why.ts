import type { Json, WhyDocument } from "#record";
import { runHere, whyPair, why as whyRun } from "#replay";
import type { RunRef } from "#store";
import { chosenRun, definedOnly, type Surroundings, version } from "./request.ts";

export interface WhyRequest extends Surroundings {
  /** A second run: why does it differ from the first? Left out: why does the run not repeat? */
  readonly other?: RunRef;
  /** Most replays; 100 when left out and `minutes` too. */
  readonly budget?: number;
  /** No replay begins later. */
  readonly minutes?: number;
  /** Ends the search between two replays; what is known by then comes back. */
  readonly signal?: AbortSignal;
}

const WHY_BUDGET = 100;

/** What makes a run come out differently, or differ from another, with its proof, as `reprise why` does. */
export async function why(request: WhyRequest): Promise<WhyDocument> {
  const { other, store, env, minutes, signal, onProgress } = request;
  const replays = request.budget ?? (minutes === undefined ? WHY_BUDGET : undefined);
  const shared = {
    store,
    version: version(),
    env: definedOnly(env),
    budget: { ...(replays === undefined ? {} : { replays }), ...(minutes === undefined ? {} : { minutes }) },
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
  };
  // Two runs are held against each other as they were recorded.
  const a = other === undefined ? (await chosenRun(request)).run : runHere(store, request.run);
  const document = await (other === undefined
    ? whyRun({ ...shared, baseline: a })
    : whyPair({ ...shared, a, b: runHere(store, other) }));
  store.runs.addFact(document.b ?? a.id, "why", document as unknown as Json);
  return document;
}
