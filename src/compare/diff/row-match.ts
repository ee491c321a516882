import type { Rows } from "./row-source.ts";

export interface RowMatch {
  readonly changed: readonly (readonly [a: number, b: number])[];
  readonly removed: readonly number[];
  readonly added: readonly number[];
  /** Equal rows that left the order of the others: the fewest that explain it. */
  readonly moved: readonly (readonly [a: number, b: number])[];
}

const SEPARATOR = "\u001f";
const keysOf = (rows: Rows): string[] =>
  Array.from({ length: rows.count }, (_, i) => rows.key?.(i) ?? rows.cells(i).join(SEPARATOR));

/** For each row of a its equal in b, or -1. Rows that stand where they stood first, then whatever is left of each kind. */
function equals(a: readonly string[], b: readonly string[]): Int32Array {
  const match = new Int32Array(a.length).fill(-1);
  const taken = new Uint8Array(b.length);
  const take = (i: number, j: number): void => {
    match[i] = j;
    taken[j] = 1;
  };
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) take(start, start++);
  for (let i = a.length - 1, j = b.length - 1; i >= start && j >= start && a[i] === b[j]; i--, j--) take(i, j);
  // Rows that come often (labels) would otherwise be paired across the whole table when one of them changes.
  if (a.length === b.length) for (let i = start; i < a.length; i++) if (match[i] === -1 && a[i] === b[i]) take(i, i);
  const waiting = new Map<string, number[]>();
  for (let j = b.length - 1; j >= start; j--) {
    const key = b[j];
    if (taken[j] === 1 || key === undefined) continue;
    const list = waiting.get(key);
    if (list === undefined) waiting.set(key, [j]);
    else list.push(j);
  }
  for (let i = start; i < a.length; i++) {
    if (match[i] !== -1) continue;
    const j = waiting.get(a[i] ?? "")?.pop();
    if (j !== undefined) match[i] = j;
  }
  return match;
}

/** The rows of a whose partners come in the same order: a longest increasing subsequence. */
function inOrder(match: Int32Array): Uint8Array {
  const tails: number[] = [];
  const before = new Int32Array(match.length).fill(-1);
  for (let i = 0; i < match.length; i++) {
    const j = match[i] ?? -1;
    if (j === -1) continue;
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((match[tails[middle] ?? 0] ?? 0) < j) low = middle + 1;
      else high = middle;
    }
    before[i] = tails[low - 1] ?? -1;
    tails[low] = i;
  }
  const kept = new Uint8Array(match.length);
  for (let i = tails.at(-1) ?? -1; i !== -1; i = before[i] ?? -1) kept[i] = 1;
  return kept;
}

/** A column that tells each row from all others, on both sides: rows that share its value are one row. */
function identity(a: Rows, b: Rows): number | null {
  if (a.columns === null || a.columns.length < 2) return null;
  const unique = (rows: Rows, column: number): boolean => {
    const seen = new Set<string>();
    for (let i = 0; i < rows.count; i++) {
      const cell = rows.cells(i)[column] ?? "";
      if (cell === "" || seen.has(cell)) return false;
      seen.add(cell);
    }
    return true;
  };
  const candidates = [...a.columns.entries()].flatMap(([column, name]) =>
    column < 3 || /(?:^|_)(?:id|key|uuid|name)$/i.test(name) ? [column] : [],
  );
  return candidates.find((column) => unique(a, column) && unique(b, column)) ?? null;
}

/** How many rows that kept their order stand before each row of one side. */
function gaps(count: number, kept: (index: number) => boolean): Int32Array {
  const before = new Int32Array(count);
  for (let i = 0, passed = 0; i < count; i++) {
    before[i] = passed;
    if (kept(i)) passed += 1;
  }
  return before;
}

/** Pairs the rows of one gap between rows that stayed: where both have as many, or a cell stayed, it is one row changed. */
function pairGap(a: Rows, b: Rows, left: readonly number[], right: readonly number[]): [number, number][] {
  const pairs: [number, number][] = [];
  for (const [at, i] of left.entries()) {
    const j = right[at];
    if (j === undefined) break;
    const [x, y] = [a.cells(i), b.cells(j)];
    if (left.length === right.length || x.some((cell, column) => cell !== "" && cell === y[column])) pairs.push([i, j]);
  }
  return pairs;
}

/** Which rows stayed, moved, changed, came and went. */
export function matchRows(a: Rows, b: Rows): RowMatch {
  const match = equals(keysOf(a), keysOf(b));
  const stays = inOrder(match);
  const stayed = new Uint8Array(b.count);
  const taken = new Uint8Array(b.count);
  const moved: [number, number][] = [];
  for (let i = 0; i < a.count; i++) {
    const j = match[i] ?? -1;
    if (j === -1) continue;
    taken[j] = 1;
    if (stays[i] === 1) stayed[j] = 1;
    else moved.push([i, j]);
  }
  let left = Array.from({ length: a.count }, (_, i) => i).filter((i) => match[i] === -1);
  let right = Array.from({ length: b.count }, (_, j) => j).filter((j) => taken[j] === 0);
  const changed: [number, number][] = [];
  const settle = (pairs: readonly (readonly [number, number])[]): void => {
    const [x, y] = [new Set(pairs.map((pair) => pair[0])), new Set(pairs.map((pair) => pair[1]))];
    for (const [i, j] of pairs) changed.push([i, j]);
    left = left.filter((i) => !x.has(i));
    right = right.filter((j) => !y.has(j));
  };
  const column = left.length === 0 || right.length === 0 ? null : identity(a, b);
  if (column !== null) {
    const byId = new Map(right.map((j) => [b.cells(j)[column] ?? "", j]));
    settle(
      left.flatMap((i): [number, number][] => {
        const j = byId.get(a.cells(i)[column] ?? "");
        return j === undefined ? [] : [[i, j]];
      }),
    );
  }
  const [beforeA, beforeB] = [gaps(a.count, (i) => stays[i] === 1), gaps(b.count, (j) => stayed[j] === 1)];
  const others = Map.groupBy(right, (j) => beforeB[j] ?? 0);
  settle(
    [...Map.groupBy(left, (i) => beforeA[i] ?? 0)].flatMap(([gap, rows]) => pairGap(a, b, rows, others.get(gap) ?? [])),
  );
  return { changed: changed.toSorted((x, y) => x[0] - y[0]), removed: left, added: right, moved };
}
