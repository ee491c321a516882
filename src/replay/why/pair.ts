import { takenFromA } from "#diagnose";
import type { Cause, Divergence, RunRecord, WhyDocument } from "#record";
import { type Budget, Purse } from "../blame/budget.ts";
import type { MixCause } from "../blame/cause.ts";
import { findGuilty } from "../blame/guilty.ts";
import { LOOK_REPLAYS } from "../blame/session.ts";
import type { Ingredient } from "../mix/ingredient.ts";
import { ingredientsOf, type MixContext, type Mixture } from "../mix/mixture.ts";
import { type Cells, cellsOf, inNotebook } from "../notebook/cells.ts";
import { ofImported } from "./imported.ts";
import { placeOfSet } from "./pair-place.ts";
import { withSetting } from "./setting-words.ts";
import { told } from "./source.ts";

export interface PairOptions extends MixContext {
  readonly a: RunRecord;
  readonly b: RunRecord;
  readonly budget: Budget;
  /** Ends the search; what is known by then is told. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (words: string) => void;
}

/** Lines are traced in Python only. */
const isTraceable = ({ eventsB }: Mixture): boolean =>
  eventsB.some((event) => event.e === "hello" && event.lang === "python");

/** A single cause that no line names, such as a package, comes in where results part because of it. */
function placed(causes: readonly MixCause[], place: Divergence | null): readonly MixCause[] {
  const [only] = causes;
  if (only === undefined || causes.length > 1 || only.file !== null || place?.file == null) return causes;
  return [{ ...only, file: place.file, line: place.line }];
}

function causeOf({ a, b: _b, alone: _alone, ...cause }: MixCause, { b, store }: PairOptions, cells: Cells): Cause {
  return told({ ...cause, fix: takenFromA({ ...cause, a }) }, b, store, cells);
}

/**
 * Why two recorded runs differ: the smallest set of their differences (code by hunk, data by file and row, packages,
 * settings, variables, seeds, recorded entropy) that has to be taken from A for B to have A's results.
 */
export async function whyPair(options: PairOptions): Promise<WhyDocument> {
  const { a, b, budget, signal, onProgress } = options;
  const imported = await ofImported(a, b, options);
  if (imported !== null) return imported;
  const from = performance.now();
  onProgress?.("comparing what the two runs were made of");
  const purse = new Purse(budget);
  const mixture = await ingredientsOf(a, b, options);
  let divergence: Divergence | null = null;
  let looked = !isTraceable(mixture);
  const look = async (set: readonly Ingredient[], onReplay: (words: string) => void): Promise<void> => {
    if (looked) return;
    looked = true;
    divergence = await placeOfSet(mixture, set, { ...(signal === undefined ? {} : { signal }), onReplay });
  };
  const found = await findGuilty({
    mixture,
    budget,
    look,
    ...(signal === undefined ? {} : { signal }),
    onProgress: (words, left) => onProgress?.(`${words} (about ${left} replays left)`),
  });
  let { replays } = found;
  if (found.set.length > 0 && purse.left(replays) >= LOOK_REPLAYS)
    await look(found.set, (words) => {
      onProgress?.(words);
      replays += 1;
    });
  const cells = cellsOf(b, mixture.eventsB, options.store);
  const nothing = found.state === "same";
  return {
    format: "reprise/why@1",
    a: a.id,
    b: b.id,
    parts: nothing ? false : found.state === "unseen" ? null : true,
    divergence: divergence && inNotebook(divergence, cells),
    causes: placed(found.causes, divergence).map((cause) => causeOf(withSetting(cause, a, b), options, cells)),
    unresolved: found.unresolved.map(({ ingredient, reason }) => ({
      kind: ingredient.kind,
      name:
        ingredient.file === null
          ? ingredient.name
          : `${ingredient.file}${ingredient.line === null ? "" : `:${ingredient.line}`}`,
      reason,
    })),
    replays,
    complete: nothing || (found.complete && found.state === "found"),
    reason: nothing ? `no difference: ${found.reason}` : found.reason,
    warnings: [],
    seconds: (performance.now() - from) / 1000,
  };
}
