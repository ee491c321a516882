/** The room for runs that other tools recorded: read from their folders, kept as records. Nothing of theirs is run. */
export { neededToReplay, TOOL_NAMES } from "./facts.ts";
export { type Imported, importRuns } from "./import.ts";
