/**
 * What the command line does, for programs: nothing is printed, nothing is read from the environment or from a
 * configuration file, and nothing exits. Settings come in as values; whatever could not be done is a RepriseError.
 *
 *     const store = openStore(".reprise", { create: true });
 *     const made = await run({ command: ["python", "train.py"], cwd, env: process.env, store });
 *     const document = await verify({ run: made.id, env: process.env, store });
 */
export type { AuditChange, AuditDocument, AuditItem, AuditWord, Golden, GoldenFile } from "#audit";
export type { DiffDetail, DiffDocument, DiffEntry, DiffSection, DiffUnknown } from "#compare";
export type { Imported } from "#imports";
export {
  type AgainstRequest,
  type AuditAcceptRequest,
  type AuditInitRequest,
  type AuditRequest,
  auditAccept,
  auditInit,
  auditRun,
  type CompareRequest,
  compare,
  type DiffRequest,
  diff,
  type Environment,
  exportRun,
  type ImportRequest,
  importRuns,
  type ReplayRequest,
  type ResumeRequest,
  type RunRequest,
  replay,
  resumeCheck,
  run,
  type VerifyRequest,
  verify,
  verifyAgainst,
  type WhyRequest,
  why,
} from "#library";
export {
  type AgainstDocument,
  type Bounds,
  CAUSE_KINDS,
  type Cause,
  type CauseKind,
  COMPARE_DEFAULTS,
  type CompareDocument,
  type CompareWord,
  type ErrorKind,
  type Evidence,
  type ExportDocument,
  type ForeignTool,
  type Hold,
  isUnknown,
  type Known,
  type Level,
  type MetricComparison,
  RepriseError,
  type RunId,
  type RunRecord,
  type RunStatus,
  type Unknown,
  type VerdictWord,
  type VerifyDocument,
  type WhyDocument,
} from "#record";
/** `allow`: a run that came from elsewhere is started only once its command was allowed (RUN_FOREIGN). */
export { allow, type Replayed, type ResumeDocument } from "#replay";
export {
  type Fact,
  openStore,
  type RunFilter,
  type RunRef,
  type RunSummary,
  type Runs,
  type Store,
  type StoreOptions,
} from "#store";
