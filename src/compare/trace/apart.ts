import type { TraceFunction, TraceRecord } from "#record";
import { matches, rejoin } from "./align.ts";
import { Cursor, type Flow, type Seen, type Step } from "./cursor.ts";
import { Frame, type Side, State } from "./frame.ts";

/** The first line whose outcome differs between two runs that were equal before it. */
export interface LineApart {
  readonly kind: "value" | "control-flow" | "rng";
  readonly file: string;
  readonly function: string;
  readonly line: number;
  /** null: the runs went on at different lines. `return`, `yield`, `raise`: the value that left the function. */
  readonly variable: string | null;
  /** All that differs after this line, generators (`rng.random`) included. */
  readonly variables: readonly string[];
  /** Texts of values, "-" where there is none; for control flow where each run went on. */
  readonly a: string;
  readonly b: string;
  /** Control flow: the lines on which the two went on, null at their end. */
  readonly ways?: { readonly a: Way | null; readonly b: Way | null };
  readonly thread: string;
  readonly step: Step | null;
  /** Found at a rare full look: the change may have happened on an earlier line. */
  readonly late: boolean;
  /** Found where the trace begins, in what was there before: the line that did it was not traced. */
  readonly before?: boolean;
  /** Later on all that is known was equal again. */
  readonly healed: boolean;
  /** How many records of run A's trace come before it. */
  readonly at: number;
}

interface Way {
  readonly file: string;
  readonly line: number;
}

const MOST_HEALED = 100;

export interface ThreadApart {
  readonly root: LineApart | null;
  readonly healed: readonly LineApart[];
  readonly threads: ReadonlySet<string>;
  /** Why a trace does not go on to the end of its process; null when both do. */
  readonly cut: string | null;
}

/** Follows one thread through both traces. */
export class Comparison {
  private readonly state = new State();
  private readonly cursors: Readonly<Record<Side, Cursor>>;
  private open: LineApart | null = null;
  private readonly healed: LineApart[] = [];
  private last: { code: TraceFunction; line: number } = { code: { file: "?", name: "?", line: 0 }, line: 0 };

  constructor(
    a: Iterable<TraceRecord>,
    b: Iterable<TraceRecord>,
    private readonly thread: string,
    private readonly ignore: (apart: LineApart) => boolean,
  ) {
    this.cursors = { a: new Cursor(a, thread), b: new Cursor(b, thread) };
  }

  run(): ThreadApart {
    const { a, b } = this.cursors;
    try {
      for (;;) {
        const [x, y] = [a.peek(0), b.peek(0)];
        if (x === undefined || y === undefined) {
          if (x !== y) this.ended(x, y);
          break;
        }
        if (matches(this.state, x.record, y.record)) this.both(x, y);
        else if (!this.parted(x, y)) break;
      }
      const cut = a.cut ?? b.cut ?? (a.whole && b.whole ? null : "a process ended without a word");
      return {
        root: this.open,
        healed: this.healed,
        threads: new Set([...a.threads, ...b.threads]),
        cut: this.open === null ? cut : null,
      };
    } finally {
      a.close();
      b.close();
    }
  }

  private frame(side: Side, record: Flow): Frame {
    const frames = this.state.frames[side];
    const known = frames.get(record.activation);
    if (known !== undefined && record.kind !== "call") return known;
    const made = new Frame(record.kind === "call" ? record.function : { file: "?", name: "?", line: 0 });
    frames.set(record.activation, made);
    return made;
  }

  /** Which line of which activation a record is about: of a call, the one from which it came. */
  private placeOf(frame: Frame, record: Flow): { code: TraceFunction; line: number } {
    if (record.kind !== "call" && record.kind !== "again") return { code: frame.code, line: record.line };
    const caller = frame.caller;
    return caller === null
      ? { code: frame.code, line: frame.code.line }
      : { code: caller.code, line: record.callerLine };
  }

  /** Takes a record of one side in, and gives the variables that it touches. */
  private take(side: Side, frame: Frame, record: Flow): [Frame, string][] {
    if (record.kind === "call" || record.kind === "again") {
      frame.caller = this.state.frames[side].get(record.caller) ?? null;
      frame.callerLine = record.callerLine;
      return record.kind === "call" ? this.state.apply(side, frame, record.changes) : [];
    }
    return this.state.apply(side, frame, record.changes);
  }

  /** After all of a record is taken in: what ended with it. */
  private after(frame: Frame, record: Flow, side: Side | null): void {
    if (record.kind === "call" || record.kind === "again") return;
    this.state.settle(frame);
    if (record.kind === "yield") this.state.hand(frame, "yield");
    if (record.kind !== "return") return;
    this.state.hand(frame, null);
    if (side !== "b") this.state.frames.a.delete(record.activation);
  }

  private both(x: Seen, y: Seen): void {
    const frame = this.frame("a", x.record);
    this.state.frames.b.set(y.record.activation, frame);
    const touched = [...this.take("a", frame, x.record), ...this.take("b", frame, y.record)];
    const differing = this.state.compare(touched);
    this.last = this.placeOf(frame, x.record);
    if (differing.length > 0) this.begin(this.value(frame, x, y, differing), differing);
    this.after(frame, x.record, null);
    if (x.record.kind === "return") this.state.frames.b.delete(y.record.activation);
    this.shift();
    this.heal();
  }

  private shift(): void {
    this.cursors.a.shift();
    this.cursors.b.shift();
  }

  private begin(apart: LineApart, differing: readonly (readonly [Frame, string])[] = []): void {
    if (this.open !== null) return;
    if (this.ignore(apart)) this.state.forgive(differing);
    else this.open = apart;
  }

  private heal(): void {
    if (this.open === null || this.state.apart > 0) return;
    if (this.healed.length < MOST_HEALED) this.healed.push({ ...this.open, healed: true });
    this.open = null;
  }

  /** Only this side goes on: its variables count as differing until the other side has them too. */
  private alone(side: Side, seen: Seen): void {
    const { record } = seen;
    const frame = this.frame(side, record);
    this.state.compare(this.take(side, frame, record));
    this.after(frame, record, side);
    if (record.kind === "return") this.state.frames[side].delete(record.activation);
    this.cursors[side].shift();
  }

  /** The runs go on at different lines. False: they are not seen to come together again. */
  private parted(x: Seen, y: Seen): boolean {
    this.begin(this.flow(x, y));
    const way = rejoin(this.state, this.cursors.a, this.cursors.b);
    if (way === null) return false;
    for (const [side, count] of [
      ["a", way[0]],
      ["b", way[1]],
    ] as const) {
      for (let n = 0; n < count; n += 1) {
        const seen = this.cursors[side].peek(0);
        if (seen !== undefined) this.alone(side, seen);
      }
    }
    this.heal();
    return true;
  }

  /** One trace is at its end. That says something only when its process was, too. */
  private ended(x: Seen | undefined, y: Seen | undefined): void {
    const { a, b } = this.cursors;
    if (x === undefined ? a.whole : b.whole) this.begin(this.flow(x, y));
  }

  private value(frame: Frame, x: Seen, y: Seen, differing: readonly (readonly [Frame, string])[]): LineApart {
    const named = differing
      .map(([owner, name]) => [owner, name, shown(owner, name, frame)] as const)
      .sort(([, x], [, y]) => Number(x.startsWith("rng.")) - Number(y.startsWith("rng.")));
    const first = named[0];
    const changes = [x.record, y.record].flatMap((record) => ("changes" in record ? record.changes : []));
    return {
      ...this.place(x, this.placeOf(frame, x.record)),
      kind: differing.some(([, name]) => name.startsWith("rng.")) ? "rng" : "value",
      variable: first?.[2] ?? null,
      variables: [...new Set(named.map(([, , name]) => name))],
      a: first?.[0].a.get(first[1]) ?? "-",
      b: first?.[0].b.get(first[1]) ?? "-",
      before: x.record.kind === "call" && frame.caller === null,
      late: changes.some((change) => change.late && change.name.replace(/^:/, "") === first?.[2]),
    };
  }

  /** Where a record would be, before it is taken in. */
  private running(side: Side, { record }: Seen): { frame: Frame | undefined; line: number; text: string } {
    const inside = record.kind === "call" ? record.caller : record.activation;
    const frame = this.state.frames[side].get(inside);
    if (record.kind === "call" && frame !== undefined) {
      return {
        frame,
        line: record.callerLine,
        text: `${frame.code.file}:${record.callerLine} → ${record.function.name}`,
      };
    }
    const line = "line" in record ? record.line : record.callerLine;
    const text = `${frame?.code.file ?? "?"}:${line}${record.kind === "return" ? " ↩" : ""}`;
    return { frame, line, text };
  }

  private flow(x: Seen | undefined, y: Seen | undefined): LineApart {
    const a = x === undefined ? null : this.running("a", x);
    const b = y === undefined ? null : this.running("b", y);
    // Still the same line: what it does differs. Else the line before decided.
    const same = a !== null && b !== null && a.frame !== undefined && a.frame === b.frame && a.line === b.line;
    const at = same && a.frame !== undefined ? { code: a.frame.code, line: a.line } : this.last;
    return {
      ...this.place(x ?? y, at),
      kind: "control-flow",
      variable: null,
      variables: [],
      a: a?.text ?? "end",
      b: b?.text ?? "end",
      ways: { a: wayOf(a), b: wayOf(b) },
      late: false,
    };
  }

  private place(seen: Seen | undefined, { code, line }: { code: TraceFunction; line: number }) {
    const { thread } = this;
    const { file, name } = code;
    return { file, function: name, line, thread, step: seen?.step ?? null, healed: false, at: seen?.at ?? 0 };
  }
}

function wayOf(running: { readonly frame: Frame | undefined; readonly line: number } | null): Way | null {
  return running?.frame === undefined ? null : { file: running.frame.code.file, line: running.line };
}

/** A variable as the program has it. */
function shown(owner: Frame, name: string, frame: Frame): string {
  if (owner === frame || name.startsWith("rng.")) return name;
  return name.slice(name.indexOf(":") + 1);
}
