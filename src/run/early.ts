import { readPackages } from "#capture";
import { type AgentEvent, isUnknown } from "#record";
import type { Store } from "#store";
import type { Early } from "./inputs/inputs.ts";

/** Larger files wait until the child has ended: hashing must not take its cores. */
const MOST_BYTES = 1024 * 1024;
const PER_STEP = 64;
/** So long at a time, with so long between: the child's output waits no longer than that. */
const WORK_MS = 10;
const PAUSE_MS = 4;
/** The first files wait a little: more come at once. */
const WAIT_MS = 25;

/**
 * Digests of small files while the child runs, soon after it opened them: before it can change them, and in time that
 * would else be added after its end.
 */
export class EarlyDigests {
  readonly found = new Map<string, Early>();
  readonly #waiting = new Set<string>();
  #timer: NodeJS.Timeout | null = null;

  constructor(private readonly store: Store) {}

  take(event: AgentEvent): void {
    // Reading the packages now fills the cache that the end of the run reads from.
    if (event.e === "hello" && event.lang === "python") setTimeout(() => readPackages(event.path, []), WAIT_MS).unref();
    if (event.e !== "read" || this.found.has(event.p)) return;
    this.#waiting.add(event.p);
    this.#timer ??= setTimeout(() => this.#work(), WAIT_MS).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#waiting.clear();
  }

  #next(): string[] {
    const step: string[] = [];
    for (const path of this.#waiting) {
      if (step.length === PER_STEP) break;
      step.push(path);
      this.#waiting.delete(path);
    }
    return step;
  }

  #work(): void {
    this.#timer = null;
    const until = performance.now() + WORK_MS;
    while (this.#waiting.size > 0 && performance.now() < until) {
      const step = this.#next();
      for (const [path, hashed] of this.store.files.digestFiles(step, { mostBytes: MOST_BYTES }))
        if (!isUnknown(hashed)) this.found.set(path, hashed);
    }
    if (this.#waiting.size > 0) this.#timer = setTimeout(() => this.#work(), PAUSE_MS).unref();
  }
}
