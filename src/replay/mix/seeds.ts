import type { AgentEvent, RunRecord } from "#record";
import type { FileChange } from "../change/file-change.ts";
import { generatorsOf, isNamedSeed, OTHER_STREAMS } from "../factor.ts";
import type { Stream } from "../vary/conditions.ts";
import type { Aspect, Draft } from "./aspect.ts";
import type { Ingredient } from "./ingredient.ts";
import { linesOf } from "./moved-lines.ts";
import type { Traced } from "./readings.ts";
import { type Of, type Paired, pairSites, placesNow, type Site } from "./sites.ts";

/** A generator that nobody seeded, where it was made. */
interface Drawn extends Site {
  /** Key as the run had it: its stream follows from it. */
  readonly key: string;
  readonly name: string;
  /** The user's line that brings it in, also where the key has none. */
  readonly shown: { readonly file: string | null; readonly line: number | null };
}

const KEY = /^(.*):(\d+):([^:]*)$/;

function drawnOf(events: readonly AgentEvent[], of: Of): Drawn[] {
  const generators = generatorsOf(events).filter((factor) => !isNamedSeed(factor));
  return generators.map(({ site, name, file, line }) => {
    const [, where, at, within] = KEY.exec(site) ?? [];
    // The key of a global generator, and of what a library makes while it is imported, has no line of the user's.
    const plain = { of, key: site, name, what: name, shown: { file, line } };
    if (file === null || where !== file) return { ...plain, within: site.replace(/:\d+$/, ""), file: null, line: null };
    return { ...plain, within: within ?? "", file, line: Number(at) };
  });
}

/** The keys under which a mixture draws there: its line may be A's or B's, and so may be the function around it. */
function keysNow(pair: Paired<Drawn>, draft: Draft): string[] {
  const sites = [pair.a, pair.b].flatMap((site) => site ?? []);
  const fixed = sites.flatMap((site) => (site.file === null ? [site.key] : []));
  const places = placesNow(pair, draft.lines);
  return [...fixed, ...sites.flatMap(({ within }) => places.map(({ file, line }) => `${file}:${line}:${within}`))];
}

const say = (run: RunRecord): string => (run.seed.mode === "declared" ? String(run.seed.root) : run.seed.mode);

function seedOf(a: RunRecord, b: RunRecord): Ingredient {
  const words = `--seed ${say(a)} → --seed ${say(b)}`;
  return { kind: "seed", name: "--seed", file: null, line: null, words, a: say(a), b: say(b) };
}

function hashOf(a: RunRecord, b: RunRecord): Ingredient {
  const [before, after] = [a.seed.hashSeed, b.seed.hashSeed];
  const words = `PYTHONHASHSEED: ${before ?? "random"} → ${after ?? "random"}`;
  return { kind: "hash-order", name: "PYTHONHASHSEED", file: null, line: null, words, a: before, b: after };
}

function takeHash(a: RunRecord, draft: Draft): void {
  draft.hashSeed = a.seed.hashSeed;
  const set = a.variables.find((fact) => fact.name === "PYTHONHASHSEED");
  if (set === undefined) draft.variables.delete("PYTHONHASHSEED");
  else draft.variables.set("PYTHONHASHSEED", set);
}

function streamIngredient({ name, shown: { file, line } }: Drawn, moved: boolean, a: string, b: string): Ingredient {
  const at = file === null ? "" : ` at ${file}:${line}`;
  const follows = moved ? ", and its stream follows the place of the call" : "";
  const words = `${name}${at} draws from a generator that nobody seeded${follows}`;
  return { kind: "unseeded-rng", name, file, line, words, a, b };
}

const REST_WORDS = "streams of the root seed that were not seen by themselves";

/**
 * The root seed: as a whole where one was declared, else generator by generator. A generator that an edit has moved draws
 * from another stream, under a declared seed too: which of the two it draws from is an ingredient of its own.
 */
export function seedAspect(a: Traced, b: Traced, changes: readonly FileChange[]): Aspect {
  const [seedA, seedB] = [a.run.seed, b.run.seed];
  const [rootA, rootB] = [seedA.root, seedB.root];
  const fresh = seedA.mode === "fresh" && seedB.mode === "fresh" && rootA !== rootB;
  const declared = !fresh && (seedA.mode !== seedB.mode || rootA !== rootB) ? seedOf(a.run, b.run) : null;
  // A declared seed brings its hash seed along.
  const hash = declared !== null || seedA.hashSeed === seedB.hashSeed ? null : hashOf(a.run, b.run);
  const pairs =
    rootA === null || rootB === null ? [] : pairSites(drawnOf(a.events, "a"), drawnOf(b.events, "b"), linesOf(changes));
  const streams = new Map<Paired<Drawn>, Ingredient>();
  for (const pair of pairs) {
    if (pair.a === null || pair.b === null) continue;
    const moved = pair.a.key !== pair.b.key;
    const sides: [string, string] = fresh ? [String(rootA), String(rootB)] : [pair.a.key, pair.b.key];
    if (fresh || moved) streams.set(pair, streamIngredient(pair.b, moved, ...sides));
  }
  const rest: Ingredient | null = fresh
    ? { kind: "unseeded-rng", name: OTHER_STREAMS.name, file: null, line: null, words: REST_WORDS, a: rootA, b: rootB }
    : null;
  const whole = [declared, hash, rest].flatMap((one) => one ?? []);
  return {
    ingredients: [...streams.values(), ...whole],
    unmixable: [],
    apply(choice, draft) {
      const has = (one: Ingredient | null): boolean => one !== null && choice.has(one);
      if (has(declared)) draft.seedMode = seedA.mode;
      const root = has(declared) || has(rest) ? rootA : rootB;
      draft.root = root;
      if (has(declared) || has(hash)) takeHash(a.run, draft);
      const own = new Map<string, Stream>();
      for (const pair of root === null ? [] : pairs) {
        const ingredient = streams.get(pair);
        const fromA = pair.b === null || (ingredient !== undefined && choice.has(ingredient));
        const source = fromA ? pair.a : pair.b;
        if (source === null) continue;
        // What only one of the two makes draws from its own run's root, but what was declared holds for all.
        const from = fresh ? (fromA ? rootA : rootB) : root;
        for (const key of keysNow(pair, draft))
          if (from !== null && (from !== root || key !== source.key)) own.set(key, { root: from, site: source.key });
      }
      draft.streams = own;
    },
  };
}
