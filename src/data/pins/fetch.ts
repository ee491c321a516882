import type { RunRecord } from "#record";
import type { Store } from "#store";
import type { Pin } from "./pin.ts";
import { pinsOf } from "./pins.ts";
import { type PullOptions, pull } from "./pull.ts";

/**
 * Asks the tools that keep inputs of a run for those that are missing, and says of each path why it did not come. `noted`:
 * what was pinned when the run was made. Only what the project's own files say now is asked for: a record may come from
 * others, and must not choose what is started.
 */
export async function fetchPinned(
  store: Store,
  run: RunRecord,
  noted: readonly Pin[],
  missing: ReadonlySet<string>,
  options: Pick<PullOptions, "env">,
): Promise<Map<string, string>> {
  const reasons = new Map<string, string>();
  const then = new Map(noted.map((pin) => [pin.path, pin]));
  const now = new Map(pinsOf(store, run).map((pin) => [pin.path, pin]));
  const asked = new Set<string>();
  for (const path of missing) {
    const [before, pin] = [then.get(path), now.get(path) ?? then.get(path)];
    if (pin === undefined || pin.tool === "lakefs") continue;
    if (before !== undefined && before.identity !== pin.identity) {
      reasons.set(path, `${pin.by} names another version now (${pin.identity}); the run read ${before.identity}`);
      continue;
    }
    const key = pin.tool === "dvc" ? `${pin.tool} ${pin.by}` : `${pin.tool} ${path}`;
    if (asked.has(key)) continue;
    asked.add(key);
    const why = await pull(pin, { ...options, project: run.command.project });
    if (why !== null) reasons.set(path, why);
  }
  return reasons;
}
