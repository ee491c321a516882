import type { Tree } from "../change/tree.ts";
import type { Choice, Ingredient } from "./ingredient.ts";
import { outermost } from "./leftovers.ts";

const MOST_SHOWN = 3;

/**
 * Files that an earlier run left in a folder that only one project has, taken as that folder: they came together, and that
 * the folder is there at all is seen by programs too.
 */
export function leftoverFolders(
  ingredients: readonly Ingredient[],
  trees: { readonly a: Tree; readonly b: Tree },
): Map<Ingredient, readonly Ingredient[]> {
  const groups = new Map<string, Ingredient[]>();
  for (const one of ingredients) {
    if (one.kind !== "leftover-state" || one.file === null) continue;
    const [inA, inB] = [trees.a.has(one.file), trees.b.has(one.file)];
    if (inA === inB) continue;
    const folder = outermost(one.file, inA ? trees.b : trees.a);
    if (folder !== one.file) groups.set(folder, [...(groups.get(folder) ?? []), one]);
  }
  const folders = [...groups].filter(([, files]) => files.length > 1);
  return new Map(
    folders.map(([folder, files]) => {
      const [first] = files;
      const of = first?.file != null && trees.a.has(first.file) ? "a" : "b";
      const names = files.slice(0, MOST_SHOWN).map(({ name }) => name.slice(folder.length + 1));
      const more = files.length > MOST_SHOWN ? ` and ${files.length - MOST_SHOWN} more` : "";
      const words = `${folder} lay in the project before run ${of === "a" ? "A" : "B"} only (${names.join(", ")}${more})`;
      const said = `${files.length} file(s)`;
      const [a, b] = of === "a" ? [said, null] : [null, said];
      return [{ kind: "leftover-state", name: folder, file: folder, line: null, words, a, b }, files];
    }),
  );
}

/** A choice with the files of the folders that it names. */
export function withFiles(choice: Choice, folders: ReadonlyMap<Ingredient, readonly Ingredient[]>): Choice {
  return new Set([...choice].flatMap((one) => folders.get(one) ?? [one]));
}
