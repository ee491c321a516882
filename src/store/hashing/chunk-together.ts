import { readSync } from "node:fs";
import { type Digest, digestFromHex } from "#record";
import type { Chunk } from "../chunks/chunk-list.ts";
import type { Chunked } from "../chunks/chunk-open.ts";
import { MOST_CHUNK_BYTES } from "../chunks/gear.ts";
import {
  type ChunkRing,
  COUNT,
  CUT,
  chunkRing,
  digestIn,
  FILL,
  FILLED,
  FREE,
  LAST,
  SLOT_BYTES,
  SLOTS,
  type Slot,
  STATE,
  STOP,
  setState,
  slotsOf,
  wholeOf,
} from "./chunk-ring.ts";
import { PATIENCE_MS, type Threads } from "./threads.ts";

/** Below this one thread has done it before another one has started (measured); and before it is told, when it runs. */
const LEAST_BYTES = 64 << 20;
const LEAST_RUNNING_BYTES = 8 << 20;

type Take = (digest: Digest, bytes: Uint8Array) => void;

/** Reads until a slot is full or the file at its end; false then. */
function fill(fd: number, position: number, { bytes, facts }: Slot): boolean {
  let filled = 0;
  while (filled < SLOT_BYTES) {
    const got = readSync(fd, bytes, filled, SLOT_BYTES - filled, position + filled);
    if (got === 0) break;
    filled += got;
  }
  facts[FILL] = filled;
  return filled === SLOT_BYTES;
}

/** False: whoever cuts has given no sign of life for so long. */
function waitUntilCut({ facts }: Slot): boolean {
  for (let waits = 0; ; ) {
    const state = Atomics.load(facts, STATE);
    if (state === CUT) return true;
    if (Atomics.wait(facts, STATE, state, PATIENCE_MS) === "timed-out") waits += 1;
    if (waits >= 2) return false;
  }
}

/** Hands out the bytes of chunks, also of those that begin in one slot and end in a later one. */
class Chunks {
  readonly chunks: Chunk[] = [];
  readonly #kept = Buffer.allocUnsafeSlow(2 * MOST_CHUNK_BYTES);
  #length = 0;

  constructor(private readonly take: Take) {}

  /** All that was cut in a slot. Its bytes are not needed afterwards. */
  from(slot: Slot): void {
    const { bytes, facts, lengths } = slot;
    const [filled = 0, count = 0] = [facts[FILL], facts[COUNT]];
    // The kept bytes stand before those of the slot.
    let at = -this.#length;
    for (let index = 0; index < count; index++) {
      const end = at + (lengths[index] as number);
      const digest = digestFromHex(digestIn(slot, index));
      this.take(digest, this.#bytes(at, end, bytes));
      this.chunks.push({ digest, bytes: end - at });
      at = end;
    }
    const left = this.#bytes(at, filled, bytes);
    this.#kept.set(left, 0);
    this.#length = left.length;
  }

  #bytes(from: number, to: number, bytes: Buffer): Uint8Array {
    if (from >= 0) return bytes.subarray(from, to);
    if (to > 0) this.#kept.set(bytes.subarray(0, to), this.#length);
    return this.#kept.subarray(this.#length + from, this.#length + to);
  }
}

/**
 * As chunkOpen, from the start of the file: this thread reads and keeps while another one hashes and cuts. null: there is no other
 * thread, or it would not pay, or it has died; then some chunks may have been handed out already.
 */
export function chunkTogether(fd: number, fileBytes: number, threads: Threads, take: Take): Chunked | null {
  const least = threads.running === 0 ? LEAST_BYTES : LEAST_RUNNING_BYTES;
  if (fileBytes < least || threads.start(1) === 0) return null;
  const ring = threads.ring ?? chunkRing();
  // Not again where this ends early: somebody may still be at it.
  threads.ring = null;
  threads.shareOne(ring);
  const slots = slotsOf(ring);
  const done = through(fd, ring, slots, new Chunks(take));
  if (done === null) threads.giveUp();
  else threads.ring = ring;
  return done;
}

function through(fd: number, ring: ChunkRing, slots: readonly Slot[], chunks: Chunks): Chunked | null {
  let [read, collected, total] = [0, 0, 0];
  let more = true;
  try {
    for (;;) {
      for (; more && read - collected < SLOTS; read++) {
        const slot = slots[read % SLOTS] as Slot;
        more = fill(fd, total, slot);
        total += slot.facts[FILL] as number;
        setState(slot, more ? FILLED : LAST);
      }
      const slot = slots[collected % SLOTS] as Slot;
      if (!waitUntilCut(slot)) return null;
      chunks.from(slot);
      setState(slot, FREE);
      collected += 1;
      if (!more && collected === read)
        return { digest: digestFromHex(wholeOf(ring).toString("hex")), bytes: total, chunks: chunks.chunks };
    }
  } finally {
    // Reading or keeping failed: nobody waits for more.
    if (more || collected < read) for (const slot of slots) setState(slot, STOP);
  }
}
