/** The replay room: a recorded run done again, faithfully or under varied conditions, and the verdict over what came of it. */
export { type Again, replayAgain } from "./again.ts";
export { findGuilty, type Guilty } from "./blame/guilty.ts";
export { mixReplay } from "./blame/mix-replay.ts";
export { type CompareOptions, compareRuns } from "./compare/compare-runs.ts";
export { freshBase } from "./compare/seeds.ts";
export { drawConditions } from "./conditions.ts";
export { codeAt, controlReplay } from "./control.ts";
export { diffRuns } from "./diff/diff-runs.ts";
export { factorsOf } from "./factor.ts";
export { verifyScientific } from "./level/scientific.ts";
export { verifyStatistical } from "./level/statistical.ts";
export { ingredientsOf, type MixContext, type Mixture } from "./mix/mixture.ts";
export { type SavedOutputs, savedOutputs, withCells } from "./notebook/saved.ts";
export { policyCost } from "./policy-cost.ts";
export { eventsOf, type Replayed, replay } from "./replay.ts";
export { verify } from "./verify.ts";
export { whyLive as why } from "./why/live.ts";
export { whyPair } from "./why/pair.ts";
