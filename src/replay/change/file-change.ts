import { keyOfLine } from "#content";
import type { CauseKind } from "#record";
import type { Store } from "#store";
import { type Choice, type Ingredient, shown } from "../mix/ingredient.ts";
import { isConfig, targetOf } from "./config-key.ts";
import type { FileState } from "./project-files.ts";
import { pairwise, type Segment, segmentsOf } from "./segments.ts";
import { isDataName, isReordered, readable, type Units, unitsOf } from "./units.ts";

/** How one file of the project differs between the runs, and what of it a mixture can take from either. */
export interface FileChange {
  readonly path: string;
  readonly a: FileState | null;
  readonly b: FileState | null;
  readonly ingredients: readonly Ingredient[];
  /** Rows of a data file, searched only once the file itself is guilty. */
  readonly rows: readonly Ingredient[];
  readonly units: { readonly a: Units; readonly b: Units } | null;
  readonly pieces: readonly Piece[];
}

export interface Piece extends Segment {
  readonly ingredient: Ingredient | null;
}

/** Beyond this many rows nobody reads them one by one, and a search would take too long. */
const MOST_ROWS = 4000;

const linesOf = (units: Units): string[] => units.parts.map((part) => readable([part]).replace(/\r?\n$/, ""));

function trimmed(path: string, piece: Segment, units: { readonly a: Units; readonly b: Units }): Ingredient {
  const before = units.a.parts.slice(piece.a, piece.a + piece.aLength);
  const after = units.b.parts.slice(piece.b, piece.b + piece.bLength);
  const line = (piece.bLength > 0 ? piece.b : piece.a) + 1;
  const where = `${path}:${line}`;
  const keys = isConfig(path) ? changedKeys(piece, units) : [];
  const what = piece.bLength === 0 ? "removed" : piece.aLength === 0 ? "added" : "changed";
  const [key] = keys;
  const named = keys.length === 1 && key !== undefined;
  const kind: CauseKind = named || isConfig(path) ? "config" : "code";
  return {
    kind,
    name: named ? key : path,
    file: path,
    line,
    words: named
      ? `${key} ${what} in ${where}`
      : `${Math.max(piece.aLength, piece.bLength)} line(s) ${what} at ${where}`,
    a: piece.aLength === 0 ? null : shown(readable(before)),
    b: piece.bLength === 0 ? null : shown(readable(after)),
  };
}

function changedKeys(piece: Segment, { a, b }: { readonly a: Units; readonly b: Units }): string[] {
  const keys = (units: Units, from: number, length: number): string[] => {
    const lines = linesOf(units);
    return Array.from({ length }, (_, i) => keyOfLine(lines, from + i)).filter((key) => key !== null);
  };
  return [...new Set([...keys(a, piece.a, piece.aLength), ...keys(b, piece.b, piece.bLength)])];
}

function rowOf(path: string, piece: Segment, units: { readonly a: Units; readonly b: Units }): Ingredient {
  const { form, first } = units.b;
  const at = piece.bLength > 0 ? piece.b : piece.a;
  // Arrays count their rows from 0, as the programs that read them do.
  const number = form === "array" ? at - first : at - first + 1;
  const what = piece.bLength === 0 ? "removed" : piece.aLength === 0 ? "added" : "changed";
  const show = (list: Units, from: number, length: number): string | null =>
    length === 0
      ? null
      : form === "array"
        ? `${length} row(s)`
        : shown(readable(list.parts.slice(from, from + length)));
  const name = at < first ? `${path} header` : `${path} row ${number}`;
  return {
    kind: "data-content",
    name,
    file: path,
    line: form === "array" ? null : at + 1,
    words: `${name} ${what}`,
    a: show(units.a, piece.a, piece.aLength),
    b: show(units.b, piece.b, piece.bLength),
  };
}

/** Added and removed rows one by one, so that each can be guilty alone. */
function single(piece: Segment): Segment[] {
  if (piece.same || (piece.aLength < 2 && piece.bLength < 2)) return [piece];
  return Array.from({ length: Math.max(piece.aLength, piece.bLength) }, (_, i) => ({
    same: false,
    a: piece.a + Math.min(i, piece.aLength),
    aLength: i < piece.aLength ? 1 : 0,
    b: piece.b + Math.min(i, piece.bLength),
    bLength: i < piece.bLength ? 1 : 0,
  }));
}

function whole(path: string, a: FileState | null, b: FileState | null, kind: CauseKind): Ingredient {
  const what = a === null ? "is only there in B" : b === null ? "is only there in A" : "differs";
  const say = (state: FileState | null): string | null => state?.digest ?? (state === null ? null : "not looked at");
  return { kind, name: path, file: path, line: null, words: `${path} ${what}`, a: say(a), b: say(b) };
}

/** Assignments and keys that stand under one another are told apart; other stretches stay whole. */
function together(path: string): (a: string, b: string) => boolean {
  const name = (line: string): string | null => (isConfig(path) ? keyOfLine([line], 0) : targetOf(line));
  return (a, b) => name(a) !== null && name(a) === name(b);
}

export function describeChange(
  path: string,
  a: FileState | null,
  b: FileState | null,
  leftover: boolean,
  store: Store,
): FileChange {
  const kind: CauseKind = leftover
    ? "leftover-state"
    : isDataName(path)
      ? "data-content"
      : isConfig(path)
        ? "config"
        : "code";
  const entire = whole(path, a, b, kind);
  const alone: FileChange = { path, a, b, ingredients: [entire], rows: [], units: null, pieces: [] };
  const read = (state: FileState | null): Units | null =>
    state?.digest == null || state.lacking !== null || state.mode === "120000"
      ? null
      : unitsOf(path, store.objects.read(state.digest));
  const [x, y] = leftover || a?.mode !== b?.mode ? [null, null] : [read(a), read(b)];
  if (x === null || y === null || x.form !== y.form) return alone;
  const units = { a: x, b: y };
  if (isReordered(x, y)) {
    const order: Ingredient = { ...entire, kind: "data-order", words: `the rows of ${path} are in another order` };
    return { ...alone, ingredients: [order] };
  }
  if (x.form === "array" && x.parts[0] !== y.parts[0]) return alone;
  const segments = segmentsOf(x.parts, y.parts);
  if (segments === null) return alone;
  if (x.form !== "lines") {
    const pieces = segments
      .flatMap(single)
      .map((piece): Piece => ({ ...piece, ingredient: piece.same ? null : rowOf(path, piece, units) }));
    const rows = pieces.flatMap((piece) => piece.ingredient ?? []);
    if (rows.length > MOST_ROWS) return alone;
    if (rows.length === 1) return { ...alone, ingredients: rows, units, pieces };
    const words = `${rows.length} rows of ${path} differ`;
    return { ...alone, ingredients: [{ ...entire, words }], rows, units, pieces };
  }
  const split = segments.flatMap((segment) =>
    pairwise(segment, (i, j) => together(path)(x.parts[i] ?? "", y.parts[j] ?? "")),
  );
  const pieces = split.map((piece): Piece => {
    if (piece.same) return { ...piece, ingredient: null };
    const found = trimmed(path, piece, units);
    return { ...piece, ingredient: isDataName(path) ? { ...found, kind: "data-content" } : found };
  });
  return { ...alone, ingredients: pieces.flatMap((piece) => piece.ingredient ?? []), units, pieces };
}

interface Lookup {
  get(line: number): number | undefined;
}

/** Lines of the mixed file by the lines that they came from, counted from 1. */
export interface LineMap {
  readonly a: Lookup;
  readonly b: Lookup;
}

const ALL: Lookup = { get: (line) => line };
const NONE: Lookup = { get: () => undefined };

export interface Built {
  readonly take: "a" | "b" | Uint8Array;
  readonly lines: LineMap;
}

/** Whether a choice has this stretch from A. */
export function isTaken({ ingredients, rows }: FileChange, { ingredient }: Piece, choice: Choice): boolean {
  const entire = rows.length > 0 && ingredients.every((one) => choice.has(one));
  return ingredient !== null && (entire || choice.has(ingredient));
}

/** The file as a choice has it. */
export function buildFile(change: FileChange, choice: Choice): Built {
  const { units, pieces, ingredients } = change;
  if (units === null || pieces.length === 0)
    return ingredients.every((one) => choice.has(one))
      ? { take: "a", lines: { a: ALL, b: NONE } }
      : { take: "b", lines: { a: NONE, b: ALL } };
  const fromA = (piece: Piece): boolean => isTaken(change, piece, choice);
  const parts: string[] = [];
  const lines = { a: new Map<number, number>(), b: new Map<number, number>() };
  for (const piece of pieces) {
    const mine = piece.same || fromA(piece);
    const start = parts.length + 1;
    for (let i = 0; mine && i < piece.aLength; i++) lines.a.set(piece.a + i + 1, start + i);
    for (let i = 0; (piece.same || !mine) && i < piece.bLength; i++) lines.b.set(piece.b + i + 1, start + i);
    const source = mine
      ? units.a.parts.slice(piece.a, piece.a + piece.aLength)
      : units.b.parts.slice(piece.b, piece.b + piece.bLength);
    for (const part of source) parts.push(part);
  }
  const changed = pieces.filter((piece) => !piece.same);
  const taken = changed.filter(fromA).length;
  if (taken === 0 || taken === changed.length) return { take: taken === 0 ? "b" : "a", lines };
  return { take: Buffer.from(parts.join(""), "latin1"), lines };
}
