import type { AgentEvent, CauseKind, RunRecord } from "#record";
import type { FileChange } from "../change/file-change.ts";
import { factorsOf, OTHER_STREAMS } from "../factor.ts";
import type { Aspect, Draft } from "./aspect.ts";
import { type Ingredient, shown } from "./ingredient.ts";
import { isValued, type Lines, lineNow, linesOf, movedEvent } from "./moved-events.ts";

interface Traced {
  readonly run: RunRecord;
  readonly events: readonly AgentEvent[];
}

type Of = "a" | "b";
type Valued = Extract<AgentEvent, { e: "val" | "list" }>;

/** The calls at one place, of both runs; a place that only one run's code has belongs to that code. */
interface Place {
  readonly a: Valued[];
  readonly b: Valued[];
  readonly line: number | null;
}

function kindOf(event: Valued): CauseKind {
  if (event.e === "list") return "listing-order";
  return event.kind === "clock" ? "wall-clock" : event.kind === "os-entropy" ? "os-entropy" : "other";
}

function placesOf(a: Traced, b: Traced, lines: Lines): Map<string, Place> {
  const places = new Map<string, Place>();
  const add = ({ events }: Traced, of: Of): void => {
    for (const event of events) {
      if (!isValued(event)) continue;
      const line = lines.shared(event.f, event.l, of);
      const key = [kindOf(event), event.name, event.f, line ?? `${of}${event.l}`].join("\0");
      const place = places.get(key) ?? { a: [], b: [], line };
      place[of].push(event);
      places.set(key, place);
    }
  };
  add(a, "a");
  add(b, "b");
  return places;
}

function say(events: readonly Valued[]): string {
  const values = events.slice(0, 8).map((event) => (event.e === "list" ? (event.names ?? []).join(" ") : event.v));
  return shown(values.join(", "));
}

function essence(events: readonly Valued[]): string {
  return events
    .map((event) =>
      [event.proc ?? "", event.n, event.e === "list" ? (event.names ?? []).join("/") : event.v].join("\0"),
    )
    .sort()
    .join("\n");
}

const WORDS: Partial<Record<CauseKind, string>> = {
  "wall-clock": "read the clock",
  "os-entropy": "drew from the operating system",
  "listing-order": "listed a folder",
  other: "read what is another value in every process",
};

/** Clocks, entropy of the system and listings: what user code got, call by call. */
export function valueAspect(a: Traced, b: Traced, changes: readonly FileChange[]): Aspect {
  const places = placesOf(a, b, linesOf(changes));
  const ingredients = new Map<Place, Ingredient>();
  for (const place of places.values()) {
    const [event] = place.b;
    if (event === undefined || place.a.length === 0 || essence(place.a) === essence(place.b)) continue;
    const kind = kindOf(event);
    const words = `${event.name}() at ${event.f}:${place.line} ${WORDS[kind] ?? "read a value"}`;
    const sides = { a: say(place.a), b: say(place.b) };
    ingredients.set(place, { kind, name: event.name, file: event.f, line: place.line, words, ...sides });
  }
  return {
    ingredients: [...ingredients.values()],
    unmixable: [],
    apply(choice, draft) {
      draft.heldEvents = [...places.values()].flatMap((place) => {
        const ingredient = ingredients.get(place);
        const of: Of = place.b.length === 0 || (ingredient !== undefined && choice.has(ingredient)) ? "a" : "b";
        return place[of].flatMap((event) => movedEvent(event, draft.lines, of));
      });
    },
  };
}

interface Stream {
  readonly of: Of;
  /** Key as the run had it. */
  readonly site: string;
  readonly file: string | null;
  readonly line: number | null;
}

const SITE = /^(.*):(\d+):([^:]*)$/;

function siteNow(stream: Stream, draft: Draft): string | null {
  const found = SITE.exec(stream.site);
  if (found === null || stream.file === null || found[1] !== stream.file) return stream.site;
  const line = lineNow(draft.lines, stream.file, Number(found[2]), stream.of);
  return line === null ? null : `${found[1]}:${line}:${found[3]}`;
}

export interface SeedAspect extends Aspect {
  /** Last line of A, by file, where an unseeded generator was made that B makes on another one: streams follow lines. */
  readonly movedIn: ReadonlyMap<string, number>;
}

function seedOnly(a: RunRecord, b: RunRecord): Aspect {
  const say = (run: RunRecord): string => (run.seed.mode === "declared" ? String(run.seed.root) : run.seed.mode);
  const differs = a.seed.mode !== b.seed.mode || a.seed.root !== b.seed.root;
  const words = `--seed ${say(a)} → --seed ${say(b)}`;
  const seed: Ingredient = { kind: "seed", name: "--seed", file: null, line: null, words, a: say(a), b: say(b) };
  const hash = differs || a.seed.hashSeed === b.seed.hashSeed ? null : hashOf(a, b);
  return {
    ingredients: differs ? [seed] : hash === null ? [] : [hash],
    unmixable: [],
    apply(choice, draft) {
      if (choice.has(seed)) {
        draft.seedMode = a.seed.mode;
        draft.root = a.seed.root;
      }
      if (choice.has(seed) || (hash !== null && choice.has(hash))) takeHash(a, draft);
    },
  };
}

function hashOf(a: RunRecord, b: RunRecord): Ingredient {
  const words = `PYTHONHASHSEED: ${a.seed.hashSeed ?? "random"} → ${b.seed.hashSeed ?? "random"}`;
  return {
    kind: "hash-order",
    name: "PYTHONHASHSEED",
    file: null,
    line: null,
    words,
    a: a.seed.hashSeed,
    b: b.seed.hashSeed,
  };
}

function takeHash(a: RunRecord, draft: Draft): void {
  draft.hashSeed = a.seed.hashSeed;
  const set = a.variables.find((fact) => fact.name === "PYTHONHASHSEED");
  if (set === undefined) draft.variables.delete("PYTHONHASHSEED");
  else draft.variables.set("PYTHONHASHSEED", set);
}

function streamsOf({ run, events }: Traced, of: Of): (Stream & { readonly name: string })[] {
  return factorsOf(run, events).flatMap((factor) =>
    factor.kind === "unseeded-rng" && factor.site !== OTHER_STREAMS.site
      ? [{ of, site: factor.site, file: factor.file, line: factor.line, name: factor.name }]
      : [],
  );
}

/** The root seed: as a whole where one was declared, else generator by generator. */
export function seedAspect(a: Traced, b: Traced, changes: readonly FileChange[]): SeedAspect {
  const [rootA, rootB] = [a.run.seed.root, b.run.seed.root];
  const lines = linesOf(changes);
  const [left, right] = [streamsOf(a, "a"), streamsOf(b, "b")];
  const movedIn = new Map<string, number>();
  const move = (file: string, line: number): void => {
    movedIn.set(file, Math.max(movedIn.get(file) ?? 0, line));
  };
  const shared = (stream: Stream): string => {
    const found = SITE.exec(stream.site);
    if (found === null || stream.file === null || found[1] !== stream.file) return stream.site;
    const line = lines.shared(stream.file, Number(found[2]), stream.of);
    if (stream.of === "a" && line !== null && line !== Number(found[2])) move(stream.file, Number(found[2]));
    return `${found[1]}:${line ?? `${stream.of}${found[2]}`}:${found[3]}`;
  };
  for (const event of a.events) {
    const found = event.e === "gen" && event.f !== null ? SITE.exec(event.key) : null;
    if (found === null || event.e !== "gen" || event.f === null) continue;
    const line = lines.shared(event.f, Number(found[2]), "a");
    if (line !== null && line !== Number(found[2])) move(event.f, Number(found[2]));
  }
  if (a.run.seed.mode !== "fresh" || b.run.seed.mode !== "fresh" || rootA === null || rootB === null || rootA === rootB)
    return { ...seedOnly(a.run, b.run), movedIn };
  const mine = new Map(left.map((stream) => [shared(stream), stream]));
  const theirs = new Map(right.map((stream) => [shared(stream), stream]));
  const plain = { file: null, line: null, a: rootA, b: rootB } as const;
  const rest: Ingredient = {
    kind: "unseeded-rng",
    name: OTHER_STREAMS.name,
    words: "streams of the root seed that were not seen by themselves",
    ...plain,
  };
  const streams = new Map<string, Ingredient>();
  for (const [key, { name, file, line }] of theirs) {
    if (!mine.has(key)) continue;
    const at = file === null ? "" : ` at ${file}:${line}`;
    streams.set(key, {
      ...plain,
      kind: "unseeded-rng",
      name,
      file,
      line,
      words: `${name}${at} draws from a generator that nobody seeded`,
    });
  }
  const hash = a.run.seed.hashSeed === b.run.seed.hashSeed ? null : hashOf(a.run, b.run);
  return {
    movedIn,
    ingredients: [...streams.values(), ...(hash === null ? [] : [hash]), rest],
    unmixable: [],
    apply(choice, draft) {
      const fromA = choice.has(rest);
      draft.root = fromA ? rootA : rootB;
      const own = new Map<string, string>();
      const give = (stream: Stream | undefined, root: string): void => {
        const site = stream === undefined ? null : siteNow(stream, draft);
        if (site !== null && root !== draft.root) own.set(site, root);
      };
      for (const [key, stream] of mine) if (!theirs.has(key)) give(stream, rootA);
      for (const [key, stream] of theirs) {
        const ingredient = streams.get(key);
        give(stream, ingredient !== undefined && choice.has(ingredient) ? rootA : rootB);
      }
      draft.streams = own;
      if (hash !== null && choice.has(hash)) takeHash(a.run, draft);
    },
  };
}
