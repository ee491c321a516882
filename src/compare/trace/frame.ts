import type { TraceChange, TraceFunction } from "#record";

export type Side = "a" | "b";

/** The variables of one activation, as far as both traces have told them. */
export class Frame {
  readonly a = new Map<string, string>();
  readonly b = new Map<string, string>();
  readonly unequal = new Set<string>();
  /** Activations that ended, and values handed over, on the line that runs now: they count until it is over. */
  waiting: { readonly frame: Frame; readonly name: string | null }[] = [];
  caller: Frame | null = null;
  callerLine = 0;

  constructor(readonly code: TraceFunction) {}
}

const OF_THE_PROCESS: TraceFunction = { file: "", name: "", line: 0 };

/** What is known of both processes, and how many variables of it differ. */
export class State {
  readonly process = new Frame(OF_THE_PROCESS);
  readonly frames = { a: new Map<number, Frame>(), b: new Map<number, Frame>() };
  /** Variables that are not equal at this moment. */
  apart = 0;

  /** Takes changes in and says which variables they touch. */
  apply(side: Side, frame: Frame, changes: readonly TraceChange[]): [Frame, string][] {
    const touched: [Frame, string][] = [];
    for (const { name, value } of changes) {
      const [owner, key] = name.startsWith(":")
        ? ([this.process, `${frame.code.file}${name}`] as const)
        : name.startsWith("rng.")
          ? ([this.process, name] as const)
          : ([frame, name] as const);
      const values = owner[side];
      // The object as a whole says what its attributes are.
      if (!name.slice(1).includes(".") && values.size > 0) {
        for (const known of values.keys()) {
          if (known.startsWith(`${key}.`)) {
            values.delete(known);
            touched.push([owner, known]);
          }
        }
      }
      if (value === "-") values.delete(key);
      else values.set(key, value);
      touched.push([owner, key]);
    }
    return touched;
  }

  /** Compares touched variables; the ones that are apart now. */
  compare(touched: readonly (readonly [Frame, string])[]): [Frame, string][] {
    const apart: [Frame, string][] = [];
    for (const [frame, name] of touched) {
      if (frame.a.get(name) === frame.b.get(name)) {
        if (frame.unequal.delete(name)) this.apart -= 1;
        continue;
      }
      if (!frame.unequal.has(name)) this.apart += 1;
      frame.unequal.add(name);
      apart.push([frame, name]);
    }
    return apart;
  }

  /** Takes run A's values for those of both. */
  forgive(differing: readonly (readonly [Frame, string])[]): void {
    for (const [frame, name] of differing) {
      const value = frame.a.get(name);
      if (value === undefined) frame.b.delete(name);
      else frame.b.set(name, value);
      if (frame.unequal.delete(name)) this.apart -= 1;
    }
  }

  /** A line of this activation is over: what had ended on it counts no more. */
  settle(frame: Frame): void {
    const waiting = frame.waiting;
    if (waiting.length === 0) return;
    frame.waiting = [];
    for (const { frame: ended, name } of waiting) {
      if (name === null) this.drop(ended);
      else {
        ended.a.delete(name);
        ended.b.delete(name);
        if (ended.unequal.delete(name)) this.apart -= 1;
      }
    }
  }

  /** The activation is over, or hands a value over: to the line that runs in its caller. */
  hand(frame: Frame, name: string | null): void {
    if (frame.caller === null) {
      if (name === null) this.drop(frame);
    } else if (name === null ? frame.unequal.size > 0 || frame.waiting.length > 0 : frame.unequal.has(name)) {
      frame.caller.waiting.push({ frame, name });
    }
  }

  private drop(frame: Frame): void {
    this.settle(frame);
    this.apart -= frame.unequal.size;
    frame.unequal.clear();
  }
}
