import { createHash, type Hash, hash } from "node:crypto";
import { chunkEnd, MOST_CHUNK_BYTES } from "../chunks/gear.ts";

/**
 * Memory in which one thread reads a file and another one hashes and cuts it. Imports nothing of other rooms, as
 * hash-share.ts.
 */
export interface ChunkRing {
  readonly ring: SharedArrayBuffer;
}

export const SLOTS = 4;
export const SLOT_BYTES = 4 << 20;
/** No more chunks can end in a slot: each but the last has 16 KiB. */
const MOST_CHUNKS = (SLOT_BYTES + MOST_CHUNK_BYTES) / (16 << 10) + 2;
const DIGEST_BYTES = 32;

/** States of a slot. */
export const [FREE, FILLED, LAST, CUT, STOP] = [0, 1, 2, 3, 4];

/** What a slot holds: its state, how many bytes were read, and of the chunks that end in it how many, how long, which. */
export interface Slot {
  readonly facts: Int32Array;
  readonly bytes: Buffer;
  readonly lengths: Int32Array;
  readonly digests: Buffer;
}

const FACTS_BYTES = 16;
const SLOT_ROOM = FACTS_BYTES + SLOT_BYTES + MOST_CHUNKS * (4 + DIGEST_BYTES);

export const [STATE, FILL, COUNT] = [0, 1, 2];

export const chunkRing = (): ChunkRing => ({ ring: new SharedArrayBuffer(SLOTS * SLOT_ROOM + DIGEST_BYTES) });

export function slotsOf({ ring }: ChunkRing): Slot[] {
  return Array.from({ length: SLOTS }, (_, index) => {
    const at = index * SLOT_ROOM;
    const lengthsAt = at + FACTS_BYTES + SLOT_BYTES;
    return {
      facts: new Int32Array(ring, at, FACTS_BYTES / 4),
      bytes: Buffer.from(ring, at + FACTS_BYTES, SLOT_BYTES),
      lengths: new Int32Array(ring, lengthsAt, MOST_CHUNKS),
      digests: Buffer.from(ring, lengthsAt + MOST_CHUNKS * 4, MOST_CHUNKS * DIGEST_BYTES),
    };
  });
}

/** Of the whole file; there once the last slot is cut. */
export const wholeOf = ({ ring }: ChunkRing): Buffer => Buffer.from(ring, SLOTS * SLOT_ROOM, DIGEST_BYTES);

export function setState({ facts }: Slot, state: number): void {
  Atomics.store(facts, STATE, state);
  Atomics.notify(facts, STATE);
}

/** Cuts files, slot by slot, until the last one or until it is told to stop. */
export function cutRing(share: ChunkRing): void {
  const slots = slotsOf(share);
  const cutting = new Cutting();
  for (let turn = 0; ; turn++) {
    const slot = slots[turn % SLOTS] as Slot;
    let state = Atomics.load(slot.facts, STATE);
    while (state === FREE || state === CUT) {
      Atomics.wait(slot.facts, STATE, state);
      state = Atomics.load(slot.facts, STATE);
    }
    if (state === STOP) return;
    cutting.cut(slot, state === LAST);
    if (state === LAST) wholeOf(share).set(cutting.whole.digest());
    setState(slot, CUT);
    if (state === LAST) return;
  }
}

class Cutting {
  readonly whole: Hash = createHash("sha256");
  readonly #bytes = Buffer.allocUnsafeSlow(SLOT_BYTES + MOST_CHUNK_BYTES);
  #kept = 0;

  cut({ bytes, facts, lengths, digests }: Slot, last: boolean): void {
    const filled = this.#kept + (facts[FILL] as number);
    // Node hashes no shared memory.
    this.#bytes.set(bytes.subarray(0, filled - this.#kept), this.#kept);
    this.whole.update(this.#bytes.subarray(this.#kept, filled));
    const here = this.#bytes.subarray(0, filled);
    let [at, count] = [0, 0];
    while (at < filled && (last || filled - at >= MOST_CHUNK_BYTES)) {
      const end = chunkEnd(here, at);
      digests.set(hash("sha256", here.subarray(at, end), "buffer"), count * DIGEST_BYTES);
      lengths[count] = end - at;
      count += 1;
      at = end;
    }
    facts[COUNT] = count;
    this.#bytes.copyWithin(0, at, filled);
    this.#kept = filled - at;
  }
}

export const digestIn = ({ digests }: Slot, index: number): string =>
  digests.toString("hex", index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);
