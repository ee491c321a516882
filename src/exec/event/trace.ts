import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import type { TraceChange, TraceFunction, TraceRecord } from "#record";

const CHUNK = 1 << 20;
const LONGEST_LINE = 4 << 20;

/** The lines of a file, one chunk in memory at a time. A last line without a line feed was torn and is left out. */
function* linesOf(path: string): Generator<string> {
  const fd = openSync(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(CHUNK);
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const count = readSync(fd, buffer, 0, CHUNK, null);
      if (count === 0) return;
      const bytes = buffer.subarray(0, count);
      const end = bytes.lastIndexOf(10) + 1;
      if (end > 0) {
        const whole = rest.length === 0 ? bytes.subarray(0, end) : Buffer.concat([rest, bytes.subarray(0, end)]);
        yield* whole.toString("utf8", 0, whole.length - 1).split("\n");
        rest = Buffer.alloc(0);
      }
      if (end < count) rest = Buffer.concat([rest, bytes.subarray(end)]);
      if (rest.length > LONGEST_LINE) return;
    }
  } finally {
    closeSync(fd);
  }
}

function quoted(text: string | undefined): string {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return typeof value === "string" ? value : "?";
  } catch {
    return "?";
  }
}

/** `name=value`, or `name~value` where the change was found late. */
function changeOf(part: string): TraceChange {
  const at = part.search(/[=~]/);
  if (at < 0) return { name: part, value: "?", late: false };
  return { name: part.slice(0, at), value: part.slice(at + 1), late: part[at] === "~" };
}

const listOf = (text: string | undefined): string[] => (text === undefined || text === "" ? [] : text.split(","));
const KINDS = { L: "line", R: "return", Y: "yield" } as const;
const UNKNOWN: TraceFunction = { file: "?", name: "?", line: 0 };

/** Names that records refer to by number. */
class Names {
  readonly files = new Map<string, string>();
  readonly functions = new Map<string, TraceFunction>();
  readonly threads = new Map<string, string>();

  /** The record of a line; null where it only names something, or is of a kind that we do not know. */
  take(text: string): TraceRecord | null {
    let parts = text.split("\t");
    let thread = "";
    if (text.startsWith("@")) {
      thread = this.threads.get((parts[0] ?? "").slice(1)) ?? "?";
      parts = parts.slice(1);
    }
    const [kind, first = "", second = "", third = "", fourth = ""] = parts;
    switch (kind) {
      case "L":
      case "R":
      case "Y":
        return {
          kind: KINDS[kind],
          thread,
          activation: Number(first),
          line: Number(second),
          changes: parts.slice(3).map(changeOf),
        };
      case "C":
        return {
          kind: "call",
          thread,
          activation: Number(first),
          function: this.functions.get(second) ?? UNKNOWN,
          caller: Number(third),
          callerLine: Number(fourth),
          changes: parts.slice(5).map(changeOf),
        };
      case "G":
        return { kind: "again", thread, activation: Number(first), caller: Number(second), callerLine: Number(third) };
      case "S":
        return { kind: "step", of: quoted(first), n: Number(second) };
      case "O":
        return {
          kind: "operator",
          thread,
          name: first,
          file: this.files.get(second) ?? null,
          line: third === "" ? null : Number(third),
          inputs: listOf(fourth),
          outputs: listOf(parts[5]),
          fresh: parts[6] === "fresh",
        };
      case "W":
        return { kind: "warning", text: quoted(first) };
      case "X":
        return { kind: "cut", why: quoted(first) };
      case "E":
        return { kind: "end" };
      default:
        this.name(kind, parts);
        return null;
    }
  }

  private name(kind: string | undefined, parts: readonly string[]): void {
    const [, id = "", second = "", third, fourth] = parts;
    if (kind === "F") this.files.set(id, quoted(second));
    if (kind === "T") this.threads.set(id, quoted(second));
    if (kind === "U") {
      this.functions.set(id, { file: this.files.get(second) ?? "?", line: Number(third), name: quoted(fourth) });
    }
  }
}

function* recordsOf(path: string): Generator<TraceRecord> {
  const names = new Names();
  let first = true;
  for (const line of linesOf(path)) {
    const record = first || line === "" ? null : names.take(line);
    first = false;
    if (record !== null) yield record;
  }
}

function processOf(path: string): string | null {
  try {
    for (const line of linesOf(path)) {
      const head: unknown = JSON.parse(line);
      if (typeof head !== "object" || head === null || !("v" in head) || head.v !== 1 || !("proc" in head)) return null;
      return typeof head.proc === "string" ? head.proc : null;
    }
  } catch {
    // no trace of ours
  }
  return null;
}

/** The traces of a run by process key. Each can be read any number of times and is never in memory as a whole. */
export function readTrace(folder: string): Map<string, Iterable<TraceRecord>> {
  const found = new Map<string, Iterable<TraceRecord>>();
  let names: string[] = [];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith(".trace"));
  } catch {
    // none was written
  }
  for (const name of names.sort()) {
    const path = join(folder, name);
    const proc = processOf(path);
    if (proc !== null && !found.has(proc)) found.set(proc, { [Symbol.iterator]: () => recordsOf(path) });
  }
  return found;
}
