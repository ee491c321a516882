/** The replay room: a recorded run done again, faithfully or under varied conditions, and the verdict over what came of it. */
export { type Again, replayAgain } from "./again.ts";
export { mixAgain } from "./blame/do-mixed.ts";
export { findGuilty, type Guilty } from "./blame/guilty.ts";
export { mixReplay } from "./blame/mix-replay.ts";
export { type CompareOptions, compareRuns } from "./compare/compare-runs.ts";
export { freshBase } from "./compare/seeds.ts";
export { codeAt, controlReplay } from "./control.ts";
export { diffRuns } from "./diff/diff-runs.ts";
export { verifyAgainst } from "./exchange/against.ts";
export { type Colleague, readColleague } from "./exchange/colleague.ts";
export { exportRun } from "./exchange/export.ts";
export { factorsOf } from "./factor.ts";
export { verifyFunctional } from "./level/functional.ts";
export { verifyScientific } from "./level/scientific.ts";
export { verifyStatistical } from "./level/statistical.ts";
export { ingredientsOf, type MixContext, type Mixture } from "./mix/mixture.ts";
export { type SavedOutputs, savedOutputs, withCells } from "./notebook/saved.ts";
export { policyCost } from "./policy-cost.ts";
export { eventsOf, type Replayed, replay } from "./replay.ts";
export { allow, isAllowed, requireAllowed, runHere } from "./restore/arrival.ts";
export {
  type Chosen,
  chooseEnvironment,
  type EnvironmentAsked,
  type EnvironmentChoice,
  withEnvironment,
} from "./restore/environment-choice.ts";
export { resumeCheck } from "./resume/check.ts";
export type { ResumeDocument, ResumedState } from "./resume/document.ts";
export { drawConditions } from "./vary/conditions.ts";
export { verify } from "./verify.ts";
export { whyLive as why } from "./why/live.ts";
export { whyPair } from "./why/pair.ts";
