/**
 * The content room: bytes in, judgement out. Readers by format say whether two contents are the same and what was set
 * aside; masks take their right from the origin of each run. Nothing here opens a file or runs what it reads.
 */
export { comparePredictions, type PredictionsApart } from "./array/predictions.ts";
export type { Comparison } from "./comparison.ts";
export { compareBytes } from "./content.ts";
export { readScalars } from "./event/scalars.ts";
export { readWandbLog } from "./event/wandb.ts";
export { parseMetricLine, variesByName } from "./metric.ts";
export { metricsInFile } from "./metric-file.ts";
export { canonicalNames, maskName } from "./names.ts";
export type { Origin, Origins } from "./origin.ts";
export { rowsIn } from "./rows.ts";
export { keyOfLine, linesOfKeys, pythonSettings } from "./setting-line.ts";
export { isSettings, settingsIn } from "./settings.ts";
export type { Source } from "./source.ts";
export { linesOf } from "./text/output-lines.ts";
export { compareText } from "./text/text.ts";
export { Unreadable } from "./unseen.ts";
