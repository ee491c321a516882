import type { DataEntry, DataVersion, Store } from "#store";
import { merged } from "./merged.ts";
import type { DataChange } from "./status.ts";

export interface DataDiff {
  readonly a: DataVersion;
  readonly b: DataVersion;
  readonly changes: readonly DataChange[];
  readonly unchanged: number;
}

const sameContent = (a: DataEntry, b: DataEntry): boolean =>
  a.kind === b.kind && a.digest === b.digest && a.to === b.to;

function renamed(added: readonly DataEntry[], removed: readonly DataEntry[]): DataChange[] {
  const gone = new Map<string, DataEntry[]>();
  for (const entry of removed)
    if (entry.digest !== null && entry.bytes > 0) gone.set(entry.digest, [...(gone.get(entry.digest) ?? []), entry]);
  const moved = new Set<DataEntry>();
  const changes = added.map(({ path, digest, bytes }): DataChange => {
    const from = digest === null ? undefined : gone.get(digest)?.shift();
    if (from === undefined) return { change: "added", path, bytes };
    moved.add(from);
    return { change: "renamed", path, from: from.path, bytes };
  });
  const left = removed.filter((entry) => !moved.has(entry));
  return [...changes, ...left.map(({ path, bytes }): DataChange => ({ change: "removed", path, bytes }))];
}

/** What a version has that another has not. Reads manifests only. */
export function diffData(store: Store, a: DataVersion, b: DataVersion): DataDiff {
  const changes: DataChange[] = [];
  const [added, removed]: [DataEntry[], DataEntry[]] = [[], []];
  let unchanged = 0;
  for (const [one, other] of merged(store.data.entries(a.manifest), store.data.entries(b.manifest))) {
    if (one === null) {
      if (other !== null) added.push(other);
    } else if (other === null) removed.push(one);
    else if (!sameContent(one, other)) changes.push({ change: "changed", path: other.path, bytes: other.bytes });
    else if (one.mode !== other.mode) changes.push({ change: "mode", path: other.path, bytes: other.bytes });
    else unchanged += 1;
  }
  changes.push(...renamed(added, removed));
  changes.sort((x, y) => (x.path < y.path ? -1 : x.path > y.path ? 1 : 0));
  return { a, b, changes, unchanged };
}
