/** The run room: making a run, end to end. */

export { parseStoreInputs } from "./inputs/store-inputs.ts";
export type { Checkpoints, Observe, Pace, ReplaySetting, RunOptions, StopCheck } from "./options.ts";
export { type PolicyChoice, parsePolicy, policyHashSeed, policyOf } from "./policy.ts";
export { GPU_LEVERS } from "./policy-lever.ts";
export { run, wasStopped } from "./run.ts";
export { freshSeed, namedOf, parseSeed } from "./seed.ts";
