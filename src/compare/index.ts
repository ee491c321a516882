/** The compare room: records and evidence in, differences and verdicts out. Pure: loads nothing, prints nothing. */

export { findSeries, holds, numbersOf, seriesIn } from "./claim/evaluate.ts";
export { judgeClaim, replaysForRate, replaysNeeded } from "./claim/judge.ts";
export { parseClaim } from "./claim/parse.ts";
export { type Claim, ClaimError } from "./claim/tree.ts";
export {
  configurationOf,
  originWords,
  plainName,
  plainValue,
  type Setting,
} from "./configuration.ts";
export { configSettings, parametersApart } from "./diff/config.ts";
export {
  DIFF_SECTIONS,
  type DiffAside,
  type DiffDetail,
  type DiffDocument,
  type DiffEntry,
  type DiffSection,
  type DiffSelection,
  type DiffUnknown,
  selectSections,
} from "./diff/document.ts";
export { diffLines, type TextDetail } from "./diff/lines.ts";
export type { MetricDetail } from "./diff/metric-detail.ts";
export { type DiffPart, type DiffParts, diffFacts, diffParts, joined } from "./diff/records.ts";
export type { Rows } from "./diff/row-source.ts";
export { diffRows, type RowChange, type TableDetail } from "./diff/rows.ts";
export { luck } from "./fisher.ts";
export { judgeNoise, type NoiseJudgement } from "./level/noise.ts";
export { goalOf } from "./luck/goal.ts";
export { judgeMetric, type MetricQuestion, type SideSeen } from "./luck/judge.ts";
export { sameSeed, seedEffect } from "./luck/seed-effect.ts";
export { compareMetrics, firstPointApart, sharedMetrics } from "./metrics.ts";
export {
  alignResumed,
  firstParted,
  isTold,
  type ResumedStream,
  type StepParted,
  stepsMade,
} from "./resumed.ts";
export { chiTail } from "./statistics/chi.ts";
export {
  eachOf,
  equalNeeded,
  type Tolerance,
  type ToleranceQuestion,
  type TooFew,
  toleranceOf,
  valuesNeeded,
} from "./statistics/tolerance.ts";
export { firstStepApart, type StepApart } from "./steps-apart.ts";
export type { LineApart } from "./trace/apart.ts";
export { firstLineApart, linesApart } from "./trace/lines-apart.ts";
export { firstOperatorApart } from "./trace/operators-apart.ts";
export { renumbered, type Standing } from "./trace/renumbered.ts";
export { agrees, blindnessOf, decide, type Likeness, likenessOf, missRate } from "./verdict.ts";
