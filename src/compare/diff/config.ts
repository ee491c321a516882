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

const isSet = (row: Setting | undefined): boolean =>
  row?.origins.some(
    ({ source, from }) => source === "argument" || source === "file" || !/^(?:default|call)$/.test(from ?? ""),
  ) === true;

const inFile = ({ origins, value }: Setting): string | null =>
  origins.some(({ source }) => source === "file") ? value : null;

/** What somebody set otherwise for one run than for the other, files included; what a program made up by itself is left out. */
export function parametersApart(
  a: RunRecord,
  b: RunRecord,
): { readonly name: string; readonly a: string | null; readonly b: string | null }[] {
  const table = (run: RunRecord): Map<string, Setting> => new Map(configurationOf(run).map((row) => [row.name, row]));
  const { a: left, b: right } = configSettings(a, b);
  const [filesA, filesB] = [table(a), table(b)].map(
    (rows) => new Map([...rows].filter(([, { origins }]) => origins.every(({ source }) => source === "file"))),
  );
  const [x, y] = [new Map([...(filesA ?? []), ...left]), new Map([...(filesB ?? []), ...right])];
  return [...new Set([...x.keys(), ...y.keys()])].sort().flatMap((name) => {
    const [before, after] = [x.get(name), y.get(name)];
    const same = before !== undefined && after !== undefined && plainValue(before.value) === plainValue(after.value);
    if (same || !(isSet(before) || isSet(after))) return [];
    // A key that the other run's parser took over is in the row of that parser.
    const plain = name.slice(name.indexOf(": ") + 2);
    const [there, here] = [x.get(plain), y.get(plain)];
    if (plain !== name && (there ?? here) !== undefined && (before === undefined || after === undefined)) {
      // Where that row is the same in both runs, the file is what changed.
      if (there === undefined || here === undefined || plainValue(there.value) !== plainValue(here.value)) return [];
      return [{ name, a: before?.value ?? inFile(there), b: after?.value ?? inFile(here) }];
    }
    return [{ name, a: before?.value ?? null, b: after?.value ?? null }];
  });
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
