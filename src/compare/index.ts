/** The compare room: records and evidence in, differences and verdicts out. Pure: loads nothing, prints nothing. */
export { DIFF_SECTIONS, type DiffDocument, type DiffEntry, type DiffSection, diffRecords } from "./diff.ts";
export { compareMetrics, firstPointApart } from "./metrics.ts";
export { agrees, decide, hasResult, missRate } from "./verdict.ts";
