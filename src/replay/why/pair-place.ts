import { tmpdir } from "node:os";
import type { Divergence } from "#record";
import { doMixed } from "../blame/do-mixed.ts";
import type { StandingLines } from "../change/standing.ts";
import type { Ingredient } from "../mix/ingredient.ts";
import type { Mixture } from "../mix/mixture.ts";
import { eventsOf } from "../replay.ts";
import { firstDivergence, type Looks } from "./where.ts";

/** Replays that looking for the place takes. */
export const PLACE_REPLAYS = 4;

interface PlaceOptions {
  readonly signal?: AbortSignal;
  readonly onReplay: (words: string) => void;
}

/** Lines by B's numbers: what only A has is below zero, what only B has half a line further. */
function sharedLines(lines: ReadonlyMap<string, StandingLines>): NonNullable<Looks["lines"]> {
  return {
    shared: {
      a: (file, line) => lines.get(file)?.standing.get(line) ?? line,
      b: (file, line) => (lines.get(file)?.lacking.has(line) === true ? line + 0.5 : line),
    },
    own: (line) => (line < 0 ? -line : Number.isInteger(line) ? null : Math.floor(line)),
    isDefinition: (file, line) => lines.get(file)?.defining.has(Math.floor(line)) === true,
  };
}

/**
 * Where B parts from B with the guilty set from A, which has A's results: no other difference between the two runs comes
 * in between, so what parts there is what the causes bring about. null: nothing was seen, or the search was stopped.
 */
export async function placeOfSet(
  mixture: Mixture,
  set: readonly Ingredient[],
  { signal, onReplay }: PlaceOptions,
): Promise<Divergence | null> {
  const choices = { a: new Set(set), b: new Set<Ingredient>() };
  let stopped = false;
  const looks: Looks = {
    seconds: mixture.b.seconds,
    async look(of, words, how) {
      stopped ||= signal?.aborted === true;
      if (stopped) return [];
      onReplay(words);
      const made = await doMixed(mixture, mixture.mix(choices[of]), choices[of], how);
      if (typeof made === "string" || made.run === null) return [];
      stopped ||= made.run.status === "interrupted";
      return eventsOf(made.run, mixture.context.store);
    },
    ...(set.some((one) => one.kind === "code") ? { lines: sharedLines(mixture.standing(choices.a)) } : {}),
  };
  const found = await firstDivergence(looks, mixture.context.parent ?? tmpdir());
  return stopped ? null : found;
}
