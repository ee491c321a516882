import { statSync } from "node:fs";
import { readPackages } from "#capture";
import { type AgentEvent, isUnknown, type Known } from "#record";
import type { Store } from "#store";
import type { Hashed } from "./inputs.ts";

/** Larger files wait until the child has ended: hashing must not take its cores. */
const MOST_BYTES = 1024 * 1024;
const PER_TURN = 256;
const TURN_MS = 25;

/**
 * Digests of small files while the child runs, soon after it opened them: before it can change them, and in time that
 * would else be added after its end.
 */
export class EarlyDigests {
  readonly found = new Map<string, Known<Hashed>>();
  readonly #waiting = new Set<string>();
  #timer: NodeJS.Timeout | null = null;

  constructor(private readonly store: Store) {}

  take(event: AgentEvent): void {
    // Reading the packages now fills the cache that the end of the run reads from.
    if (event.e === "hello" && event.lang === "python") setTimeout(() => readPackages(event.path, []), TURN_MS).unref();
    if (event.e !== "read" || this.found.has(event.p)) return;
    this.#waiting.add(event.p);
    this.#timer ??= setTimeout(() => this.#work(), TURN_MS).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#waiting.clear();
  }

  #work(): void {
    this.#timer = null;
    const turn: string[] = [];
    for (const path of this.#waiting) {
      if (turn.length === PER_TURN) break;
      this.#waiting.delete(path);
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat?.isFile() === true && stat.size <= MOST_BYTES) turn.push(path);
    }
    for (const [path, hashed] of this.store.files.digestFiles(turn))
      if (!isUnknown(hashed)) this.found.set(path, hashed);
    if (this.#waiting.size > 0) this.#timer = setTimeout(() => this.#work(), TURN_MS).unref();
  }
}
