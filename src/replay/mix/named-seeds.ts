import type { NamedSeed, RunRecord } from "#record";
import type { Aspect } from "./aspect.ts";
import type { Ingredient } from "./ingredient.ts";

interface Pair {
  readonly a: NamedSeed;
  readonly b: NamedSeed;
}

function ingredientOf({ a, b }: Pair): Ingredient {
  const { file, line } = b.file === null ? a : b;
  const declared = a.declared || b.declared;
  return {
    kind: declared ? "seed" : "unseeded-rng",
    name: declared ? `--seed ${b.name}` : `reprise.seed("${b.name}")`,
    file,
    line,
    words: `reprise.seed("${b.name}"): ${a.value} → ${b.value}`,
    a: String(a.value),
    b: String(b.value),
  };
}

/**
 * Seeds that the program asks for by name. What it gets is one number, so a mixture gets that of the run it is taken from,
 * whatever root is under it; those that follow a declared root in both runs go with that.
 */
export function namedSeedAspect(a: RunRecord, b: RunRecord): Aspect {
  const mine = new Map((a.seed.named ?? []).map((seed) => [seed.name, seed]));
  const theirs = new Map((b.seed.named ?? []).map((seed) => [seed.name, seed]));
  const fresh = a.seed.mode === "fresh" && b.seed.mode === "fresh";
  const isOwn = (...seeds: readonly NamedSeed[]): boolean => fresh || seeds.some(({ declared }) => declared);
  const found = new Map<string, Ingredient>();
  for (const [name, seed] of theirs) {
    const before = mine.get(name);
    if (before !== undefined && before.value !== seed.value && isOwn(before, seed))
      found.set(name, ingredientOf({ a: before, b: seed }));
  }
  return {
    ingredients: [...found.values()],
    unmixable: [],
    apply(choice, draft) {
      const named = new Map<string, NamedSeed>();
      for (const name of new Set([...theirs.keys(), ...mine.keys()])) {
        const ingredient = found.get(name);
        const [first, second] = ingredient !== undefined && choice.has(ingredient) ? [mine, theirs] : [theirs, mine];
        const seed = first.get(name) ?? second.get(name);
        if (seed !== undefined && (ingredient !== undefined || isOwn(seed)))
          named.set(name, { ...seed, declared: true });
      }
      draft.namedSeeds = [...named.values()];
    },
  };
}
