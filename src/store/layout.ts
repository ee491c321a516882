import { join } from "node:path";

/** Where things lie in a store folder. */
export interface Layout {
  readonly root: string;
  readonly database: string;
  readonly statCache: string;
  readonly objects: string;
  readonly packs: string;
  readonly temporary: string;
  readonly runs: string;
  /** What the database holds of runs, once more. */
  readonly records: string;
  /** What was found damaged and taken out of the way. */
  readonly quarantine: string;
  readonly key: string;
  readonly keyCopy: string;
}

export function layoutOf(root: string): Layout {
  return {
    root,
    database: join(root, "meta.db"),
    statCache: join(root, "stat-cache.db"),
    objects: join(root, "objects"),
    packs: join(root, "objects", "packs"),
    temporary: join(root, "tmp"),
    runs: join(root, "runs"),
    records: join(root, "records"),
    quarantine: join(root, "quarantine"),
    key: join(root, "key"),
    keyCopy: join(root, "key.copy"),
  };
}
