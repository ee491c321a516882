import type { AgentEvent, EntropyKind, EntropySource } from "#record";

interface Tally {
  readonly kind: EntropyKind;
  readonly name: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly how: "seen" | "source";
  count: number;
  note?: string;
}

interface Sighting {
  readonly kind: EntropyKind;
  readonly name: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly how?: "seen" | "source";
  readonly note?: string;
  readonly times?: number;
}

function sight(event: AgentEvent): Sighting | null {
  switch (event.e) {
    case "gen":
      return { kind: "generator", name: event.name, file: event.f, line: event.l };
    case "drawn":
      return { kind: "global-generator", name: event.name, file: event.f, line: event.l, how: event.how };
    case "val": {
      const kind = event.kind === "clock" ? "clock" : event.kind === "process-id" ? "process-id" : "os-entropy";
      return { kind, name: event.name, file: event.f, line: event.l };
    }
    case "list":
      // An empty folder or a single name has one order only.
      return event.count < 2 ? null : { kind: "listing", name: event.name, file: event.f, line: event.l };
    case "net":
      return { kind: "network", name: event.name, file: event.f, line: event.l, note: event.host };
    default:
      return null;
  }
}

/** The sources of nondeterminism a run touched, one entry a place, with how often. */
export function entropySources(events: readonly AgentEvent[], relative: (path: string) => string): EntropySource[] {
  const tallies = new Map<string, Tally>();
  for (const event of events) {
    const seen = sight(event);
    if (seen === null) continue;
    const file = seen.file === null ? null : relative(seen.file);
    const key = [seen.kind, seen.name, file, seen.line].join("\0");
    const tally = tallies.get(key);
    if (tally !== undefined) {
      tally.count += seen.times ?? 1;
      continue;
    }
    const note = seen.note === undefined ? {} : { note: seen.note };
    tallies.set(key, {
      kind: seen.kind,
      name: seen.name,
      file,
      line: seen.line,
      how: seen.how ?? "seen",
      count: seen.times ?? 1,
      ...note,
    });
  }
  return [...tallies.values()];
}
