/**
 * The capture room: what there was, said truly. Probes for code, environment, hardware and variables; the redaction of
 * secrets; snapshots of a tree. It judges nothing.
 */
export { captureCode } from "./code/capture.ts";
export { carryRepository, layRepository } from "./code/carry-repository.ts";
export { requireClean } from "./code/clean.ts";
export { findProject, type Project } from "./code/project.ts";
export { restoreCode } from "./code/restore.ts";
export { isSafePath } from "./code/safe-path.ts";
export { authorOf, type CodeChange, codeSince, commitLike } from "./code/since.ts";
export { captureEveryFile } from "./code/snapshot.ts";
export { trackedFiles } from "./code/tracked.ts";
export { readLibraries } from "./environment/libraries.ts";
export { findLockFiles } from "./environment/lock-files.ts";
export { detectManager } from "./environment/manager.ts";
export { readPackages } from "./environment/packages.ts";
export { missingModules } from "./environment/python-modules.ts";
export { type SetOrders, setOrders } from "./environment/set-orders.ts";
export { digestSources } from "./environment/sources.ts";
export { queryGpus } from "./hardware/gpus.ts";
export { readHardware } from "./hardware/hardware.ts";
export { parseParams } from "./params.ts";
export { findProgram } from "./program.ts";
export { createRedactor, type Redactor } from "./redact/redactor.ts";
export { secretsInFile } from "./redact/secret-file.ts";
export { textKindOf } from "./redact/text-kind.ts";
export { type ClassifyPlaces, classifyPath, isLibraryPath } from "./tree/classify.ts";
export { diffTrees, scanTree, type TreeScan } from "./tree/scan.ts";
export { isEnvironmentDir } from "./tree/skip.ts";
export { captureVariables, restoreVariables } from "./variables.ts";
