/**
 * The store room: keeps records of runs and the objects that they name, durably, on this machine. It knows nothing of
 * projects, users or terminals; where the folder lies is told to it.
 */
export { fsckStore, repairStore } from "./care.ts";
export { type DataEntry, dataMode } from "./data/entry.ts";
export { type Manifest as DataManifest, type ManifestWriter, parseDataManifest, partEntries } from "./data/manifest.ts";
export { comparePaths } from "./data/order.ts";
export { isDataName } from "./data/sqlite-versions.ts";
export type { DataVersion } from "./data/versions.ts";
export { fileSystemOf } from "./file-system.ts";
export { settledBefore, stampOf } from "./files/file-stamp.ts";
export type { FsckFinding } from "./finding.ts";
export type { FsckReport } from "./fsck.ts";
export { MemoryObjects } from "./objects/memory-objects.ts";
export { FileReader, memoryReader } from "./objects/object-reader.ts";
export type { ObjectBatch, ObjectReader, Objects } from "./objects/objects.ts";
export { openStore } from "./open-store.ts";
export type { RepairReport } from "./repair/repair.ts";
export { type ObjectSource, storeSource } from "./repair/sources.ts";
export { objectsOfRun, originOf } from "./runs/run-objects.ts";
export type { Fact, RunBegin, RunFilter, RunRef, RunSummary, Runs, UnfinishedRun } from "./runs/runs.ts";
export type { Store, StoreOptions } from "./store.ts";
