import { randomBytes } from "node:crypto";
import { type AgentEvent, type NamedSeed, RepriseError, type SeedFacts, type SeedMode } from "#record";

export interface SeedChoice {
  readonly mode: SeedMode;
  /** 32 hex digits (fresh), a decimal number (declared), null (off). */
  readonly root: string | null;
}

/** 128 bits from the operating system: as random as what the program would have drawn itself. */
export function freshSeed(): SeedChoice {
  return { mode: "fresh", root: randomBytes(16).toString("hex") };
}

/**
 * `fresh`, `off` or a whole number from 0 to 2^64 - 1, as `--seed` takes them.
 * Throws RepriseError SEED_INVALID.
 */
export function parseSeed(text: string): SeedChoice {
  if (text === "fresh") return freshSeed();
  if (text === "off") return { mode: "off", root: null };
  if (/^\d{1,20}$/.test(text) && BigInt(text) < 2n ** 64n) return { mode: "declared", root: BigInt(text).toString() };
  throw new RepriseError(
    "SEED_INVALID",
    "usage",
    `--seed ${text}: not a seed`,
    "type --seed fresh, --seed off, or a whole number such as --seed 42",
  );
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
function namedSeeds(events: readonly AgentEvent[], relative: (path: string) => string): readonly NamedSeed[] {
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
  return [...distinct(asked, ({ name }) => name)];
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
  const named = namedSeeds(events, relative);
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
