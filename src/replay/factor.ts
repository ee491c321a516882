import type { AgentEvent, CauseKind, Hold, RunRecord } from "#record";

/**
 * One thing outside the recipe that a replay can vary or hold (docs/verdict.md). A factor with a `site` is one call site;
 * `file` and `line` are where the user's code brings it in.
 */
export interface Factor {
  readonly kind: CauseKind;
  /** Stream key for unseeded-rng; "" for factors of the whole process. */
  readonly site: string;
  readonly name: string;
  readonly file: string | null;
  readonly line: number | null;
}

function key(factor: Factor): string {
  return [factor.kind, factor.site, factor.name, factor.file ?? "", factor.line ?? ""].join("\0");
}

/** The same factor, whatever line was found for its stream since. */
export function isSame(x: Factor, y: Factor): boolean {
  const place = x.kind === "unseeded-rng" || (x.file === y.file && x.line === y.line);
  return x.kind === y.kind && x.site === y.site && x.name === y.name && place;
}

function unique(factors: readonly Factor[]): Factor[] {
  return [...new Map(factors.map((factor) => [key(factor), factor])).values()];
}

function fromEvent(event: AgentEvent): Factor | null {
  switch (event.e) {
    case "gen":
      return { kind: "unseeded-rng", site: event.key, name: event.name, file: event.f, line: event.l };
    case "drawn":
      return { kind: "unseeded-rng", site: event.name, name: event.name, file: event.f, line: event.l };
    case "seed":
      // A declared one is part of the recipe.
      return event.declared
        ? null
        : {
            kind: "unseeded-rng",
            site: event.key,
            name: `reprise.seed("${event.name}")`,
            file: event.f,
            line: event.l,
          };
    case "val":
      if (event.kind === "clock")
        return { kind: "wall-clock", site: "", name: event.name, file: event.f, line: event.l };
      return {
        kind: event.kind === "os-entropy" ? "os-entropy" : "other",
        site: "",
        name: event.name,
        file: event.f,
        line: event.l,
      };
    case "list":
      return event.count < 2
        ? null
        : { kind: "listing-order", site: "", name: event.name, file: event.f, line: event.l };
    default:
      return null;
  }
}

const WHOLE = { site: "", file: null, line: null } as const;

/** A generator drawn from in several places is one stream: one factor, its first known place. */
function joinStreams(factors: readonly Factor[]): Factor[] {
  const bySite = new Map<string, Factor>();
  for (const factor of factors) {
    const name = factor.kind === "unseeded-rng" ? factor.site : key(factor);
    const before = bySite.get(name);
    if (before === undefined || (before.file === null && factor.file !== null)) bySite.set(name, factor);
  }
  return [...bySite.values()];
}

/** Every stream of the root seed that was not seen by itself: in processes that were killed, say. */
export const OTHER_STREAMS: Factor = { kind: "unseeded-rng", name: "other streams", site: "*", file: null, line: null };

/** Generators that only the replay that looked for first draws could see, and their lines where it saw those. */
export function locateDraws(factors: readonly Factor[], events: readonly AgentEvent[]): Factor[] {
  const seen = new Map<string, Factor>();
  for (const event of events) {
    const factor = event.e === "drawn" && event.how === "seen" ? fromEvent(event) : null;
    if (factor !== null && !seen.has(factor.site)) seen.set(factor.site, factor);
  }
  const known = factors.map((factor) => (factor.kind === "unseeded-rng" ? (seen.get(factor.site) ?? factor) : factor));
  const sites = new Set(factors.map((factor) => factor.site));
  return [...[...seen.values()].filter((factor) => !sites.has(factor.site)), ...known];
}

/** Generators that nobody seeded, as the events of a run tell of them. */
export function generatorsOf(events: readonly AgentEvent[]): Factor[] {
  const found = unique(events.flatMap((event) => fromEvent(event) ?? []));
  return joinStreams(found.filter((factor) => factor.kind === "unseeded-rng"));
}

/**
 * Everything about this run that a replay can hold or let vary, in the order in which causes are most often found
 * (of 25 measured programs: generators in 22, then hash order). With a declared seed the generators and the hash seed are
 * part of the recipe; with `--seed off` nobody can hold them.
 */
export function factorsOf(run: RunRecord, events: readonly AgentEvent[]): Factor[] {
  const seen = joinStreams(unique(events.flatMap((event) => fromEvent(event) ?? [])));
  const pick = (kind: CauseKind): Factor[] => seen.filter((factor) => factor.kind === kind);
  const fresh = run.seed.mode === "fresh";
  const hashFree = fresh && run.seed.hashSeed !== null && run.seed.seeded.includes("PYTHONHASHSEED");
  return [
    // Where no agent got in, nothing was seeded: no stream can be varied or held, and none is said to be.
    ...(fresh && run.agent.state !== "none" ? [...pick("unseeded-rng"), OTHER_STREAMS] : []),
    ...(hashFree ? [{ kind: "hash-order" as const, name: "PYTHONHASHSEED", ...WHOLE }] : []),
    ...pick("listing-order"),
    ...pick("wall-clock"),
    ...pick("os-entropy"),
    ...pick("other"),
    { kind: "uninitialised-memory", name: "fill of fresh memory", ...WHOLE },
    { kind: "data-order", name: "order of file times", ...WHOLE },
  ];
}

const WORDS: Partial<Record<CauseKind, string>> = {
  "unseeded-rng": "draws from a generator that nobody seeded",
  "hash-order": "the order of a set or of hashed keys follows the hash seed",
  "listing-order": "the order in which the file system lists names",
  "wall-clock": "a reading of the clock",
  "os-entropy": "random bytes of the operating system",
  other: "the number of the process",
  "uninitialised-memory": "memory that is read before it is written",
  "leftover-state": "what an earlier run left there",
  "data-order": "the order of modification times among the input files",
};

/** A seed by its purpose, whose site is no place in the code. */
export const isNamedSeed = ({ site }: Pick<Factor, "site">): boolean => site.startsWith("seed:");

export function holdOf(factor: Factor): Hold {
  const what = isNamedSeed(factor) ? "draws from the root seed, which is fresh" : (WORDS[factor.kind] ?? factor.kind);
  const isWhole = factor.site === "" && factor.file === null && factor.kind !== "leftover-state";
  const words = isWhole ? what : `${factor.name}: ${what}`;
  return { kind: factor.kind, file: factor.file, line: factor.line, words };
}
