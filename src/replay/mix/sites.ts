import type { LineMap } from "../change/file-change.ts";
import { type Lines, lineNow } from "./moved-lines.ts";

export type Of = "a" | "b";

/** A place in the code of one run where something is drawn or read. */
export interface Site {
  readonly of: Of;
  /** What it draws or reads: only alike can be the same place in the other run. */
  readonly what: string;
  /** Function, or the module of a library. */
  readonly within: string;
  readonly file: string | null;
  readonly line: number | null;
}

export interface Paired<T> {
  readonly a: T | null;
  readonly b: T | null;
}

/** By what two places are taken for one, surest first; null: not to be told that way. */
const LIKENESS: readonly ((site: Site, line: number | null) => string | null)[] = [
  (site, line) => (line === null ? null : [site.what, site.file, line, site.within].join("\0")),
  (site, line) => (line === null ? null : [site.what, site.file, line].join("\0")),
  (site) => [site.what, site.file, site.within].join("\0"),
  (site) => [site.what, site.within].join("\0"),
  (site) => site.what,
];

function grouped<T>(list: Iterable<T>, keyOf: (item: T) => string | null): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const key = keyOf(item);
    if (key !== null) groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}

/**
 * The places of A and those that they have become in B: on lines that the diff leaves alone, else, where an edit went
 * through the line, moved its function or renamed its file, as many of a kind in the order in which they were met.
 */
export function pairSites<T extends Site>(a: readonly T[], b: readonly T[], lines: Lines): Paired<T>[] {
  const [left, right] = [new Set(a), new Set(b)];
  const found = new Map<T, T>();
  for (const likeness of LIKENESS) {
    const keyOf = (site: T): string | null =>
      likeness(site, site.file === null || site.line === null ? null : lines.shared(site.file, site.line, site.of));
    const theirs = grouped(right, keyOf);
    for (const [key, mine] of grouped(left, keyOf)) {
      const others = theirs.get(key) ?? [];
      if (mine.length !== others.length) continue;
      mine.forEach((one, i) => {
        const other = others[i];
        if (other === undefined) return;
        found.set(other, one);
        left.delete(one);
        right.delete(other);
      });
    }
  }
  return [...b.map((one) => ({ a: found.get(one) ?? null, b: one })), ...[...left].map((one) => ({ a: one, b: null }))];
}

/** Where a place stands in a mixture: in A's version of it, in B's, in both. */
export function placesNow(
  { a, b }: Paired<Site>,
  lines: ReadonlyMap<string, LineMap>,
): { readonly file: string; readonly line: number }[] {
  const seen = new Map<string, { readonly file: string; readonly line: number }>();
  for (const site of [a, b]) {
    if (site === null || site.file === null || site.line === null) continue;
    const line = lineNow(lines, site.file, site.line, site.of);
    if (line !== null) seen.set(`${site.file}\0${line}`, { file: site.file, line });
  }
  return [...seen.values()];
}
