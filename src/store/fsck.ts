import { type Digest, RepriseError, type RunId } from "#record";
import type { Database } from "./database.ts";
import { guarded } from "./failure.ts";
import type { DiskObjects } from "./objects/disk-objects.ts";
import { objectsNamedBy } from "./runs/named-objects.ts";
import { readRecord } from "./runs/record-row.ts";

/** The codes are those of the errors that using the thing would throw. */
export interface FsckFinding {
  readonly code:
    | "STORE_CORRUPT_OBJECT"
    | "STORE_MISSING_OBJECT"
    | "STORE_CORRUPT_RECORD"
    | "STORE_CORRUPT_DATABASE"
    | "STORE_UNREADABLE"
    | "RECORD_INVALID"
    | "RECORD_NEWER";
  readonly digest: Digest | null;
  /** The runs that it hurts; none: nobody needs it. */
  readonly runs: readonly RunId[];
  readonly message: string;
}

export interface FsckReport {
  readonly objects: number;
  readonly runs: number;
  readonly findings: readonly FsckFinding[];
}

const CODES: readonly string[] = [
  "STORE_CORRUPT_OBJECT",
  "STORE_MISSING_OBJECT",
  "STORE_CORRUPT_RECORD",
  "RECORD_INVALID",
  "RECORD_NEWER",
];

function codeOf(error: unknown): FsckFinding["code"] {
  const code = error instanceof RepriseError ? error.code : "";
  return CODES.includes(code) ? (code as FsckFinding["code"]) : "STORE_UNREADABLE";
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Which runs need which object; records that cannot be read are findings themselves. */
function needs(database: Database, findings: FsckFinding[]): { needed: Map<Digest, RunId[]>; runs: number } {
  const needed = new Map<Digest, RunId[]>();
  let runs = 0;
  for (const row of database.rows("SELECT id FROM runs ORDER BY started_at, id")) {
    const id = String(row.id);
    runs += 1;
    try {
      for (const digest of objectsNamedBy(readRecord(database, id))) {
        const users = needed.get(digest) ?? [];
        users.push(id);
        needed.set(digest, users);
      }
    } catch (error) {
      findings.push({ code: codeOf(error), digest: null, runs: [id], message: messageOf(error) });
    }
  }
  return { needed, runs };
}

export function fsck(root: string, database: Database, objects: DiskObjects): FsckReport {
  return guarded(root, "read", () => {
    const findings: FsckFinding[] = [];
    for (const row of database.rows("PRAGMA integrity_check(20)")) {
      const message = String(row.integrity_check);
      if (message !== "ok") findings.push({ code: "STORE_CORRUPT_DATABASE", digest: null, runs: [], message });
    }
    for (const path of objects.damagedPacks()) {
      const message = `the index of the pack ${path} is damaged`;
      findings.push({ code: "STORE_CORRUPT_OBJECT", digest: null, runs: [], message });
    }
    const { needed, runs } = needs(database, findings);
    const seen = new Set<Digest>();
    for (const digest of objects.digests()) {
      seen.add(digest);
      try {
        objects.check(digest);
      } catch (error) {
        findings.push({ code: codeOf(error), digest, runs: needed.get(digest) ?? [], message: messageOf(error) });
      }
    }
    for (const [digest, users] of needed) {
      if (seen.has(digest)) continue;
      const message = `the store lacks the object ${digest}`;
      findings.push({ code: "STORE_MISSING_OBJECT", digest, runs: users, message });
    }
    return { objects: seen.size, runs, findings };
  });
}
