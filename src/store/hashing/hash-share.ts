import { createHash, hash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";

/**
 * Files that several threads hash together: each takes the next one that nobody has taken. Imports nothing of ours, so that a
 * worker runs it from the source as it does from the bundle.
 */
export interface HashShare {
  readonly paths: readonly string[];
  readonly memory: SharedArrayBuffer;
}

/** How a file looked before and after it was read. */
export type Look = Pick<Stats, "size" | "mtimeMs" | "ctimeMs" | "ino" | "dev">;

export interface Hashed {
  readonly hex: string;
  readonly look: Look;
}

/** Numbers of the head: the next file to take, how many are over, and a sign of life for each piece read. */
const [NEXT, OVER, BEAT] = [0, 1, 2];
const HEAD_BYTES = 16;
const LOOKS = 5;
const DIGEST_BYTES = 32;
const READ_BYTES = 1 << 20;

interface Views {
  readonly head: Int32Array;
  readonly looks: Float64Array;
  /** 1: hashed. 0: not, for whatever reason; whoever reads it in the usual way will be told. */
  readonly hashed: Int32Array;
  readonly digests: Uint8Array;
}

function viewsOf({ paths, memory }: HashShare): Views {
  const count = paths.length;
  const hashedAt = HEAD_BYTES + count * LOOKS * 8;
  return {
    head: new Int32Array(memory, 0, HEAD_BYTES / 4),
    looks: new Float64Array(memory, HEAD_BYTES, count * LOOKS),
    hashed: new Int32Array(memory, hashedAt, count),
    digests: new Uint8Array(memory, hashedAt + count * 4, count * DIGEST_BYTES),
  };
}

export function hashShare(paths: readonly string[]): HashShare {
  return { paths, memory: new SharedArrayBuffer(HEAD_BYTES + paths.length * (LOOKS * 8 + 4 + DIGEST_BYTES)) };
}

let buffer: Buffer | null = null;

function digestOf(fd: number, beat: () => void): Buffer {
  buffer ??= Buffer.allocUnsafeSlow(READ_BYTES);
  let filled = readSync(fd, buffer, 0, READ_BYTES, null);
  if (filled < READ_BYTES) {
    const more = readSync(fd, buffer, filled, READ_BYTES - filled, null);
    filled += more;
    if (more === 0) return hash("sha256", buffer.subarray(0, filled), "buffer");
  }
  const hashing = createHash("sha256");
  for (; filled > 0; filled = readSync(fd, buffer, 0, READ_BYTES, null)) {
    hashing.update(buffer.subarray(0, filled));
    beat();
  }
  return hashing.digest();
}

const numbers = ({ size, mtimeMs, ctimeMs, ino, dev }: Look): number[] => [size, mtimeMs, ctimeMs, ino, dev];

/** Opened so that a pipe or terminal that has got the name does not hold us up. */
function hashOne(path: string, index: number, { head, looks, hashed, digests }: Views): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const before = fstatSync(fd);
    if (!before.isFile()) return;
    digests.set(
      digestOf(fd, () => void Atomics.add(head, BEAT, 1)),
      index * DIGEST_BYTES,
    );
    const look = numbers(before);
    if (numbers(fstatSync(fd)).some((value, at) => value !== look[at])) return;
    looks.set(look, index * LOOKS);
    Atomics.store(hashed, index, 1);
  } finally {
    closeSync(fd);
  }
}

/** Takes files until none is left. What cannot be read stays not hashed. */
export function workOn(share: HashShare): void {
  const views = viewsOf(share);
  for (;;) {
    const index = Atomics.add(views.head, NEXT, 1);
    const path = share.paths[index];
    if (path === undefined) return;
    try {
      hashOne(path, index, views);
    } catch {
      // Not hashed.
    }
    Atomics.add(views.head, BEAT, 1);
    Atomics.add(views.head, OVER, 1);
    Atomics.notify(views.head, OVER);
  }
}

/** Waits for the files that others have taken. False: one of them has given no sign of life for so long. */
export function waitForOthers(share: HashShare, patienceMs: number): boolean {
  const { head } = viewsOf(share);
  for (let beat = -1; ; ) {
    const over = Atomics.load(head, OVER);
    if (over >= share.paths.length) return true;
    const now = Atomics.load(head, BEAT);
    if (Atomics.wait(head, OVER, over, patienceMs) === "timed-out" && Atomics.load(head, BEAT) === now) {
      if (beat === now) return false;
      beat = now;
    }
  }
}

export function hashedIn(share: HashShare): Map<string, Hashed> {
  const { looks, hashed, digests } = viewsOf(share);
  const found = new Map<string, Hashed>();
  for (const [index, path] of share.paths.entries()) {
    if (Atomics.load(hashed, index) !== 1) continue;
    const [size = 0, mtimeMs = 0, ctimeMs = 0, ino = 0, dev = 0] = looks.subarray(index * LOOKS, (index + 1) * LOOKS);
    const hex = Buffer.from(digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES)).toString("hex");
    found.set(path, { hex, look: { size, mtimeMs, ctimeMs, ino, dev } });
  }
  return found;
}
