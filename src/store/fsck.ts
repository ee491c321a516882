import { type Digest, RepriseError, type RunId } from "#record";
import { type CheckedVersions, checkVersions } from "./data/check-versions.ts";
import type { DataRow } from "./data/data-row.ts";
import { lostVersions } from "./data/sqlite-versions.ts";
import { VersionCopies } from "./data/version-copies.ts";
import type { Database } from "./database.ts";
import { guarded, storageError } from "./failure.ts";
import { type FsckFinding, findingOf } from "./finding.ts";
import { keyDamage } from "./key.ts";
import type { Layout } from "./layout.ts";
import type { DiskObjects } from "./objects/disk-objects.ts";
import { checkRuns } from "./runs/check-runs.ts";
import type { RunLogs } from "./runs/run-log.ts";

export interface FsckReport {
  readonly objects: number;
  readonly runs: number;
  readonly findings: readonly FsckFinding[];
}

const ofDatabase = (message: string): FsckFinding => ({
  code: "STORE_CORRUPT_DATABASE",
  digest: null,
  runs: [],
  message: `meta.db: ${message}`,
});

function* checkDatabase(root: string, database: Database): Iterable<FsckFinding> {
  try {
    for (const row of database.rows("PRAGMA integrity_check(20)")) {
      const message = String(row.integrity_check);
      if (message !== "ok") yield ofDatabase(message);
    }
  } catch (error) {
    yield findingOf(storageError(error, root, "read"), null, []);
  }
}

/** Objects that are not what their names say, or not there. `needed`: which runs need which. */
function* checkObjects(objects: DiskObjects, needed: ReadonlyMap<Digest, readonly RunId[]>, seen: Set<Digest>) {
  for (const digest of objects.digests()) {
    seen.add(digest);
    try {
      objects.check(digest);
    } catch (error) {
      // gc may have just taken it.
      if (objects.has(digest)) yield findingOf(error, digest, needed.get(digest) ?? []);
      else seen.delete(digest);
    }
  }
  for (const [digest, runs] of needed) {
    if (seen.has(digest) || objects.has(digest)) continue;
    const message = `the store lacks the object ${digest}`;
    yield { code: "STORE_MISSING_OBJECT", digest, runs, message } as const;
  }
}

/** Names the versions of data that findings hurt, and adds those that cannot be read. */
function withVersions(findings: readonly FsckFinding[], { broken, needed }: CheckedVersions): FsckFinding[] {
  const named = findings.map((finding) => {
    const versions = finding.digest === null ? undefined : needed.get(finding.digest);
    return versions === undefined ? finding : { ...finding, data: versions };
  });
  // A missing or damaged object is a finding of its own.
  const unread = broken.filter(({ error }) => !error.code.startsWith("STORE_"));
  return [...named, ...unread.map(({ error, version }) => ({ ...findingOf(error, null, []), data: [version] }))];
}

/** The parts of an open store that are checked; the database is null when it cannot be opened. */
export interface Checked {
  readonly layout: Layout;
  readonly database: Database | null;
  readonly logs: RunLogs;
  readonly objects: DiskObjects;
}

export function fsck({ layout, database, logs, objects }: Checked): FsckReport {
  return guarded(layout.root, "read", () => {
    const findings: FsckFinding[] = database === null ? [] : [...checkDatabase(layout.root, database)];
    const key = keyDamage(layout);
    if (key !== null) findings.push({ code: "STORE_CORRUPT_KEY", digest: null, runs: [], message: key.message });
    for (const path of objects.damagedPacks()) {
      const message = `the index of the pack ${path} is damaged`;
      findings.push({ code: "STORE_CORRUPT_OBJECT", digest: null, runs: [], message });
    }
    const { runs, needed, findings: ofRuns } = checkRuns(layout, database, logs);
    findings.push(...ofRuns);
    const data = dataOf(layout, database, objects);
    if (data instanceof RepriseError) findings.push(findingOf(data, null, []));
    const versions = data instanceof RepriseError ? NO_VERSIONS : data;
    findings.push(...lostData(layout, database));
    const seen = new Set<Digest>();
    findings.push(...checkObjects(objects, withKeys(needed, versions.needed.keys()), seen));
    return { objects: seen.size, runs, findings: withVersions(findings, versions) };
  });
}

/** Versions of data that only their copy still knows. */
function lostData(layout: Layout, database: Database | null): FsckFinding[] {
  const copies = new VersionCopies(layout);
  const ask = (): readonly DataRow[] => {
    try {
      return database === null ? copies.read() : lostVersions(database, copies);
    } catch (error) {
      if (error instanceof RepriseError) return []; // the database cannot be asked, which is said already
      throw error;
    }
  };
  const lost = ask().map(({ name, version }) => ({
    ...ofDatabase(`it has lost the data ${name}@${version}; the copy of it is whole`),
    data: [`${name}@${version}`],
  }));
  if (!copies.isDamaged()) return lost;
  const message = "the copy of what is known of versions of data is damaged";
  return [...lost, { code: "STORE_CORRUPT_COPY", digest: null, runs: [], message }];
}

/** What runs, versions of data, and objects in pieces need and the store has not, as far as it is known. */
export function missingObjects({ layout, database, logs, objects }: Checked): Digest[] {
  const { needed } = checkRuns(layout, database, logs);
  const data = dataOf(layout, database, objects);
  const all = withKeys(needed, data instanceof RepriseError ? [] : data.needed.keys());
  return objects.missing(all.keys());
}

const NO_VERSIONS: CheckedVersions = { versions: 0, needed: new Map(), broken: [] };

/** The versions of data; the error when the database does not give them out. */
function dataOf(layout: Layout, database: Database | null, objects: DiskObjects): CheckedVersions | RepriseError {
  if (database === null) return NO_VERSIONS;
  try {
    // Only looked at, a store from before has no such table.
    const [table] = database.rows("SELECT name FROM sqlite_master WHERE name = 'data_versions'");
    return table === undefined ? NO_VERSIONS : checkVersions(database, objects);
  } catch (error) {
    return storageError(error, layout.root, "read");
  }
}

function withKeys(
  needed: ReadonlyMap<Digest, readonly RunId[]>,
  more: Iterable<Digest>,
): ReadonlyMap<Digest, readonly RunId[]> {
  const all = new Map(needed);
  for (const digest of more) if (!all.has(digest)) all.set(digest, []);
  return all;
}
