import { statSync } from "node:fs";
import { join } from "node:path";
import { knownOr, type RunRecord } from "#record";
import type { Tree, TreeLine } from "../change/tree.ts";
import type { Aspect } from "./aspect.ts";
import type { Ingredient, Unmixable } from "./ingredient.ts";

interface Group {
  readonly ingredient: Ingredient;
  readonly lines: readonly TreeLine[];
  readonly of: "a" | "b";
}

/** The outermost name that the other project lacked. */
export function outermost(path: string, other: Tree): string {
  const parts = path.split("/");
  for (let length = 1; length < parts.length; length++) {
    const folder = parts.slice(0, length).join("/");
    if (!other.has(folder)) return folder;
  }
  return path;
}

function groupsOf(mine: Tree, other: Tree, settled: ReadonlySet<string>, of: "a" | "b"): Group[] {
  const groups = new Map<string, TreeLine[]>();
  for (const line of mine.values()) {
    if (other.has(line.path) || settled.has(line.path)) continue;
    const name = outermost(line.path, other);
    groups.set(name, [...(groups.get(name) ?? []), line]);
  }
  return [...groups].map(([name, lines]) => ({
    of,
    lines,
    ingredient: {
      kind: "leftover-state",
      name,
      file: name,
      line: null,
      words: `${name} lay in the project before run ${of === "a" ? "A" : "B"} only`,
      a: of === "a" ? `${lines.length} file(s) and folder(s)` : null,
      b: of === "b" ? `${lines.length} file(s) and folder(s)` : null,
    },
  }));
}

/** A folder whose files are told apart by themselves says nothing of its own. */
const isOnlyFolders = (group: Group): boolean => group.lines.every((line) => line.folder);

function isStillThere(group: Group, run: RunRecord): boolean {
  return group.lines.every((line) => {
    const stat = statSync(join(run.command.project, line.path), { throwIfNoEntry: false });
    if (stat === undefined) return false;
    return line.folder || (stat.size === line.bytes && Math.abs(stat.mtimeMs - Number(line.mtime)) <= 2);
  });
}

/** Folders that only B has are not there in a mixture that has none of the files that lay in them. */
function withoutEmptied(tree: Map<string, TreeLine>, trees: { readonly a: Tree; readonly b: Tree }): void {
  const foldersOf = (of: Tree): Set<string> => {
    const found = new Set<string>();
    for (const { path, folder } of of.values())
      if (!folder)
        for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1)) found.add(path.slice(0, at));
    return found;
  };
  const [before, now] = [foldersOf(trees.b), foldersOf(tree)];
  for (const { path, folder } of trees.b.values())
    if (folder && !trees.a.has(path) && before.has(path) && !now.has(path)) tree.delete(path);
}

function timesOrder(a: RunRecord, trees: { readonly a: Tree; readonly b: Tree }): Ingredient | null {
  const paths = knownOr(a.inputs, []).flatMap(({ scope, path }) =>
    scope === "project" && trees.a.has(path) && trees.b.has(path) ? [path] : [],
  );
  const sorted = (tree: Tree): string =>
    paths.toSorted((x, y) => Number(tree.get(x)?.mtime) - Number(tree.get(y)?.mtime) || (x < y ? -1 : 1)).join("\n");
  if (sorted(trees.a) === sorted(trees.b)) return null;
  const words = "the order of modification times among the input files";
  return { kind: "data-order", name: "order of file times", file: null, line: null, words, a: null, b: null };
}

/** What lay in the project beside code and inputs, and the times of its files. */
export function leftoverAspect(
  a: RunRecord,
  trees: { readonly a: Tree; readonly b: Tree },
  settled: ReadonlySet<string>,
): Aspect {
  const groups = [...groupsOf(trees.b, trees.a, settled, "b"), ...groupsOf(trees.a, trees.b, settled, "a")].filter(
    (group) => !isOnlyFolders(group),
  );
  const gone = groups.filter((group) => group.of === "a" && !isStillThere(group, a));
  const mixable = groups.filter((group) => !gone.includes(group));
  const times = timesOrder(a, trees);
  return {
    ingredients: [...mixable.map((group) => group.ingredient), ...(times === null ? [] : [times])],
    unmixable: gone.map(
      ({ ingredient }): Unmixable => ({
        ingredient,
        reason: "run A was not seen to read it, so it was not kept, and it is gone",
      }),
    ),
    apply(choice, draft) {
      for (const { ingredient, lines, of } of mixable) {
        if (!choice.has(ingredient)) continue;
        for (const line of lines) {
          if (of === "b") draft.tree.delete(line.path);
          else draft.tree.set(line.path, line);
        }
      }
      withoutEmptied(draft.tree, trees);
      if (times === null || !choice.has(times)) return;
      for (const [path, line] of draft.tree) {
        const mtime = trees.a.get(path)?.mtime;
        if (mtime !== undefined) draft.tree.set(path, { ...line, mtime });
      }
    },
  };
}
