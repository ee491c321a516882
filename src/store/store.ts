import type { DataVersions } from "./data/versions.ts";
import type { FileDigests } from "./files/file-digests.ts";
import type { FsckReport } from "./fsck.ts";
import type { GarbageOptions, GarbageReport } from "./garbage.ts";
import type { Objects } from "./objects/objects.ts";
import type { Runs } from "./runs/runs.ts";

/**
 * A folder that keeps runs (docs/format/store.md): objects by digest, records that name them, facts about records.
 *
 * Everything is synchronous and durable on return. Several processes may use one store at once. A crash at any moment
 * leaves earlier runs whole; the run that broke off stays visible in `runs.unfinished()`. Whatever the store cannot do is
 * a RepriseError of docs/errors.md.
 */
export interface Store {
  /** The folder, absolute. */
  readonly root: string;
  readonly readonly: boolean;
  readonly objects: Objects;
  readonly runs: Runs;
  readonly data: DataVersions;
  /** Digests of files outside of the store, remembered as long as a file looks unchanged. */
  readonly files: FileDigests;
  /** The key of the keyed HMACs of variables: 32 bytes, other ones in every store. */
  key(): Uint8Array;
  /**
   * Removes objects that no record, fact, open run or version of data names, folders of runs that are neither open nor
   * broken, and files that a crash left in `tmp`; packs that are mostly surplus are written anew without it. What is younger than an hour, or than the oldest run in progress, stays. Throws
   * STORE_CORRUPT_DATABASE or STORE_CORRUPT_RECORD, with nothing removed, when it cannot tell what is needed.
   */
  collectGarbage(options?: GarbageOptions): GarbageReport;
  /** Reads every object, every record and its copy. Changes nothing. */
  fsck(): FsckReport;
  /** Further use is an error; closing twice is not. */
  close(): void;
}

export interface StoreOptions {
  /** Make the store when there is none. */
  readonly create: boolean;
  /** Promise to change nothing: works on a folder that cannot be written to. */
  readonly readonly?: boolean;
}
