import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { ChunkRing } from "./chunk-ring.ts";
import type { HashShare } from "./hash-share.ts";
import type { LookShare } from "./look-share.ts";

/** From the source; from a bundle's chunks; from its index. */
const PLACES = ["./hash-worker.ts", "../store/hash-worker.js", "./store/hash-worker.js"];

/** Disks give no more to more, and each needs memory. */
const MOST_THREADS = 8;
/** A thread that shows no sign of life twice so long is given up; what it had is done in the usual way. */
export const PATIENCE_MS = 15_000;

function workerPlace(): URL | null {
  return PLACES.map((place) => new URL(place, import.meta.url)).find((url) => existsSync(url)) ?? null;
}

/** A store's threads, started when there is enough for them to do. They never hold the process up. */
export class Threads {
  /** For file after file. The heap does not count shared memory: new for each, hundreds would wait to be freed (measured). */
  ring: ChunkRing | null = null;
  readonly #workers: Worker[] = [];
  #most = Math.min(MOST_THREADS, availableParallelism()) - 1;

  get running(): number {
    return this.#workers.length;
  }

  /** How many there are then, beside this one: not more than are useful, none where there is but one core. */
  start(useful: number): number {
    const wanted = Math.min(this.#most, useful);
    const place = this.#workers.length < wanted ? workerPlace() : null;
    try {
      while (place !== null && this.#workers.length < wanted) {
        // None of our options: they may name loaders and profilers.
        const worker = new Worker(place, { execArgv: [], env: {} });
        worker.on("error", () => this.giveUp());
        worker.unref();
        this.#workers.push(worker);
      }
    } catch {
      // No more threads to be had: those that are there do it.
      this.#most = this.#workers.length;
    }
    return this.#workers.length;
  }

  shareAll(share: HashShare | LookShare): void {
    for (const worker of this.#workers) worker.postMessage(share);
  }

  shareOne(ring: ChunkRing): void {
    this.#workers[0]?.postMessage(ring);
  }

  giveUp(): void {
    this.#most = 0;
    this.close();
  }

  /** They start again when there is more to do. */
  close(): void {
    this.ring = null;
    for (const worker of this.#workers.splice(0)) void worker.terminate();
  }
}
