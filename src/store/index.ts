/**
 * The store room: keeps records of runs and the objects that they name, durably, on this machine. It knows nothing of
 * projects, users or terminals; where the folder lies is told to it.
 */
export type { FsckFinding, FsckReport } from "./fsck.ts";
export { MemoryObjects } from "./objects/memory-objects.ts";
export { FileReader, memoryReader } from "./objects/object-reader.ts";
export type { ObjectBatch, ObjectReader, Objects } from "./objects/objects.ts";
export { openStore } from "./open-store.ts";
export type { Fact, RunBegin, RunFilter, RunRef, RunSummary, Runs, UnfinishedRun } from "./runs/runs.ts";
export type { Store, StoreOptions } from "./store.ts";
