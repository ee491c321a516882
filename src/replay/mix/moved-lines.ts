import type { FileChange, LineMap } from "../change/file-change.ts";

/** Where a line of A's or B's code stands in the other, and in a mixture. */
export interface Lines {
  /** A name for the place that both runs share; null: only this run has the line. */
  shared(file: string, line: number, of: "a" | "b"): number | null;
}

/** Lines of files that differ are the same place where the diff says so; all other files are as they were. */
export function linesOf(changes: readonly FileChange[]): Lines {
  const maps = new Map<string, Map<number, number>>();
  const apart = new Set<string>();
  for (const { path, units, pieces } of changes) {
    if (units === null) {
      apart.add(path);
      continue;
    }
    const same = new Map<number, number>();
    for (const piece of pieces)
      for (let i = 0; piece.same && i < piece.aLength; i++) same.set(piece.a + i + 1, piece.b + i + 1);
    maps.set(path, same);
  }
  const backwards = new Map([...maps].map(([path, map]) => [path, new Set(map.values())]));
  return {
    shared(file, line, of) {
      if (apart.has(file)) return null;
      const map = maps.get(file);
      if (map === undefined) return line;
      if (of === "a") return map.get(line) ?? null;
      return backwards.get(file)?.has(line) === true ? line : null;
    },
  };
}

/** The line of the mixed file that a recorded line has become; null: the mixture does not have it. */
export function lineNow(lines: ReadonlyMap<string, LineMap>, file: string, line: number, of: "a" | "b"): number | null {
  const map = lines.get(file);
  return map === undefined ? line : (map[of].get(line) ?? null);
}
