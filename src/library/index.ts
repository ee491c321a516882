/** The library room: what the command line does, for programs. Nothing is printed, and settings are values. */
export {
  type AuditAcceptRequest,
  type AuditInitRequest,
  type AuditRequest,
  auditAccept,
  auditInit,
  auditRun,
} from "./audit.ts";
export { type CompareRequest, compare, type DiffRequest, diff } from "./compare.ts";
export { type ImportRequest, importRuns } from "./imports.ts";
export type { Environment } from "./request.ts";
export { type ResumeRequest, resumeCheck } from "./resume.ts";
export { type ReplayRequest, type RunRequest, replay, run } from "./run.ts";
export {
  type AgainstRequest,
  exportRun,
  type VerifyRequest,
  verify,
  verifyAgainst,
} from "./verify.ts";
export { type WhyRequest, why } from "./why.ts";
