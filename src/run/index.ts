/** The run room: making a run, end to end. */
export type { Observe, ReplaySetting, RunOptions, StopCheck } from "./options.ts";
export { run, STOPPED_EARLY } from "./run.ts";
export { freshSeed, parseSeed } from "./seed.ts";
