/**
 * The store room: keeps records of runs and the objects that they name, durably, on this machine. It knows nothing of
 * projects, users or terminals; where the folder lies is told to it.
 */
export type { FileDigests, KeptFile } from "./files/file-digests.ts";
export type { FsckFinding, FsckReport } from "./fsck.ts";
export type { GarbageReport } from "./garbage.ts";
export { MemoryObjects } from "./objects/memory-objects.ts";
export type { ObjectBatch, Objects, ObjectWriter, StoredFile } from "./objects/objects.ts";
export { openStore } from "./open-store.ts";
export { objectsNamedBy } from "./runs/named-objects.ts";
export type { Fact, RunBegin, RunFilter, RunRef, RunSummary, Runs, UnfinishedRun } from "./runs/runs.ts";
export type { Store, StoreOptions } from "./store.ts";
