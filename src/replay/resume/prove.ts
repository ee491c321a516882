import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CauseKind, RunId } from "#record";
import type { Checkpoints } from "#run";
import type { Factor } from "../factor.ts";
import type { ResumedState } from "./document.ts";
import type { Outcome } from "./judge.ts";
import { generatorWords } from "./states.ts";

/** The second part made again in another way, and what it showed. */
export type Again = (
  words: string,
  how: { readonly held?: readonly Factor[]; readonly put?: NonNullable<Checkpoints["put"]> },
) => Promise<Outcome>;

const RECIPE: Partial<Record<CauseKind, string>> = {
  "unseeded-rng": "a generator that nobody seeds: it is drawn anew when the run is resumed",
  "hash-order": "an order by hash: PYTHONHASHSEED is another one when the run is resumed",
  "listing-order": "the order in which files are listed",
  "wall-clock": "a reading of the clock",
  "os-entropy": "random bytes of the operating system",
};

/** Tried alone first: mostly it is one of them. */
const OFTEN: readonly CauseKind[] = ["unseeded-rng", "hash-order"];

/** Names of the generators whose states were written down at that save. */
export function savedGenerators(folder: string, proc: string, save: number): string[] {
  const file = join(folder, `${proc.replaceAll("/", "_")}-${save}.json`);
  return existsSync(file) ? Object.keys(JSON.parse(readFileSync(file, "utf8")) as object) : [];
}

/** The fewest of `names` with which `suffices` still holds, leaving them out one by one. */
async function fewest<T>(names: readonly T[], suffices: (names: readonly T[]) => Promise<Outcome | null>) {
  let kept = names;
  let last: Outcome | null = null;
  for (const name of names) {
    if (kept.length === 1) break;
    const rest = kept.filter((one) => one !== name);
    const found = await suffices(rest);
    if (found === null) continue;
    [kept, last] = [rest, found];
  }
  return { kept, last };
}

const proved = (state: "generator" | "recipe", name: string, words: string, runs: readonly RunId[]): ResumedState => ({
  state,
  name,
  restored: false,
  certainty: "proved",
  words,
  a: null,
  b: null,
  runs,
});

/** Generators given the state that they had at the save: with which of them does the resumed run agree? */
export async function proveGenerators(again: Again, save: number, names: readonly string[]): Promise<ResumedState[]> {
  if (names.length === 0) return [];
  const whole = await again("putting the states of generators back", { put: { save, names } });
  if (whole.word !== "exact") return [];
  const { kept, last } = await fewest(names, async (some) => {
    const found = await again(`which generator? putting back ${some.join(", ")}`, { put: { save, names: some } });
    return found.word === "exact" ? found : null;
  });
  const { id } = (last ?? whole).run;
  return kept.map((name) => proved("generator", name, generatorWords(name), [id]));
}

/** What is no part of the recipe held as recorded in the second part too: of which kinds must it be? */
export async function proveRecipe(again: Again, factors: readonly Factor[]): Promise<ResumedState[]> {
  const whole = await again("resuming with everything held as recorded", { held: factors });
  if (whole.word !== "exact") return [];
  const kinds = [...new Set(factors.map(({ kind }) => kind))];
  const suffices = async (some: readonly CauseKind[]): Promise<Outcome | null> => {
    const held = factors.filter(({ kind }) => some.includes(kind));
    const found = await again(`what has to be held? trying ${some.join(", ")}`, { held });
    return found.word === "exact" ? found : null;
  };
  for (const kind of kinds.filter((one) => OFTEN.includes(one))) {
    const found = await suffices([kind]);
    if (found !== null) return [proved("recipe", kind, RECIPE[kind] ?? kind, [found.run.id])];
  }
  const { kept, last } = await fewest(kinds, suffices);
  const { id } = (last ?? whole).run;
  return kept.map((kind) => proved("recipe", kind, RECIPE[kind] ?? kind, [id]));
}
