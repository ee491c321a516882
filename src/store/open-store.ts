import { resolve } from "node:path";
import { type Access, Database } from "./database.ts";
import { CachedFileDigests } from "./files/file-digests.ts";
import { StatCache } from "./files/stat-cache.ts";
import { fsck } from "./fsck.ts";
import { collectGarbage } from "./garbage.ts";
import { layoutOf, readKey, settle } from "./layout.ts";
import { migrate } from "./migrations.ts";
import { DiskObjects } from "./objects/disk-objects.ts";
import { OpenRuns } from "./runs/open-runs.ts";
import { SqliteRuns } from "./runs/sqlite-runs.ts";
import type { Store, StoreOptions } from "./store.ts";

function openDatabase(root: string, path: string, access: Access): Database {
  const database = Database.open(root, path, access);
  try {
    migrate(root, database, access);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Opens the store in a folder. Throws STORE_MISSING (nothing there and not to be made), STORE_NOT_A_STORE, STORE_NEWER,
 * STORE_READ_ONLY, STORE_UNREADABLE, STORE_FULL, STORE_CORRUPT_DATABASE.
 */
export function openStore(folder: string, options: StoreOptions): Store {
  const root = resolve(folder);
  const readonly = options.readonly === true;
  const layout = settle(root, { create: options.create, readonly }, () => {
    openDatabase(root, layoutOf(root).database, { readonly: false, create: true }).close();
  });
  const database = openDatabase(root, layout.database, { readonly, create: false });
  const objects = new DiskObjects(layout);
  const runs = new SqliteRuns(database, objects, new OpenRuns(root, database, layout.runs));
  let cache: StatCache | undefined;
  const openCache = (): StatCache => {
    cache ??= new StatCache(root, layout.statCache, readonly);
    return cache;
  };
  return {
    root,
    readonly,
    objects,
    runs,
    files: new CachedFileDigests(openCache, objects),
    key: () => readKey(layout),
    collectGarbage: (how) => {
      const report = collectGarbage(layout, database, runs, how?.minimumAgeMs);
      openCache().forgetOld();
      return report;
    },
    fsck: () => fsck(root, database, objects),
    close: () => {
      cache?.close();
      objects.close();
      database.close();
    },
  };
}
