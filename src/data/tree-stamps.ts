import { lstatSync, readdirSync } from "node:fs";
import { type Store, settledBefore, stampOf } from "#store";
import { type Found, isSkipped } from "./walk.ts";

/** More than this is not worth a text in memory. */
const MOST_BYTES = 256 << 20;

/** One entry of a tree: where, which, and how it looks from outside. No part can hold the separator (LookShare). */
const entryText = ({ path, raw = "", to = "", stat }: Found): string => `${path}\0${raw}\0${to}\0${stampOf(stat)}\0`;

/** Puts the stamps of a tree together while it is looked at, in blocks; null once one of them could hide a change. */
export class TreeStamps {
  readonly #begun = Date.now();
  #blocks: string[] | null = [];
  #length = 0;

  take(found: readonly Found[]): void {
    if (this.#blocks === null || found.length === 0) return;
    const settled = found.every(({ stat }) => settledBefore(stat, this.#begun));
    const text = settled ? found.map(entryText).join("") : "";
    this.#length += text.length;
    if (!settled || this.#length > MOST_BYTES) this.#blocks = null;
    else this.#blocks.push(text);
  }

  drop(): void {
    this.#blocks = null;
  }

  blocks(): readonly string[] | null {
    return this.#blocks;
  }
}

class NotTold extends Error {}

/** Throws where a name is no text, or a block is damaged. */
function* pathsIn(blocks: readonly string[]): Iterable<string> {
  for (const block of blocks)
    for (let at = 0; at < block.length; ) {
      const pathEnd = block.indexOf("\0", at);
      const end = block.indexOf("\0", block.indexOf("\0", pathEnd + 2) + 1) + 1;
      if (block[pathEnd + 1] !== "\0" || end <= pathEnd) throw new NotTold();
      yield block.slice(at, pathEnd);
      at = end;
    }
}

/** How many paths there are, if the folders of a tree hold these names and no others, else null. Links are no folders. */
function countNames(root: string, paths: Iterable<string>, skip: ReadonlySet<string>): number | null {
  let count = 0;
  const open: { readonly prefix: string; readonly names: string[] }[] = [{ prefix: "", names: [] }];
  const isSame = ({ prefix, names }: (typeof open)[number]): boolean => {
    const folder = `${root}/${prefix}`.slice(0, -1);
    if (!lstatSync(folder).isDirectory()) return false;
    const there = readdirSync(folder).filter((name) => !isSkipped(name) && !skip.has(`${folder}/${name}`));
    return there.length === names.length && there.sort().every((name, at) => name === names[at]);
  };
  for (const path of paths) {
    count += 1;
    while (!path.startsWith(open.at(-1)?.prefix ?? "")) if (!isSame(open.pop() ?? NOWHERE)) return null;
    for (let top = open.at(-1) ?? NOWHERE; ; top = open.at(-1) ?? NOWHERE) {
      const slash = path.indexOf("/", top.prefix.length);
      top.names.push(path.slice(top.prefix.length, slash < 0 ? undefined : slash));
      if (slash < 0) break;
      open.push({ prefix: path.slice(0, slash + 1), names: [] });
    }
  }
  return open.reverse().every(isSame) ? count : null;
}

const NOWHERE = { prefix: "", names: [] as string[] };

/**
 * How many entries a tree has, if each of them looks as it did; null: something may have changed. Reads no content. A folder
 * that is gone, or may not be read, is left to whoever looks closer.
 */
export function countUnchanged(
  files: Store["files"],
  root: string,
  blocks: readonly string[],
  skip: ReadonlySet<string>,
): number | null {
  const look = files.beginLooking(root, blocks);
  try {
    const count = countNames(root, pathsIn(blocks), skip);
    return count !== null && look() ? count : null;
  } catch {
    return null;
  }
}
