import { tmpdir } from "node:os";
import type { Divergence } from "#record";
import { Aborted, type Observed, observeMixed } from "../blame/mix-replay.ts";
import type { StandingLines } from "../change/standing.ts";
import type { Ingredient } from "../mix/ingredient.ts";
import type { Mixture } from "../mix/mixture.ts";
import { firstDivergence, type Looks } from "./where.ts";

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
 * Where all of these replays come out as expected they count among those that prove the set; where one does not, looking
 * may have disturbed it, and none does.
 */
export async function placeOfSet(
  mixture: Mixture,
  set: readonly Ingredient[],
  { signal, onReplay }: PlaceOptions,
): Promise<Divergence | null> {
  const choices = { a: new Set(set), b: new Set<Ingredient>() };
  const made: (readonly [expected: "like-a" | "like-b", Observed])[] = [];
  const looks: Looks = {
    seconds: mixture.b.seconds,
    isStable: true,
    async look(of, words, how) {
      if (signal?.aborted === true) throw new Aborted("stopped");
      onReplay(words);
      const observed = await observeMixed(mixture, choices[of], {
        ...how,
        ...(signal === undefined ? {} : { signal }),
      });
      made.push([`like-${of}`, observed]);
      return observed.events;
    },
    ...(set.some((one) => one.kind === "code") ? { lines: sharedLines(mixture.standing(choices.a)) } : {}),
  };
  try {
    return await firstDivergence(looks, mixture.context.parent ?? tmpdir());
  } catch (error) {
    if (!(error instanceof Aborted)) throw error;
    return null;
  } finally {
    if (made.every(([expected, { outcome }]) => outcome === expected)) for (const [, one] of made) one.keep();
  }
}
