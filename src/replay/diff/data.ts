import type { DiffDetail, DiffEntry, DiffPart, DiffUnknown } from "#compare";
import { canonicalNames, type Origins } from "#content";
import { type InputFile, isUnknown, type Known, knownOr, type RunRecord } from "#record";
import { leftBy, withRenames } from "./code.ts";
import { contentDetail } from "./content-detail.ts";
import type { Contents } from "./contents.ts";
import { areKeys, type SettingsFinding, settingsFinding } from "./settings.ts";

export interface DataPart extends DiffPart {
  readonly settings: readonly SettingsFinding[];
}

interface Side {
  readonly run: RunRecord;
  /** Content of a file of the code, for inputs that are committed and were not kept apart. */
  readonly code: (path: string) => Known<Uint8Array> | undefined;
}

const digestIn = (file: InputFile | undefined): Known<string> | null => (file === undefined ? null : file.digest);

function read(side: Side, file: InputFile, contents: Contents): Known<Uint8Array> {
  const kept = contents.read(side.run, file);
  const inCode = isUnknown(kept) ? side.code(file.path) : undefined;
  return inCode === undefined || isUnknown(inCode) ? kept : inCode;
}

/** Files that the runs read, matched by name, and how their contents differ. */
export function dataPart(a: Side, b: Side, contents: Contents, origins: Origins): DataPart {
  const [left, right] = [a.run.inputs, b.run.inputs];
  if (isUnknown(left) || isUnknown(right)) {
    const why = (list: typeof left): string | null => (isUnknown(list) ? list.unknown : null);
    return { entries: [], unknown: [{ section: "data", name: "inputs", a: why(left), b: why(right) }], settings: [] };
  }
  const entries: DiffEntry[] = [];
  const unknown: DiffUnknown[] = [];
  const settings: SettingsFinding[] = [];
  const [x, y] = [new Map(left.map((file) => [file.path, file])), new Map(right.map((file) => [file.path, file]))];
  for (const pair of canonicalNames([...x.keys()], [...y.keys()], origins)) {
    const [mine, theirs] = [x.get(pair.a ?? ""), y.get(pair.b ?? "")];
    const [from, to] = [digestIn(mine), digestIn(theirs)];
    const name = pair.a ?? pair.b ?? "";
    if (isUnknown(from) || isUnknown(to)) {
      unknown.push({
        section: "data",
        name,
        a: isUnknown(from) ? from.unknown : null,
        b: isUnknown(to) ? to.unknown : null,
      });
      continue;
    }
    if (from === to) continue;
    const change = mine === undefined ? "added" : theirs === undefined ? "removed" : "changed";
    let detail: DiffDetail | null = leftBy(name, a.run, b.run, [from ?? undefined, to ?? undefined]);
    if (detail === null && mine !== undefined && theirs !== undefined) {
      const [before, after] = [read(a, mine, contents), read(b, theirs, contents)];
      const size = Math.max(knownOr(mine.bytes, 0), knownOr(theirs.bytes, 0));
      const keys = settingsFinding(name, size, before, after);
      if (keys !== null) settings.push(keys);
      detail = areKeys(keys) ? { kind: "elsewhere", section: "config" } : contentDetail(name, before, after, origins);
    }
    entries.push({ name, a: from, b: to, change, ...(detail === null ? {} : { detail }) });
  }
  return { entries: withRenames(entries.toSorted((p, q) => (p.name < q.name ? -1 : 1))), unknown, settings };
}
