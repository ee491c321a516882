import { lstatSync } from "node:fs";
import { stampOf } from "../files/file-stamp.ts";

/**
 * Files that several threads look at together: whether each looks as it did. Blocks of text, four fields an entry and each
 * ended by NUL: its path below the root, two that are not asked for here, its stamp. Imports what hash-share.ts may import.
 */
export interface LookShare {
  readonly root: string;
  /** The blocks in UTF-8, one after another: a million entries are 100 MB, too much for a copy in each thread (measured). */
  readonly text: SharedArrayBuffer;
  readonly ends: readonly number[];
  readonly looks: SharedArrayBuffer;
}

const [NEXT, OVER, DIFFERS] = [0, 1, 2];
const FIELDS = 4;

export const newLooks = (): SharedArrayBuffer => new SharedArrayBuffer(16);

export function lookShare(root: string, blocks: readonly string[], looks: SharedArrayBuffer): LookShare {
  const text = new SharedArrayBuffer(blocks.reduce((sum, block) => sum + Buffer.byteLength(block), 0));
  const bytes = Buffer.from(text);
  let at = 0;
  const ends = blocks.map((block) => {
    at += bytes.write(block, at);
    return at;
  });
  return { root, text, ends, looks };
}

function sameLooks(root: string, block: string): boolean {
  const fields = block.split("\0");
  for (let at = 0; at + FIELDS <= fields.length; at += FIELDS) {
    const stat = lstatSync(`${root}/${fields[at]}`, { throwIfNoEntry: false });
    if (stat === undefined || stampOf(stat) !== fields[at + FIELDS - 1]) return false;
  }
  return true;
}

export function lookTogether({ root, text, ends, looks }: LookShare): void {
  const bytes = Buffer.from(text);
  lookThrough(root, looks, (index) =>
    index < ends.length ? bytes.toString("utf8", ends[index - 1] ?? 0, ends[index]) : undefined,
  );
}

/** Takes blocks until none is left, or one of them differs. */
export function lookThrough(
  root: string,
  looks: SharedArrayBuffer,
  blockAt: (index: number) => string | undefined,
): void {
  const head = new Int32Array(looks);
  for (;;) {
    const block = blockAt(Atomics.add(head, NEXT, 1));
    if (block === undefined) return;
    try {
      if (Atomics.load(head, DIFFERS) === 0 && !sameLooks(root, block)) Atomics.store(head, DIFFERS, 1);
    } catch {
      Atomics.store(head, DIFFERS, 1);
    }
    Atomics.add(head, OVER, 1);
    Atomics.notify(head, OVER);
  }
}

/** Waits for the blocks that others have taken. False: one differs, or is not over after so long. */
export function allLookSame(count: number, looks: SharedArrayBuffer, patienceMs: number): boolean {
  const head = new Int32Array(looks);
  for (;;) {
    const over = Atomics.load(head, OVER);
    if (over >= count) return Atomics.load(head, DIFFERS) === 0;
    if (Atomics.wait(head, OVER, over, patienceMs) === "timed-out") return false;
  }
}
