import { EXIT } from "./exit-codes.ts";

/** So many presses mean: at once, whatever is lost. */
const PATIENCE = 4;
/** A key held down is one press. */
const SAME_PRESS_MS = 300;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Keeps this process alive through the signals that end one; says how often that was needed. */
class Guard {
  presses = 0;
  readonly abort = new AbortController();
  #last = Number.NEGATIVE_INFINITY;
  readonly #press = (): void => {
    const now = performance.now();
    if (now - this.#last < SAME_PRESS_MS) return;
    this.#last = now;
    this.presses += 1;
    this.abort.abort();
    if (this.presses >= PATIENCE) process.exit(EXIT.interrupted);
  };

  attach(): void {
    for (const signal of SIGNALS) process.on(signal, this.#press);
  }

  detach(): void {
    for (const signal of SIGNALS) process.off(signal, this.#press);
  }
}

export interface HeldSignals {
  readonly isStarted: boolean;
  started(): void;
  release(): void;
}

/**
 * While a command runs exec passes signals on to it; once it has ended the record must still be written. So from its
 * start on none of them ends us; before it each does as ever.
 */
export function holdSignals(): HeldSignals {
  const guard = new Guard();
  let started = false;
  return {
    get isStarted() {
      return started;
    },
    started: () => {
      started = true;
      guard.attach();
    },
    release: () => guard.detach(),
  };
}

/** Thrown to leave a verification between two replays. */
export class Interrupted extends Error {}

export interface Interrupt {
  readonly requested: boolean;
  /** Aborted at the first press. */
  readonly signal: AbortSignal;
  /** Throws Interrupted once Ctrl-C was pressed. */
  check(): void;
  release(): void;
}

/** Ctrl-C ends the replay that is running (exec does that), then us, after folders are cleaned up. */
export function catchInterrupt(): Interrupt {
  const guard = new Guard();
  guard.attach();
  return {
    get requested() {
      return guard.presses > 0;
    },
    signal: guard.abort.signal,
    check: () => {
      if (guard.presses > 0) throw new Interrupted("interrupted");
    },
    release: () => guard.detach(),
  };
}
