import type { Store } from "#store";
import type { Ingredient } from "../mix/ingredient.ts";
import type { FileChange } from "./file-change.ts";
import type { FileState } from "./project-files.ts";
import { isDataName, readable } from "./units.ts";

/** One edit as two texts: what it took away and what it brought. */
interface Edit {
  readonly ingredient: Ingredient;
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** Files beyond this hold data, whatever their name says. */
const MOST_BYTES = 1024 * 1024;
/** Shorter lines, such as `else:`, are alike by chance. */
const LEAST_LINE = 10;

const withoutComments = (text: string): string => text.replace(/(^|\s)(?:#|\/\/).*$/gm, "");
const namesIn = (text: string): string[] => withoutComments(text).match(/[A-Za-z_]\w+/g) ?? [];
const linesIn = (text: string): string[] =>
  withoutComments(text)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.length >= LEAST_LINE);

function textOf(state: FileState | null, store: Store): string {
  if (state?.digest == null || state.lacking !== null || state.bytes > MOST_BYTES) return "";
  const text = Buffer.from(store.objects.read(state.digest)).toString("utf8");
  return text.includes("\0") ? "" : text;
}

/** By what a file that only one run has is known to the others. */
function moduleName(path: string): string {
  const [name = "", folder = ""] = path.split("/").reverse();
  return name.startsWith("__init__.") ? folder : name.replace(/\.\w+$/, "");
}

function editsOf({ path, a, b, ingredients, units, pieces }: FileChange, store: Store): Edit[] {
  if (isDataName(path)) return [];
  if (units === null) {
    const text = (state: FileState | null): string =>
      state === null ? "" : `${moduleName(path)}\n${textOf(state, store)}`;
    return ingredients.map((ingredient) => ({ ingredient, path, before: text(a), after: text(b) }));
  }
  return pieces.flatMap(({ ingredient, a: from, aLength, b: to, bLength }) =>
    ingredient === null
      ? []
      : {
          ingredient,
          path,
          before: readable(units.a.parts.slice(from, from + aLength)),
          after: readable(units.b.parts.slice(to, to + bLength)),
        },
  );
}

function allNames(changes: readonly FileChange[], side: "a" | "b", store: Store): Set<string> {
  const of = ({ path, units, [side]: state }: FileChange): string[] => {
    if (isDataName(path)) return [];
    const text = units === null ? textOf(state, store) : readable(units[side].parts);
    return state === null ? [] : [moduleName(path), ...namesIn(text)];
  };
  return new Set(changes.flatMap(of));
}

/** Groups that grow together: what is joined to one of a group is joined to all of it. */
class Groups<T> {
  readonly #of = new Map<T, Set<T>>();

  join(some: readonly T[]): void {
    const all = new Set(some.flatMap((one) => [one, ...(this.#of.get(one) ?? [])]));
    for (const one of all) this.#of.set(one, all);
  }

  list(): T[][] {
    return [...new Set(this.#of.values())].map((group) => [...group]);
  }
}

export interface Bundles {
  readonly bundles: readonly (readonly Ingredient[])[];
  /** Edits that do no more than give a name of A's code another one in all of B's. */
  readonly renames: ReadonlySet<Ingredient>;
  /** How likely some are to matter, beside one for all others: notes and names hardly ever do. A search looks there last. */
  readonly unlikely: ReadonlyMap<Ingredient, number>;
}

const [NOTE, NAME] = [0.03, 0.15];

/** Edits of comments and of empty lines. */
function isNote({ before, after }: Edit): boolean {
  const code = (text: string): string => withoutComments(text).replace(/\s*$/gm, "").replace(/^\n+/, "");
  return code(before) === code(after);
}

function isRename({ before, after }: Edit, mine: ReadonlySet<string>, theirs: ReadonlySet<string>): boolean {
  const words = (text: string): string[] => withoutComments(text).split(/([A-Za-z_]\w*)/);
  const [x, y] = [words(before), words(after)];
  return (
    x.length === y.length &&
    x.every((word, i) => {
      const other = y[i] ?? "";
      return word === other || (i % 2 === 1 && !theirs.has(word) && !mine.has(other));
    })
  );
}

/**
 * Edits that hang together: that bring a name no code had before or take one away from all of it (a renamed function and
 * its calls), that move lines from one place to another, and files that neither run was seen to look at. A mixture with
 * some of them often breaks, so a search asks for all at first. It is no more than a guess of what to ask.
 */
export function bundlesOf(changes: readonly FileChange[], looked: ReadonlySet<string> | null, store: Store): Bundles {
  const groups = new Groups<Ingredient>();
  const isUnseen = ({ path }: { readonly path: string }): boolean => looked !== null && !looked.has(path);
  groups.join(changes.filter(isUnseen).flatMap((change) => change.ingredients));
  const edits = changes.filter((change) => !isUnseen(change)).flatMap((change) => editsOf(change, store));
  const [mine, theirs] = [allNames(changes, "a", store), allNames(changes, "b", store)];
  const sharing = new Map<string, Set<Ingredient>>();
  const share = (key: string, { ingredient }: Edit): void => {
    sharing.set(key, (sharing.get(key) ?? new Set()).add(ingredient));
  };
  for (const edit of edits) {
    for (const name of namesIn(edit.before)) if (!theirs.has(name)) share(`gone ${name}`, edit);
    for (const name of namesIn(edit.after)) if (!mine.has(name)) share(`new ${name}`, edit);
    const [took, brought] = [new Set(linesIn(edit.before)), new Set(linesIn(edit.after))];
    for (const line of took) if (!brought.has(line)) share(`line ${line}`, edit);
    for (const line of brought) if (!took.has(line)) share(`line ${line}`, edit);
  }
  for (const some of sharing.values()) if (some.size > 1) groups.join([...some]);
  const renames = new Set(edits.flatMap((edit) => (isRename(edit, mine, theirs) ? edit.ingredient : [])));
  const notes = new Set(changes.filter(isUnseen).flatMap((change) => change.ingredients));
  for (const edit of edits) if (isNote(edit)) notes.add(edit.ingredient);
  return {
    bundles: groups.list().filter((group) => group.length > 1),
    renames,
    unlikely: new Map([
      ...[...renames].map((one) => [one, NAME] as const),
      ...[...notes].map((one) => [one, NOTE] as const),
    ]),
  };
}
