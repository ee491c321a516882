import type { AgentEvent, CauseKind, RunRecord } from "#record";
import type { FileChange } from "../change/file-change.ts";
import type { Aspect } from "./aspect.ts";
import { type Ingredient, shown } from "./ingredient.ts";
import { linesOf } from "./moved-lines.ts";
import { type Of, type Paired, pairSites, placesNow, type Site } from "./sites.ts";

export interface Traced {
  readonly run: RunRecord;
  readonly events: readonly AgentEvent[];
}

type Valued = Extract<AgentEvent, { e: "val" | "list" }>;

/** All calls of one place in the program. */
interface Place extends Site {
  readonly events: readonly Valued[];
}

function kindOf(event: Valued): CauseKind {
  if (event.e === "list") return "listing-order";
  return event.kind === "clock" ? "wall-clock" : event.kind === "os-entropy" ? "os-entropy" : "other";
}

function placesOf({ events }: Traced, of: Of): Place[] {
  const places = new Map<string, Valued[]>();
  for (const event of events) {
    if (event.e !== "val" && event.e !== "list") continue;
    const key = [kindOf(event), event.name, event.f, event.l].join("\0");
    const before = places.get(key);
    if (before === undefined) places.set(key, [event]);
    else before.push(event);
  }
  return [...places.values()].flatMap((list): Place[] => {
    const [first] = list;
    if (first === undefined) return [];
    return [{ of, what: `${kindOf(first)}\0${first.name}`, within: "", file: first.f, line: first.l, events: list }];
  });
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

function ingredientOf({ a, b }: Paired<Place>): Ingredient | null {
  const [event] = b?.events ?? [];
  if (a === null || b === null || event === undefined || essence(a.events) === essence(b.events)) return null;
  const kind = kindOf(event);
  const words = `${event.name}() at ${b.file}:${b.line} ${WORDS[kind] ?? "read a value"}`;
  return { kind, name: event.name, file: b.file, line: b.line, words, a: say(a.events), b: say(b.events) };
}

/** Clocks, entropy of the system and listings: what user code got, call by call. */
export function readingAspect(a: Traced, b: Traced, changes: readonly FileChange[]): Aspect {
  const pairs = pairSites(placesOf(a, "a"), placesOf(b, "b"), linesOf(changes)).map((pair) => ({
    pair,
    ingredient: ingredientOf(pair),
  }));
  return {
    ingredients: pairs.flatMap(({ ingredient }) => ingredient ?? []),
    unmixable: [],
    apply(choice, draft) {
      draft.heldEvents = pairs.flatMap(({ pair, ingredient }) => {
        const fromA = pair.b === null || (ingredient !== null && choice.has(ingredient));
        const events = (fromA ? pair.a : pair.b)?.events ?? [];
        const places = placesNow(pair, draft.lines);
        return events.flatMap((event) => places.map(({ file, line }) => ({ ...event, f: file, l: line })));
      });
    },
  };
}
