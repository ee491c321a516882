/**
 * The store room: keeps records of runs and the objects that they name, durably, on this machine. It knows nothing of
 * projects, users or terminals; where the folder lies is told to it.
 */
export type { FileDigests, KeptFile } from "./file-digests.ts";
export type { FsckFinding, FsckReport } from "./fsck.ts";
export type { GarbageReport } from "./garbage.ts";
export { MemoryObjects } from "./memory-objects.ts";
export { objectsNamedBy } from "./named-objects.ts";
export type { ObjectBatch, Objects, ObjectWriter, StoredFile } from "./objects.ts";
export { openStore } from "./open-store.ts";
export type { Fact, RunBegin, RunFilter, RunRef, RunSummary, Runs, UnfinishedRun } from "./runs.ts";
export type { Store, StoreOptions } from "./store.ts";
