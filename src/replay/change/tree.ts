import { isUnknown, type RunRecord } from "#record";
import type { Store } from "#store";

/** A line of a record's tree (docs/format/record.md): what lay in the project before the run. */
export interface TreeLine {
  readonly path: string;
  readonly folder: boolean;
  readonly bytes: number;
  /** As written: milliseconds. */
  readonly mtime: string;
}

export type Tree = ReadonlyMap<string, TreeLine>;

export function treeOf(run: RunRecord, store: Store): Tree {
  if (isUnknown(run.tree) || !store.objects.has(run.tree.digest)) return new Map();
  const text = new TextDecoder().decode(store.objects.read(run.tree.digest));
  const lines = text.split("\n").flatMap((line): TreeLine[] => {
    const [kind, bytes, mtime, ...name] = line.split("\t");
    if (name.length === 0) return [];
    return [{ path: name.join("\t"), folder: kind === "d", bytes: Number(bytes), mtime: mtime ?? "0" }];
  });
  return new Map(lines.map((line) => [line.path, line]));
}

export function writeTree(lines: Iterable<TreeLine>, store: Store): RunRecord["tree"] {
  const sorted = [...lines].sort((a, b) => (a.path < b.path ? -1 : 1));
  const text = sorted.map(({ folder, bytes, mtime, path }) => `${folder ? "d" : "f"}\t${bytes}\t${mtime}\t${path}`);
  return { digest: store.objects.put(text.join("\n")), entries: sorted.length };
}

/** Untouched from one run to the other, as far as size and time tell. */
export const sameLine = (a: TreeLine | undefined, b: TreeLine | undefined): boolean =>
  a !== undefined &&
  b !== undefined &&
  a.folder === b.folder &&
  (a.folder || (a.bytes === b.bytes && a.mtime === b.mtime));
