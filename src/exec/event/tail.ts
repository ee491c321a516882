import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import type { AgentEvent } from "#record";
import { parseEvent } from "./line.ts";

const POLL_MS = 50;
const SELDOM_MS = 1000;
const CHUNK = 256 << 10;
/** Per file and poll: a torrent of events must not hold up the child's output. */
const CHUNKS_PER_POLL = 8;

interface Place {
  offset: number;
  rest: Buffer;
}

/** Follows the event files while the processes write them. Each whole line is handed on once. */
export class EventTail {
  private readonly places = new Map<string, Place>();
  private timer: NodeJS.Timeout;
  private waitMs = POLL_MS;
  private fresh = false;
  private readonly buffer = Buffer.allocUnsafe(CHUNK);

  constructor(
    private readonly folder: string,
    private readonly onEvent: (event: AgentEvent, file: string) => void,
  ) {
    this.timer = setTimeout(() => this.turn(), POLL_MS);
  }

  /** A run that says nothing is asked ever more seldom: training must not feel it. */
  private turn(): void {
    this.fresh = false;
    this.poll(CHUNKS_PER_POLL);
    this.waitMs = this.fresh ? POLL_MS : Math.min(1.5 * this.waitMs, SELDOM_MS);
    this.timer = setTimeout(() => this.turn(), this.waitMs);
  }

  /** Hands on what is there and stops. */
  stop(): void {
    clearTimeout(this.timer);
    this.poll(Number.POSITIVE_INFINITY);
    this.places.clear();
  }

  private poll(chunks: number): void {
    let names: string[] = [];
    try {
      names = readdirSync(this.folder);
    } catch {
      return;
    }
    for (const name of names.sort()) if (name.endsWith(".jsonl")) this.follow(name, chunks);
  }

  private follow(name: string, chunks: number): void {
    const place = this.places.get(name) ?? { offset: 0, rest: Buffer.alloc(0) };
    this.places.set(name, place);
    let fd: number;
    try {
      fd = openSync(join(this.folder, name), "r");
    } catch {
      return;
    }
    try {
      for (let left = chunks; left > 0; left -= 1) {
        const count = readSync(fd, this.buffer, 0, CHUNK, place.offset);
        place.offset += count;
        this.fresh ||= count > 0;
        if (count > 0) this.take(name, place, this.buffer.subarray(0, count));
        if (count < CHUNK) break;
      }
    } catch {
      // readEvents will count it
    } finally {
      closeSync(fd);
    }
  }

  private take(name: string, place: Place, bytes: Buffer): void {
    const whole = place.rest.length === 0 ? bytes : Buffer.concat([place.rest, bytes]);
    const end = whole.lastIndexOf(10) + 1;
    place.rest = Buffer.from(whole.subarray(end));
    for (const line of whole.toString("utf8", 0, end).split("\n")) {
      const event = line === "" ? "torn" : parseEvent(line);
      if (event !== null && event !== "torn") this.onEvent(event, name);
    }
  }
}
