import { takenFromA } from "#diagnose";
import type { Cause, RunRecord, WhyDocument } from "#record";
import type { MixCause } from "../blame/cause.ts";
import { findGuilty } from "../blame/guilty.ts";
import { ingredientsOf, type MixContext } from "../mix/mixture.ts";
import { fixFor } from "./source.ts";

export interface PairOptions extends MixContext {
  readonly a: RunRecord;
  readonly b: RunRecord;
  /** Most replays. */
  readonly budget: number;
  /** Ends the search; what is known by then is told. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (words: string) => void;
}

function causeOf({ a, b: _b, alone: _alone, ...cause }: MixCause, options: PairOptions): Cause {
  const taken = takenFromA({ ...cause, a });
  return { ...cause, fix: taken === "" ? fixFor({ ...cause, fix: "" }, options.b, options.store) : taken };
}

/**
 * Why two recorded runs differ: the smallest set of their differences (code by hunk, data by file and row, packages,
 * settings, variables, seeds, recorded entropy) that has to be taken from A for B to have A's results.
 */
export async function whyPair(options: PairOptions): Promise<WhyDocument> {
  const { a, b, budget, signal, onProgress } = options;
  const from = performance.now();
  onProgress?.("comparing what the two runs were made of");
  const mixture = await ingredientsOf(a, b, options);
  const found = await findGuilty({
    mixture,
    budget: { replays: budget },
    ...(signal === undefined ? {} : { signal }),
    onProgress: (words, left) => onProgress?.(`${words} (about ${left} replays left)`),
  });
  const nothing = found.state === "same";
  return {
    format: "reprise/why@1",
    a: a.id,
    b: b.id,
    parts: nothing ? false : found.state === "unseen" ? null : true,
    divergence: null,
    causes: found.causes.map((cause) => causeOf(cause, options)),
    unresolved: found.unresolved.map(({ ingredient, reason }) => ({
      kind: ingredient.kind,
      name:
        ingredient.file === null
          ? ingredient.name
          : `${ingredient.file}${ingredient.line === null ? "" : `:${ingredient.line}`}`,
      reason,
    })),
    replays: found.replays,
    complete: nothing || (found.complete && found.state === "found"),
    reason: nothing ? `no difference: ${found.reason}` : found.reason,
    warnings: [],
    seconds: (performance.now() - from) / 1000,
  };
}
