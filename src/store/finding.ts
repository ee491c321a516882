import { type Digest, RepriseError, type RunId } from "#record";

/** The codes are those of the errors that using the thing would throw. */
export interface FsckFinding {
  readonly code:
    | "STORE_CORRUPT_OBJECT"
    | "STORE_MISSING_OBJECT"
    | "STORE_CORRUPT_RECORD"
    | "STORE_CORRUPT_DATABASE"
    | "STORE_CORRUPT_COPY"
    | "STORE_CORRUPT_KEY"
    | "STORE_UNREADABLE"
    | "RECORD_INVALID"
    | "RECORD_NEWER"
    | "DATA_INVALID"
    | "DATA_NEWER";
  readonly digest: Digest | null;
  /** The runs that it hurts. */
  readonly runs: readonly RunId[];
  /** The versions of data that it hurts, as NAME@N. */
  readonly data?: readonly string[];
  readonly message: string;
}

const CODES: readonly string[] = [
  "STORE_CORRUPT_OBJECT",
  "STORE_MISSING_OBJECT",
  "STORE_CORRUPT_RECORD",
  "STORE_CORRUPT_DATABASE",
  "RECORD_INVALID",
  "RECORD_NEWER",
  "DATA_INVALID",
  "DATA_NEWER",
];

/** What an error of the store says as a finding. */
export function findingOf(error: unknown, digest: Digest | null, runs: readonly RunId[]): FsckFinding {
  const code = error instanceof RepriseError && CODES.includes(error.code) ? error.code : "STORE_UNREADABLE";
  const message = error instanceof Error ? error.message : String(error);
  return { code: code as FsckFinding["code"], digest, runs, message };
}
