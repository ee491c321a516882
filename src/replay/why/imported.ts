import { neededToReplay } from "#imports";
import type { RunRecord, WhyDocument } from "#record";
import { ingredientsOf, type MixContext } from "../mix/mixture.ts";

const TRIED = "nothing could be tried: an imported run cannot be done again";

/** What differs between two runs, as far as both recorded it: none of it was shown to be guilty. */
async function suspects(a: RunRecord, b: RunRecord, context: MixContext): Promise<WhyDocument["unresolved"]> {
  const { ingredients } = await ingredientsOf(a, b, context);
  return ingredients.map(({ kind, name, file, line }) => ({
    kind,
    name: file === null ? name : `${file}${line === null ? "" : `:${line}`}`,
    reason: TRIED,
  }));
}

/** What is said of runs that other tools recorded: no replay can be made of them. null: they are our own. */
export async function ofImported(a: RunRecord, b: RunRecord | null, context: MixContext): Promise<WhyDocument | null> {
  const from = performance.now();
  const needs = [
    ["run A: ", a],
    ["run B: ", b],
  ] as const;
  const said = needs.flatMap(([who, run]) => {
    const needed = run === null ? null : neededToReplay(run);
    return needed === null ? [] : [b === null ? needed : who + needed];
  });
  if (said.length === 0) return null;
  return {
    format: "reprise/why@1",
    a: a.id,
    b: b?.id ?? null,
    parts: null,
    divergence: null,
    causes: [],
    unresolved: b === null ? [] : await suspects(a, b, context),
    replays: 0,
    complete: false,
    reason: said.join(". "),
    warnings: [],
    seconds: (performance.now() - from) / 1000,
  };
}
