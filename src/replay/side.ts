import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type AgentEvent, digestOf, isUnknown, type OutputFile, type RunRecord } from "#record";
import type { Store } from "#store";
import type { Side } from "./evidence.ts";
import { originOf } from "./origin.ts";

/** What lay in the project before the run, in folders of it. */
function filesOf(run: RunRecord, store: Store): ReadonlySet<string> {
  if (isUnknown(run.tree) || !store.objects.has(run.tree.digest)) return new Set();
  const lines = new TextDecoder().decode(store.objects.read(run.tree.digest)).split("\n");
  return new Set(lines.map((line) => line.split("\t").slice(3).join("\t")).filter((path) => path.includes("/")));
}

/** Output bytes from the store, or from where the baseline left them if they are still the same. */
export function sideOf(run: RunRecord, events: readonly AgentEvent[], store: Store, folders: readonly string[]): Side {
  const fromDisk = (output: OutputFile): Uint8Array | null => {
    const path = output.scope === "project" ? join(run.command.project, output.path) : output.path;
    if (statSync(path, { throwIfNoEntry: false }) === undefined) return null;
    const bytes = readFileSync(path);
    return digestOf(bytes) === output.digest ? bytes : null;
  };
  return {
    run,
    origin: { ...originOf(run, events, folders), files: filesOf(run, store) },
    load: (digest, output) =>
      store.objects.has(digest) ? store.objects.read(digest) : output === undefined ? null : fromDisk(output),
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
