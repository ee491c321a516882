import type { TraceFunction } from "#record";
import type { Cursor, Flow } from "./cursor.ts";
import type { Frame, Side, State } from "./frame.ts";

/** Records that are looked through on each side for the place where two runs come together again. */
const WINDOW = 20_000;
/** So many records in a row must agree there. */
const ALIKE = 4;

const placeOf = (code: TraceFunction | undefined): string =>
  code === undefined ? "?" : `${code.file}\t${code.name}\t${code.line}`;

/** Functions of the activations that a look ahead comes by. */
class Functions {
  private readonly ahead = new Map<number, TraceFunction>();

  constructor(private readonly frames: ReadonlyMap<number, Frame>) {}

  /** Equal for the same place in the program, whatever the values are. */
  key(record: Flow): string {
    const code = (activation: number): string =>
      placeOf(this.ahead.get(activation) ?? this.frames.get(activation)?.code);
    if (record.kind === "call") {
      this.ahead.set(record.activation, record.function);
      return `C ${placeOf(record.function)} ${record.callerLine}`;
    }
    if (record.kind === "again") return `G ${code(record.activation)} ${record.callerLine}`;
    return `${record.kind} ${code(record.activation)} ${record.line}`;
  }
}

/** Whether two records are the same point of the program, in activations that belong together. */
export function matches(state: State, a: Flow, b: Flow): boolean {
  if (a.kind !== b.kind) return false;
  const frame = (side: Side, activation: number): Frame | undefined => state.frames[side].get(activation);
  if (a.kind === "call" && b.kind === "call") {
    return (
      a.callerLine === b.callerLine &&
      placeOf(a.function) === placeOf(b.function) &&
      frame("a", a.caller) === frame("b", b.caller)
    );
  }
  if (frame("a", a.activation) !== frame("b", b.activation)) return false;
  if (a.kind === "again" && b.kind === "again") return a.callerLine === b.callerLine;
  return "line" in a && "line" in b && a.line === b.line;
}

/** Whether the records from here on are those of the same activations, so that the runs are together again. */
function together(state: State, a: readonly Flow[], i: number, b: readonly Flow[], j: number): boolean {
  const x = a[i];
  const y = b[j];
  if (x === undefined || y === undefined) return false;
  const at = (record: Flow): number => (record.kind === "call" ? record.caller : record.activation);
  const [p, q] = [state.frames.a.get(at(x)), state.frames.b.get(at(y))];
  return p !== undefined && p === q;
}

const ahead = (cursor: Cursor, most: number): Flow[] => {
  const records: Flow[] = [];
  for (let n = 0; n < most; n += 1) {
    const next = cursor.peek(n);
    if (next === undefined) break;
    records.push(next.record);
  }
  return records;
};

/** How many records of each side to leave out until both agree again, with the fewest left out; null: nowhere in sight. */
export function rejoin(state: State, a: Cursor, b: Cursor): readonly [number, number] | null {
  for (let window = 256; ; window = Math.min(window * 8, WINDOW)) {
    const [left, right] = [ahead(a, window), ahead(b, window)];
    const [of, other] = [new Functions(state.frames.a), new Functions(state.frames.b)];
    const [x, y] = [left.map((record) => of.key(record)), right.map((record) => other.key(record))];
    const places = new Map<string, number[]>();
    const gram = (keys: readonly string[], n: number): string => keys.slice(n, n + ALIKE).join("\n");
    for (let j = 0; j < y.length; j += 1) {
      const key = gram(y, j);
      const known = places.get(key);
      if (known === undefined) places.set(key, [j]);
      else if (known.length < 64) known.push(j);
    }
    let best: readonly [number, number] | null = null;
    for (let i = 0; i < x.length && (best === null || i < best[0] + best[1]); i += 1) {
      for (const j of places.get(gram(x, i)) ?? []) {
        if (best !== null && i + j >= best[0] + best[1]) break;
        if (together(state, left, i, right, j)) best = [i, j];
      }
    }
    if (best !== null) return best;
    if (window >= WINDOW || (left.length < window && right.length < window)) return null;
  }
}
