import { join, resolve } from "node:path";
import { type Digest, RepriseError, type RunId, type RunRecord } from "#record";
import type { Database } from "./database.ts";
import { guarded } from "./failure.ts";
import { type FsckFinding, findingOf } from "./finding.ts";
import { type Checked, type FsckReport, fsck, missingObjects } from "./fsck.ts";
import { layoutOf } from "./layout.ts";
import { DiskObjects } from "./objects/disk-objects.ts";
import { openDatabase, openStore } from "./open-store.ts";
import { type RepairOptions, type RepairReport, repair } from "./repair/repair.ts";
import { type FilePlace, filesOfRuns } from "./repair/sources.ts";
import { RunLogs } from "./runs/run-log.ts";
import { mendFrame, settle } from "./settle.ts";
import type { Store } from "./store.ts";

/** Looks at the parts of a store, also of one whose database cannot be opened: then it is null, and why is a finding. */
function look<T>(folder: string, work: (parts: Checked, closed: FsckFinding | null) => T): T {
  const root = resolve(folder);
  const layout = settle(root, { create: false, readonly: true }, () => {});
  const [objects, logs] = [new DiskObjects(layout), new RunLogs(layout)];
  let database: Database;
  try {
    database = openDatabase(root, layout.database, { readonly: true, create: false });
  } catch (error) {
    if (!(error instanceof RepriseError) || error.code !== "STORE_CORRUPT_DATABASE") throw error;
    return work({ layout, database: null, logs, objects }, findingOf(error, null, []));
  }
  try {
    return work({ layout, database, logs, objects }, null);
  } finally {
    database.close();
  }
}

/** Checks a store, also one whose database cannot be opened. Throws what settle() throws. */
export function fsckStore(folder: string): FsckReport {
  return look(folder, (parts, closed) => {
    const report = fsck(parts);
    return closed === null ? report : { ...report, findings: [closed, ...report.findings] };
  });
}

/** What an open store says, as far as it is not damaged: fsck names the rest. */
function whole<T>(work: () => T, otherwise: T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RepriseError) return otherwise;
    throw error;
  }
}

function filesOf(store: Store): FilePlace[] {
  const record = (id: RunId): RunRecord[] => whole(() => [store.runs.get(id)], []);
  const runs = store.runs.list({ includeReplays: true }).flatMap(({ id }) => record(id));
  const data = whole(() => store.data.list(), []).flatMap(({ manifest, source }) =>
    whole(
      () =>
        Array.from(store.data.entries(manifest)).flatMap(({ path, digest, bytes }) =>
          digest === null ? [] : [{ path: path === "" ? source : join(source, path), digest, bytes }],
        ),
      [],
    ),
  );
  return [...filesOfRuns(runs), ...data];
}

/**
 * Mends a store, also one whose database or VERSION is damaged, and says what stays lost. Throws STORE_BUSY while another
 * process has a database open that must be made anew.
 */
export async function repairStore(folder: string, options: RepairOptions = {}): Promise<RepairReport> {
  const root = resolve(folder);
  const layout = layoutOf(root);
  guarded(root, "write", () => mendFrame(layout));
  const files = (): FilePlace[] => {
    const store = openStore(root, { create: false });
    try {
      return filesOf(store);
    } finally {
      store.close();
    }
  };
  const missing = (): Digest[] => look(root, missingObjects);
  return repair({ layout, fsck: () => fsckStore(root), files, missing }, options);
}
