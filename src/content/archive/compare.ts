import { compareArrays } from "../array/dtype.ts";
import { equalBytes } from "../bytes.ts";
import { type Difference, differs, type Judge, within } from "../comparison.ts";
import { pairNames } from "../names.ts";
import { readPickles } from "../pickle/compare.ts";
import { storagesOf } from "../pickle/storage.ts";
import type { Archive, Entry } from "./zip.ts";

export type CompareInside = (name: string, a: Uint8Array, b: Uint8Array, judge: Judge) => Difference | null;

/** Compares two archives entry by entry; what is inside an entry is compared by its own format. */
export function compareArchives(
  kind: string,
  a: Archive,
  b: Archive,
  judge: Judge,
  inside: CompareInside,
): Difference | null {
  judge.setAside(`${kind}: time stamps, owners, order and compression of entries`);
  if (!equalBytes(a.rest, b.rest))
    return differs(`${kind}: bytes outside of all entries`, `${a.rest.length} bytes`, `${b.rest.length} bytes`);
  const left = named(a.entries);
  const right = named(b.entries);
  if (left.root !== right.root) judge.setAside(`${kind}: name of the archive's root folder`);
  const pairs = pairNames([...left.entries.keys()], [...right.entries.keys()], judge.origins);
  for (const pair of pairs) {
    if (pair.b === null) return differs(`${kind}: entry only in a`, pair.a ?? "", "");
    if (pair.a === null) return differs(`${kind}: entry only in b`, "", pair.b);
    if (pair.a !== pair.b) judge.mask(`${kind}: name of entry ${pair.a} / ${pair.b}`);
    const [here, there] = [left.entries.get(pair.a) ?? [], right.entries.get(pair.b) ?? []];
    const difference = sameEntries(here, there, judge, inside);
    if (difference !== null)
      return within(`${kind}: ${pair.a}`, asStorage(pair.a, here, there, left.entries, judge) ?? difference);
  }
  return null;
}

/** Entries of one name: the last one wins for most readers, so all of them must agree in their order. */
function sameEntries(a: readonly Entry[], b: readonly Entry[], judge: Judge, inside: CompareInside): Difference | null {
  if (a.length !== b.length) return differs("entries of this name", String(a.length), String(b.length));
  for (const [index, entry] of a.entries()) {
    const other = b[index];
    if (other === undefined) continue;
    if (entry.about !== other.about) return differs("rights or comment", entry.about, other.about);
    if (/(?:^|\/)\.data\/serialization_id$/.test(entry.name)) {
      judge.setAside("torch: serialization id");
      continue;
    }
    const [left, right] = [entry.bytes(), other.bytes()];
    if (equalBytes(left, right)) continue;
    const trial = judge.trial();
    const difference = inside(entry.name.slice(entry.name.lastIndexOf("/") + 1), left, right, trial);
    judge.adopt(trial.under(entry.name));
    if (difference !== null) return difference;
  }
  return null;
}

/** A differing storage of torch told by tensor and element, as far as its pickle says what it holds. */
function asStorage(
  name: string,
  a: readonly Entry[],
  b: readonly Entry[],
  all: ReadonlyMap<string, Entry[]>,
  judge: Judge,
): Difference | null {
  const key = /^data\/(\d+)$/.exec(name)?.[1];
  const pickle = all.get("data.pkl")?.[0];
  const [left, right] = [a[0]?.bytes(), b[0]?.bytes()];
  if (key === undefined || pickle === undefined || left === undefined || right === undefined) return null;
  const use = storagesOf(readPickles(pickle.bytes(), judge)).get(key);
  if (use === undefined || left.length !== right.length) return null;
  const array = (data: Uint8Array) => ({ dtype: use.type, shape: [data.length], order: "C" as const, data });
  return within(`tensor ${use.path}`, compareArrays(array(left), array(right)));
}

/** Entries by name, without the one folder that all lie in: torch names it after the file. */
function named(entries: readonly Entry[]): { root: string; entries: Map<string, Entry[]> } {
  const first = entries[0]?.name ?? "";
  const slash = first.indexOf("/");
  const candidate = slash < 0 ? "" : first.slice(0, slash + 1);
  const root = candidate !== "" && entries.every((entry) => entry.name.startsWith(candidate)) ? candidate : "";
  return { root, entries: Map.groupBy(entries, (entry) => entry.name.slice(root.length)) };
}
