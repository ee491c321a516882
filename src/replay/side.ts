import { statSync } from "node:fs";
import { join } from "node:path";
import { type AgentEvent, type Digest, isUnknown, type OutputFile, type RunRecord } from "#record";
import { FileReader, memoryReader, type ObjectReader, type Store } from "#store";
import { MOST_HELD, type Side } from "./evidence.ts";
import { originOf } from "./origin.ts";

/** What lay in the project before the run, in folders of it. */
function filesOf(run: RunRecord, store: Store): ReadonlySet<string> {
  if (isUnknown(run.tree) || !store.objects.has(run.tree.digest)) return new Set();
  const lines = new TextDecoder().decode(store.objects.read(run.tree.digest)).split("\n");
  return new Set(lines.map((line) => line.split("\t").slice(3).join("\t")).filter((path) => path.includes("/")));
}

/** A file that still holds what it held; null where it is gone, another one now, or not ours to read any more. */
function intactFile(path: string, digest: Digest): ObjectReader | null {
  let file: FileReader | null = null;
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return null;
    file = new FileReader(path, digest);
    if (file.intact()) return file;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
  file?.close();
  return null;
}

/** Outputs from the store, or from where the baseline left them if they are still the same. */
export function sideOf(run: RunRecord, events: readonly AgentEvent[], store: Store, folders: readonly string[]): Side {
  const fromDisk = (digest: Digest, output: OutputFile): ObjectReader | null =>
    intactFile(output.scope === "project" ? join(run.command.project, output.path) : output.path, digest);
  return {
    run,
    origin: { ...originOf(run, events, folders), files: filesOf(run, store) },
    open: (digest, output) => {
      if (!store.objects.has(digest)) return output === undefined ? null : fromDisk(digest, output);
      if (store.objects.size(digest) > MOST_HELD) return store.objects.open(digest);
      return memoryReader(store.objects.read(digest), digest);
    },
  };
}

/**
 * A side for comparing runs that may have other code: notebook cells that they executed are compared as code is, and not
 * again where they are copied to. Replays of one code must execute the same cells.
 */
export function sideOfCode(
  run: RunRecord,
  events: readonly AgentEvent[],
  store: Store,
  folders: readonly string[],
): Side {
  const side = sideOf(run, events, store, folders);
  const cells = events.flatMap((event) => (event.e === "cell" ? [event.code] : []));
  return { ...side, origin: { ...side.origin, cells } };
}
