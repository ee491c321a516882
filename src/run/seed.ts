import { randomBytes } from "node:crypto";
import {
  type AgentEvent,
  type NamedSeed,
  RepriseError,
  type RunRecord,
  type SeedFacts,
  type SeedMode,
  type Warning,
} from "#record";

export interface SeedChoice {
  readonly mode: SeedMode;
  /** 32 hex digits (fresh), a decimal number (declared), null (off). */
  readonly root: string | null;
  /** Seeds by purpose (`reprise.seed("split")`) that are not to follow from the root. */
  readonly named?: Readonly<Record<string, number>>;
}

/** 128 bits from the operating system: as random as what the program would have drawn itself. */
export function freshSeed(): SeedChoice {
  return { mode: "fresh", root: randomBytes(16).toString("hex") };
}

const invalid = (text: string, why: string): RepriseError =>
  new RepriseError(
    "SEED_INVALID",
    "usage",
    `--seed ${text}: ${why}`,
    "type --seed fresh, --seed off, a whole number such as --seed 42, or one by its name: --seed split=7",
  );

function parseRoot(text: string): SeedChoice {
  if (text === "fresh") return freshSeed();
  if (text === "off") return { mode: "off", root: null };
  if (/^\d{1,20}$/.test(text) && BigInt(text) < 2n ** 64n) return { mode: "declared", root: BigInt(text).toString() };
  throw invalid(text, "not a seed");
}

function parseNamed(text: string): readonly [string, number] {
  const [, name, value] = /^([A-Za-z0-9_.-]+)=(\d{1,10})$/.exec(text) ?? [];
  if (name !== undefined && Number(value) < 2 ** 32) return [name, Number(value)];
  throw invalid(text, "a named seed is NAME=N, with a whole number below 4294967296");
}

/**
 * `fresh`, `off` or a whole number from 0 to 2^64 - 1, as `--seed` takes them, and named seeds such as `split=7` beside it,
 * with commas between them. Throws RepriseError SEED_INVALID.
 */
export function parseSeed(text: string): SeedChoice {
  const words = text.split(",");
  const named = words.filter((word) => word.includes("=")).map(parseNamed);
  const roots = words.filter((word) => !word.includes("="));
  if (roots.length > 1) throw invalid(text, "two root seeds");
  const twice = named.find(([name], at) => named.findIndex(([other]) => other === name) !== at);
  if (twice !== undefined) throw invalid(text, `${twice[0]} is given twice`);
  const root = parseRoot(roots[0] ?? "fresh");
  return named.length === 0 ? root : { ...root, named: Object.fromEntries(named) };
}

/** The seeds of a run that were declared by their names, as a replay of it has to get them. */
export function namedOf({ seed }: Pick<RunRecord, "seed">): Pick<SeedChoice, "named"> {
  const declared = (seed.named ?? []).filter((one) => one.declared).map(({ name, value }) => [name, value] as const);
  return declared.length === 0 ? {} : { named: Object.fromEntries(declared) };
}

function* distinct<T>(items: Iterable<T>, key: (item: T) => string): Generator<T> {
  const seen = new Set<string>();
  for (const item of items) {
    const name = key(item);
    if (seen.has(name)) continue;
    seen.add(name);
    yield item;
  }
}

/** Seeds by purpose, each at the first place that asks for it. */
function namedSeeds(
  given: Readonly<Record<string, number>>,
  events: readonly AgentEvent[],
  relative: (path: string) => string,
): readonly NamedSeed[] {
  const asked = events.flatMap((event) =>
    event.e === "seed"
      ? [
          {
            name: event.name,
            value: event.value,
            declared: event.declared,
            file: event.f === null ? null : relative(event.f),
            line: event.l,
          },
        ]
      : [],
  );
  const unasked = Object.entries(given).map(([name, value]) => ({
    name,
    value,
    declared: true,
    file: null,
    line: null,
  }));
  return [...distinct([...asked, ...unasked], ({ name }) => name)];
}

/** A name that the program does not know is most likely misspelt. */
export function seedWarnings({ named = [] }: SeedFacts, seen: boolean): Warning[] {
  const asked = named.filter(({ file }) => file !== null).map(({ name }) => name);
  const known = asked.length === 0 ? "" : `; it asks for ${asked.join(", ")}`;
  return named.flatMap(({ name, file }) =>
    file !== null || !seen
      ? []
      : [{ code: "seed-unused", message: `--seed ${name}=…: the program never asks for a seed of that name${known}` }],
  );
}

/** What was seeded from the root, by us, and what the program or the user's own PYTHONHASHSEED seeded (they win). */
export function seedFacts(
  choice: SeedChoice,
  hash: { readonly seed: string | null; readonly ours: boolean },
  events: readonly AgentEvent[],
  relative: (path: string) => string,
): SeedFacts {
  const seeded = events.flatMap((event) => (event.e === "seeded" ? [event.name] : []));
  const own = events.flatMap((event) =>
    event.e === "own" && event.f !== null && event.l !== null
      ? [{ library: event.name, file: relative(event.f), line: event.l, value: event.value }]
      : [],
  );
  const named = namedSeeds(choice.named ?? {}, events, relative);
  return {
    mode: choice.mode,
    root: choice.root,
    seeded:
      choice.mode === "off"
        ? []
        : [...new Set([...(hash.ours && hash.seed !== null ? ["PYTHONHASHSEED"] : []), ...seeded])],
    hashSeed: hash.seed,
    own: [...distinct(own, (item) => `${item.library}\0${item.file}\0${item.line}\0${item.value}`)],
    ...(named.length === 0 ? {} : { named }),
  };
}
