/**
 * The data room: versions of files and folders that runs learn from. Keeps them, says what has changed, brings them back.
 * Content and manifests are the store's; what is known of files is what they hold, never where they lie.
 */
export { addData } from "./add.ts";
export { diffData } from "./diff.ts";
export { type GuardReport, guardData, requireSameData } from "./guard.ts";
export { fetchPinned } from "./pins/fetch.ts";
export { notedPins, notePins } from "./pins/noted.ts";
export type { Pin } from "./pins/pin.ts";
export { pinsOf } from "./pins/pins.ts";
export { restoreData } from "./restore.ts";
export { codeOfRun } from "./run-code.ts";
export { type InputsRestored, lackingInputs, restoreInputs } from "./run-inputs.ts";
export { checkedEntries } from "./safe-entry.ts";
export { checkLeaks, type LeakReport } from "./split/leak.ts";
export { parseParts } from "./split/part.ts";
export { type Split, splitTable } from "./split/split.ts";
export type { CsvLayout } from "./stats/csv.ts";
export { dataStats, type StatsReport } from "./stats/stats.ts";
export { type DataChange, type DataStatus, dataStatus } from "./status.ts";
