/** One record of a line trace (docs/format/trace.md). */

export interface TraceFunction {
  readonly file: string;
  readonly name: string;
  /** Where it is defined. */
  readonly line: number;
}

/** A variable that is another value than before. `:name` is one of the module, `rng.name` the state of a generator. */
export interface TraceChange {
  readonly name: string;
  /** "-": it is gone. */
  readonly value: string;
  /** Found at a rare full look: it may have changed on any line since the last one. */
  readonly late: boolean;
}

interface InThread {
  /** "" is the main thread. */
  readonly thread: string;
  readonly activation: number;
}

export interface TraceCall extends InThread {
  readonly kind: "call";
  readonly function: TraceFunction;
  /** The activation from whose line it was called, 0: none of the user's. */
  readonly caller: number;
  readonly callerLine: number;
  readonly changes: readonly TraceChange[];
}

/** A line that has run; with "return" the activation is over, with "yield" it waits. */
export interface TraceLine extends InThread {
  readonly kind: "line" | "return" | "yield";
  readonly line: number;
  readonly changes: readonly TraceChange[];
}

export interface TraceAgain extends InThread {
  readonly kind: "again";
  readonly caller: number;
  readonly callerLine: number;
}

export interface TraceOperator {
  readonly kind: "operator";
  readonly thread: string;
  readonly name: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** It gave memory as it was found: its outputs are no result. */
  readonly fresh: boolean;
}

export type TraceRecord =
  | TraceCall
  | TraceLine
  | TraceAgain
  | TraceOperator
  | { readonly kind: "step"; readonly of: string; readonly n: number }
  | { readonly kind: "warning"; readonly text: string }
  | { readonly kind: "cut"; readonly why: string }
  | { readonly kind: "end" };
