import type { Pace } from "./options.ts";

/** Ends a run so long after its first steps, or when they do not come. */
export class PaceEnd {
  #timer: NodeJS.Timeout;
  #begun = false;

  constructor(
    private readonly pace: Pace,
    private readonly stop: AbortController,
  ) {
    this.#timer = this.#after(pace.startSeconds);
  }

  /** The first steps were made. */
  begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    clearTimeout(this.#timer);
    this.#timer = this.#after(this.pace.seconds);
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }

  #after(seconds: number): NodeJS.Timeout {
    return setTimeout(() => this.stop.abort(), seconds * 1000).unref();
  }
}
