import type { RunRecord } from "#record";
import { configurationOf, originWords, plainValue, type Setting } from "../configuration.ts";
import type { DiffEntry } from "./document.ts";

/** The parameters of two runs by name: what a source says that only one of the agents could hear is left out. */
export function configSettings(
  a: RunRecord,
  b: RunRecord,
): { readonly a: ReadonlyMap<string, Setting>; readonly b: ReadonlyMap<string, Setting> } {
  const heard = (source: string): boolean =>
    source === "argument" || [a, b].every((run) => run.loggers === undefined || run.loggers.includes(source));
  const table = (run: RunRecord): Map<string, Setting> => {
    const params = run.params.filter(({ origin }) => origin === "file" || heard(origin));
    // What files alone say is compared by their content.
    const rows = configurationOf({ params }).filter(({ origins }) => origins.some(({ source }) => source !== "file"));
    return new Map(rows.map((row) => [row.name, row]));
  };
  return { a: table(a), b: table(b) };
}

/** Parameters that differ, and how each run came by them. */
export function settingEntries(a: RunRecord, b: RunRecord): DiffEntry[] {
  const { a: left, b: right } = configSettings(a, b);
  return [...new Set([...left.keys(), ...right.keys()])].sort().flatMap((name): DiffEntry[] => {
    const [x, y] = [left.get(name), right.get(name)];
    if (x !== undefined && y !== undefined && plainValue(x.value) === plainValue(y.value)) return [];
    const entry = { name, a: x?.value ?? null, b: y?.value ?? null };
    const change = x === undefined ? "added" : y === undefined ? "removed" : "changed";
    const words = (row: Setting | undefined): string | null => (row === undefined ? null : originWords(row));
    const [from, to] = [words(x), words(y)];
    const told = [from, to].some((one) => one !== null && one !== "command line");
    return [{ ...entry, change, ...(told ? { detail: { kind: "setting", a: from, b: to } } : {}) }];
  });
}
