import type { TraceAgain, TraceCall, TraceLine, TraceRecord } from "#record";

export type Flow = TraceCall | TraceLine | TraceAgain;
export interface Step {
  readonly of: string;
  readonly n: number;
}

/** A record of one thread, and where it stands: after how many records of the file, in which step. */
export interface Seen {
  readonly record: Flow;
  readonly at: number;
  readonly step: Step | null;
}

/** Reads ahead in one thread of a trace, as far as asked and no further. */
export class Cursor {
  private readonly iterator: Iterator<TraceRecord>;
  private ahead: Seen[] = [];
  private from = 0;
  private at = 0;
  private step: Step | null = null;
  /** The file says that the process got to its end; else there may have been more. */
  whole = false;
  /** Why records are missing at the end. */
  cut: string | null = null;
  readonly threads = new Set<string>();

  constructor(
    records: Iterable<TraceRecord>,
    private readonly thread: string,
  ) {
    this.iterator = records[Symbol.iterator]();
  }

  /** The n-th record from here, undefined beyond the end. */
  peek(n: number): Seen | undefined {
    while (this.ahead.length - this.from <= n) {
      const next = this.read();
      if (next === null) return undefined;
      this.ahead.push(next);
    }
    return this.ahead[this.from + n];
  }

  shift(): void {
    this.from += 1;
    if (this.from > 4096) {
      this.ahead = this.ahead.slice(this.from);
      this.from = 0;
    }
  }

  private read(): Seen | null {
    for (;;) {
      const next = this.iterator.next();
      if (next.done === true) return null;
      const value = next.value;
      this.at += 1;
      if (value.kind === "step") this.step = { of: value.of, n: value.n };
      else if (value.kind === "end") this.whole = true;
      else if (value.kind === "cut") this.cut = value.why;
      else if (value.kind === "operator" || value.kind === "warning") continue;
      else if (value.thread === this.thread) return { record: value, at: this.at, step: this.step };
      else this.threads.add(value.thread);
    }
  }

  /** Ends the reading of the file. */
  close(): void {
    this.iterator.return?.();
  }
}
