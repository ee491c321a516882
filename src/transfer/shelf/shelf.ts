import { randomUUID } from "node:crypto";
import { RepriseError } from "#record";

/** A file here, and what it is called there. */
export interface Item {
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

export interface Listed {
  readonly name: string;
  readonly bytes: number;
  /** By the clock of the other side. */
  readonly modifiedMs: number;
}

/**
 * Where a remote keeps bytes by name (`objects/ab/cdef`): a folder, a bucket, a folder of another machine. A name appears with
 * all its bytes or not at all. Throws REMOTE_UNREACHABLE, REMOTE_REFUSED, REMOTE_WRITE.
 */
export interface Shelf {
  /** As it was named, for messages. */
  readonly where: string;
  /** Of each of these names that is there. */
  sizes(names: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** All whose names begin so; the prefix ends with "/". */
  list(prefix: string): Promise<readonly Listed[]>;
  put(items: readonly Item[]): Promise<void>;
  /** Into files that are not there yet; a name that is not there leaves none. */
  get(items: readonly Item[]): Promise<void>;
  remove(names: readonly string[]): Promise<void>;
  /** What writing left that broke off, where `list` does not show it; only while nobody writes. */
  removeUnfinished?(): Promise<void>;
  close?(): void;
}

const PART = ".part-";
/** What a file is called while it is being written, in the folder that it will be in. */
export const partName = (): string => `${PART}${randomUUID()}`;

const ID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
/** Below OURS alone: in a folder that was named as a remote others may keep what they like. */
const UNFINISHED = new RegExp(`^(?:objects|runs|data)/(?:[0-9a-f.-]+/)*\\${PART}${ID}$`);
export const OURS = ["objects/", "runs/", "data/"];

export const isHidden = (name: string): boolean => name.slice(name.lastIndexOf("/") + 1).startsWith(".");
export const isUnfinished = (name: string): boolean => UNFINISHED.test(name);

const words = (error: unknown): string => (error instanceof Error ? error.message || error.name : String(error));

export const unreachable = (where: string, error: unknown, hint: string): RepriseError =>
  new RepriseError("REMOTE_UNREACHABLE", "missing", `${where} cannot be reached: ${words(error)}`, hint, {
    cause: error,
  });

export const unwritable = (where: string, error: unknown): RepriseError =>
  new RepriseError(
    "REMOTE_WRITE",
    "storage",
    `${where} cannot be written: ${words(error)}`,
    "try again: what is there already is not sent twice",
    {
      cause: error,
    },
  );

/**
 * Does the work for all, so many at once. The first failure is thrown when the rest has ended too, which `signal` asks it to:
 * what goes on behind the back of a caller who tries again gets in its way.
 */
export async function forAll<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const stop = new AbortController();
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (const item of queue) {
      if (stop.signal.aborted) return;
      try {
        await work(item, stop.signal);
      } catch (error) {
        failures.push(error);
        stop.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
}
