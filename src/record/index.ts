/**
 * The record room: frozen facts, their types, digests and errors. No I/O, no clock, nothing taken from the machine.
 */
export { canonicalJson, type Json } from "./canonical.ts";
export {
  type CarriedCode,
  type CarriedFile,
  codeDigest,
  type LeftBehind,
  type Luggage,
  ORIGIN_FACT,
  type OriginFact,
  TRUSTED_FACT,
  writtenRecord,
} from "./carried.ts";
export type { CodeFacts, CodeFile, GitCode, ImportedModule, SnapshotCode, Submodule } from "./code.ts";
export {
  type At,
  COMPARE_DEFAULTS,
  type CompareDocument,
  type CompareWord,
  type Goal,
  type MetricComparison,
  type SameSeed,
  type SeedEffect,
  type SeedReplay,
  type SeedSide,
} from "./compare.ts";
export { type Digest, digestFromHex, digestHex, digestOf, isDigest } from "./digest.ts";
export type { EntropyKind, EntropySource, NamedSeed, SeedFacts, SeedMode } from "./entropy.ts";
export type {
  EnvironmentFacts,
  GpuFact,
  HardwareFacts,
  LibraryFact,
  PackageFact,
  PackageOrigin,
  PythonFacts,
  VariableFact,
} from "./environment.ts";
export { type ErrorKind, RepriseError } from "./error.ts";
export type { AgentEvent, HelloEvent } from "./event.ts";
export type { FileScope, InputFile, Observation, OutputFile } from "./files.ts";
export { CAUSE_KINDS, type CauseKind } from "./kind.ts";
export { isUnknown, type Known, knownOr, type Unknown, unknown } from "./known.ts";
export { parseRecord } from "./load.ts";
export {
  byStanding,
  LOGGERS,
  type Logger,
  type MetricPoint,
  type MetricSeries,
  PARSERS,
  type Param,
  seriesTitle,
  writtenMetrics,
} from "./metric.ts";
export type { PolicyFacts, PolicyLever, PolicyMode, PolicyViolation } from "./policy.ts";
export type { LeverCost, PolicyCost } from "./policy-cost.ts";
export {
  type AgentFacts,
  type CommandFacts,
  FOREIGN_TOOLS,
  type ForeignTool,
  RECORD_FORMAT,
  type Reference,
  type ReplayFacts,
  type RunId,
  type RunRecord,
  type RunStatus,
  type StreamFact,
  type StreamKind,
  type TerminalFacts,
  type Told,
  type Warning,
} from "./run-record.ts";
export type {
  TraceAgain,
  TraceCall,
  TraceChange,
  TraceFunction,
  TraceLine,
  TraceOperator,
  TraceRecord,
} from "./trace.ts";
export {
  type AgainstDocument,
  EXPORT_FORMAT,
  type ExportDocument,
  type ExportedVerdict,
  type MachineRow,
} from "./verdict/exchange.ts";
export type {
  Bounds,
  ClaimVerdict,
  Divergence,
  Evidence,
  Hold,
  Level,
  MetricNoise,
  ReferenceVerdict,
  ShownOn,
  Statistics,
  VerdictWord,
  VerifyDocument,
} from "./verdict/verdict.ts";
export type { Cause, Proof, Unresolved, WhyDocument } from "./why.ts";
