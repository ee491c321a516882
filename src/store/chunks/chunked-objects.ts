import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Digest, digestFromHex, digestHex } from "#record";
import { moveInto, writeFileSynced } from "../durable.ts";
import { systemCode } from "../failure.ts";
import { markFresh } from "../objects/fresh-mark.ts";
import { type Chunk, type ChunkList, decodeChunkList, encodeChunkList } from "./chunk-list.ts";

/** So many lists are kept in memory: a reader asks for one again and again. */
const MOST_LISTS = 8;

/** Objects that are kept in pieces: a list each, `objects/chunked/ab/cdef…`; the pieces are objects themselves. */
export class ChunkedObjects {
  readonly #folder: string;
  readonly #lists = new Map<Digest, ChunkList>();

  constructor(objects: string) {
    this.#folder = join(objects, "chunked");
  }

  pathOf(digest: Digest): string {
    const hex = digestHex(digest);
    return join(this.#folder, hex.slice(0, 2), hex.slice(2));
  }

  /** Whether there is a list; it may be damaged. */
  has(digest: Digest): boolean {
    return statSync(this.pathOf(digest), { throwIfNoEntry: false }) !== undefined;
  }

  /** undefined: not kept in pieces. null: its list is damaged. */
  list(digest: Digest): ChunkList | null | undefined {
    const path = this.pathOf(digest);
    const known = this.#lists.get(digest);
    if (known !== undefined) return statSync(path, { throwIfNoEntry: false }) === undefined ? undefined : known;
    let text: string;
    try {
      text = readFileSync(path, "latin1");
    } catch (error) {
      if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return undefined;
      throw error;
    }
    const list = decodeChunkList(text);
    if (list === null) return null;
    const [oldest] = this.#lists.keys();
    if (this.#lists.size >= MOST_LISTS && oldest !== undefined) this.#lists.delete(oldest);
    this.#lists.set(digest, list);
    return list;
  }

  /** Writes a list into a waiting file; its chunks are durable already. `adopt` gives it its name. */
  stage(waiting: string, chunks: readonly Chunk[]): void {
    writeFileSynced(waiting, Buffer.from(encodeChunkList(chunks)));
  }

  adopt(waiting: string, digest: Digest, unsynced: Set<string>): void {
    this.#lists.delete(digest);
    moveInto(waiting, this.pathOf(digest), unsynced);
  }

  /** Marks the list as new. False: gc has just taken it away. */
  markFresh(digest: Digest): boolean {
    const path = this.pathOf(digest);
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat !== undefined && markFresh(path, stat);
  }

  *all(): Iterable<{ readonly digest: Digest; readonly path: string }> {
    for (const prefix of names(this.#folder)) {
      if (!/^[0-9a-f]{2}$/.test(prefix)) continue;
      for (const rest of names(join(this.#folder, prefix))) {
        if (/^[0-9a-f]{62}$/.test(rest))
          yield { digest: digestFromHex(prefix + rest), path: join(this.#folder, prefix, rest) };
      }
    }
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}
