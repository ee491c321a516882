import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { SqliteDataVersions } from "./data/sqlite-versions.ts";
import { VersionCopies } from "./data/version-copies.ts";
import { type Access, Database } from "./database.ts";
import { makeFolders } from "./durable.ts";
import { CachedFileDigests } from "./files/file-digests.ts";
import { StatCache } from "./files/stat-cache.ts";
import { fsck } from "./fsck.ts";
import { collectGarbage } from "./garbage.ts";
import { Threads } from "./hashing/threads.ts";
import { copyKey, readKey } from "./key.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { migrate } from "./migrations.ts";
import { DiskObjects } from "./objects/disk-objects.ts";
import { OpenRuns } from "./runs/open-runs.ts";
import { completeLogs } from "./runs/run-copies.ts";
import { RunLogs } from "./runs/run-log.ts";
import { SqliteRuns } from "./runs/sqlite-runs.ts";
import { settle } from "./settle.ts";
import type { Store, StoreOptions } from "./store.ts";

/** A connection whose tables are up to date. */
export function openDatabase(root: string, path: string, access: Access): Database {
  const database = Database.open(root, path, access);
  try {
    migrate(root, database, access);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** What stores from before lack: the copies of the key and of the runs. Where there is no room, the next one writes them. */
function bringUp(layout: Layout, database: Database, logs: RunLogs): void {
  try {
    if (!existsSync(layout.keyCopy)) copyKey(layout);
    if (logs.exists()) return;
    completeLogs(database, logs);
    makeFolders(layout.records);
  } catch {
    // Nothing that was asked for depends on it.
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
  const logs = new RunLogs(layout);
  if (!readonly) bringUp(layout, database, logs);
  const threads = new Threads();
  const objects = new DiskObjects(layout, threads);
  const open = new OpenRuns(root, database, layout.runs);
  const runs = new SqliteRuns(database, objects, open, logs);
  let cache: StatCache | undefined;
  const openCache = (): StatCache => {
    cache ??= new StatCache(root, layout.statCache, readonly);
    return cache;
  };
  const files = new CachedFileDigests(openCache, objects, threads);
  return {
    root,
    readonly,
    objects,
    runs,
    data: new SqliteDataVersions(database, objects, new VersionCopies(layout)),
    files,
    key: () => readKey(layout),
    collectGarbage: (how) => {
      const report = collectGarbage({ layout, database, logs, open, objects }, how);
      if (how?.dryRun !== true) openCache().forgetOld();
      return report;
    },
    fsck: () => fsck({ layout, database, logs, objects }),
    close: () => {
      cache?.close();
      objects.close();
      database.close();
    },
  };
}
