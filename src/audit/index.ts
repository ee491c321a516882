/** The audit room: golden runs, the tolerances in force, the history of verdicts. */
export { acceptGolden } from "./accept.ts";
export type { AuditChange, AuditDocument, AuditItem, AuditWord } from "./document.ts";
export { goldenNames, loadGolden } from "./golden/folder.ts";
export type { Golden, GoldenFile } from "./golden/golden.ts";
export { auditsIn, lastAudits } from "./history.ts";
export { type Initiated, initGolden } from "./init.ts";
export { runAudit } from "./run.ts";
export { shiftSeen } from "./tolerance.ts";
export { Stopped, type Workplace } from "./training.ts";
