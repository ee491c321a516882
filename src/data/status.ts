import { statSync } from "node:fs";
import type { Digest } from "#record";
import { type DataEntry, type DataVersion, dataMode, type Store } from "#store";
import { contentNow } from "./content-now.ts";
import { merged } from "./merged.ts";
import { portions } from "./portions.ts";
import { countUnchanged, TreeStamps } from "./tree-stamps.ts";
import { type Found, type Left, walk } from "./walk.ts";

const PORTION = 4096;

/** One name that is not as it was. */
export interface DataChange {
  readonly change: "added" | "removed" | "changed" | "renamed" | "mode";
  readonly path: string;
  /** Of what was renamed. */
  readonly from?: string;
  readonly bytes: number;
}

export interface DataStatus {
  readonly version: DataVersion;
  readonly path: string;
  /** null: nothing lies there. */
  readonly changes: readonly DataChange[] | null;
  readonly unchanged: number;
  readonly left: readonly Left[];
}

type Pair = readonly [DataEntry | null, Found | null];

const sameKind = (entry: DataEntry, found: Found): boolean =>
  entry.kind === found.kind && (entry.kind !== "link" || entry.to === found.to);

/** Whether only its content can say: of one kind and length, and a file. */
const undecided = ([entry, found]: Pair): boolean =>
  entry !== null && found !== null && entry.kind === "file" && found.kind === "file" && entry.bytes === found.stat.size;

class Comparing {
  readonly changes: DataChange[] = [];
  readonly added: Found[] = [];
  readonly removed: DataEntry[] = [];
  unchanged = 0;

  constructor(private readonly store: Store) {}

  get isApart(): boolean {
    return this.changes.length + this.added.length + this.removed.length > 0;
  }

  take(portion: readonly Pair[]): void {
    const now = contentNow(
      this.store,
      portion.flatMap((pair) => (undecided(pair) ? (pair[1] ?? []) : [])),
    );
    for (const pair of portion) this.#one(pair, now);
  }

  #one(pair: Pair, now: ReturnType<typeof contentNow>): void {
    const [entry, found] = pair;
    if (entry === null && found !== null) this.added.push(found);
    else if (entry !== null && found === null) this.removed.push(entry);
    else if (entry !== null && found !== null) {
      const same = undecided(pair)
        ? now.get(found.place) === entry.digest
        : entry.kind !== "file" && sameKind(entry, found);
      const runs = (mode: string): boolean => mode.startsWith("7");
      if (!same) this.changes.push({ change: "changed", path: entry.path, bytes: found.stat.size });
      else if (entry.kind === "file" && runs(entry.mode) !== runs(dataMode(found.stat.mode)))
        this.changes.push({ change: "mode", path: entry.path, bytes: entry.bytes });
      else this.unchanged += 1;
    }
  }

  /** What went and what came with the same content is one file with another name. Only what has a length that went is read. */
  renames(): void {
    const lengths = new Set(this.removed.filter(({ kind }) => kind === "file").map(({ bytes }) => bytes));
    const now = contentNow(
      this.store,
      this.added.filter(({ stat }) => stat.size > 0 && lengths.has(stat.size)),
    );
    const gone = new Map<Digest, DataEntry[]>();
    for (const entry of this.removed)
      if (entry.digest !== null) gone.set(entry.digest, [...(gone.get(entry.digest) ?? []), entry]);
    const moved = new Set<DataEntry>();
    for (const { path, place, stat } of this.added) {
      const digest = now.get(place);
      const from = digest === undefined ? undefined : gone.get(digest)?.shift();
      if (from !== undefined) moved.add(from);
      this.changes.push({
        change: from === undefined ? "added" : "renamed",
        path,
        ...(from === undefined ? {} : { from: from.path }),
        bytes: stat.size,
      });
    }
    for (const entry of this.removed)
      if (!moved.has(entry)) this.changes.push({ change: "removed", path: entry.path, bytes: entry.bytes });
    this.changes.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  }
}

/** By the stamps of names alone; what was kept of them is let go before anybody looks closer. */
function unchangedTree(
  store: Store,
  { manifest }: DataVersion,
  path: string,
  skip: ReadonlySet<string>,
): number | null {
  const known = store.files.treeStamps(path, manifest);
  return known === null ? null : countUnchanged(store.files, path, known, skip);
}

/** What lies at `path` now, against a version. Reads only files that do not look as they did when they were read last. */
export function dataStatus(store: Store, version: DataVersion, path = version.source): DataStatus {
  const left: Left[] = [];
  if (statSync(path, { throwIfNoEntry: false }) === undefined)
    return { version, path, changes: null, unchanged: 0, left };
  const skip = new Set([store.root]);
  const same = unchangedTree(store, version, path, skip);
  if (same !== null) return { version, path, changes: [], unchanged: same, left };
  const comparing = new Comparing(store);
  const stamps = new TreeStamps();
  const found = walk(path, { skip, left: (one) => left.push(one) });
  for (const portion of portions(merged(store.data.entries(version.manifest), found), PORTION)) {
    comparing.take(portion);
    // Only of a tree that is as the version has it something is remembered.
    if (comparing.isApart || left.length > 0) stamps.drop();
    else stamps.take(portion.flatMap(([, one]) => one ?? []));
  }
  comparing.renames();
  const blocks = comparing.changes.length + left.length === 0 ? stamps.blocks() : null;
  if (blocks !== null) store.files.rememberTree(path, version.manifest, blocks);
  return { version, path, changes: comparing.changes, unchanged: comparing.unchanged, left };
}
