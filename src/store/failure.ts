import { RepriseError } from "#record";

/** What we were about to do to a file or database when it failed: "may not" means another thing for each. */
export type Doing = "read" | "write";

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function member(error: unknown, name: "code" | "errcode"): unknown {
  return typeof error === "object" && error !== null ? (error as Readonly<Record<string, unknown>>)[name] : undefined;
}

/** The code of a failed system call, such as "ENOENT". */
export function systemCode(error: unknown): string | undefined {
  const code = member(error, "code");
  return typeof code === "string" ? code : undefined;
}

/** SQLITE_IOERR_SHMSIZE: no room for the index of the log, which SQLite does not call "full". */
const NO_ROOM_FOR_INDEX = 4874;

/** The primary result code of SQLite, such as 5 for SQLITE_BUSY. */
export function sqliteCode(error: unknown): number | undefined {
  const code = member(error, "errcode");
  if (systemCode(error) !== "ERR_SQLITE_ERROR" || typeof code !== "number") return undefined;
  return code === NO_ROOM_FOR_INDEX ? 13 : code & 0xff;
}

type Maker = (where: string, cause: unknown) => RepriseError;

const make =
  (code: string, message: (where: string, cause: unknown) => string, hint: (where: string) => string): Maker =>
  (where, cause) =>
    new RepriseError(code, "storage", message(where, cause), hint(where), { cause });

const full = make(
  "STORE_FULL",
  (where) => `no space left for the store ${where}: what was being written is not kept, earlier runs are whole`,
  (where) => `df -h '${where}'`,
);
const readOnly = make(
  "STORE_READ_ONLY",
  (where, cause) => `the store ${where} cannot be written to: ${text(cause)}`,
  (where) => `ls -ld '${where}', or choose another folder with --store DIR`,
);
const unreadable = make(
  "STORE_UNREADABLE",
  (where, cause) => `the store ${where} cannot be read: ${text(cause)}`,
  (where) => `ls -ld '${where}'`,
);
const failing = make(
  "STORE_IO",
  (where, cause) => `reading or writing the store ${where} failed: ${text(cause)}`,
  () => "reprise fsck",
);
const busy = make(
  "STORE_BUSY",
  (where) => `another process holds the store ${where} for too long`,
  () => "try again; `reprise ls` names the runs in progress",
);
export const corruptDatabase = make(
  "STORE_CORRUPT_DATABASE",
  (where, cause) => `the database of the store ${where} is damaged: ${text(cause)}`,
  () => "reprise repair",
);

const SYSTEM: Readonly<Record<string, Maker>> = { ENOSPC: full, EDQUOT: full, EFBIG: full, EROFS: readOnly };
const SQLITE: Readonly<Record<number, Maker>> = {
  3: readOnly, // PERM
  5: busy,
  6: busy, // LOCKED
  8: readOnly,
  10: failing, // IOERR
  11: corruptDatabase,
  13: full,
  14: unreadable, // CANTOPEN
  23: unreadable, // AUTH
  26: corruptDatabase, // NOTADB
};

/** What a failed system call or statement means for a store. An error of ours passes unchanged. */
export function storageError(error: unknown, where: string, doing: Doing): RepriseError {
  if (error instanceof RepriseError) return error;
  const sqlite = sqliteCode(error);
  if (sqlite !== undefined) return (SQLITE[sqlite] ?? failing)(where, error);
  const code = systemCode(error);
  if (code === "EACCES" || code === "EPERM") return (doing === "write" ? readOnly : unreadable)(where, error);
  if (code !== undefined) return (SYSTEM[code] ?? failing)(where, error);
  return new RepriseError("INTERNAL", "internal", `in the store ${where}: ${text(error)}`, undefined, { cause: error });
}

/** Does the work; what fails comes out as an error about the store. */
export function guarded<T>(where: string, doing: Doing, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storageError(error, where, doing);
  }
}
