/** The replay room: a recorded run done again, faithfully or under varied conditions, and the verdict over what came of it. */
export { type Conditions, drawConditions } from "./conditions.ts";
export { type Factor, factorsOf } from "./factor.ts";
export { eventsOf, type Replayed, type ReplayOptions, replay } from "./replay.ts";
export { type VerifyOptions, verify } from "./verify.ts";
