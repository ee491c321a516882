import { equalBytes } from "../bytes.ts";
import { type Difference, differs, type Judge, within } from "../comparison.ts";
import { pairNames } from "../names.ts";
import { equalData } from "../source.ts";
import { Storages } from "./storages.ts";
import type { Archive, Entry } from "./zip.ts";

/** Compares two archives entry by entry; what is inside an entry is compared by its own format. */
export function compareArchives(kind: string, a: Archive, b: Archive, judge: Judge): Difference | null {
  judge.setAside(`${kind}: time stamps, owners, order and compression of entries`);
  if (!equalBytes(a.rest, b.rest))
    return differs(`${kind}: bytes outside of all entries`, `${a.rest.length} bytes`, `${b.rest.length} bytes`);
  const left = named(a.entries);
  const right = named(b.entries);
  if (left.root !== right.root) judge.setAside(`${kind}: name of the archive's root folder`);
  const storages = new Storages(left.entries, right.entries, judge);
  const pairs = pairNames([...left.entries.keys()], [...right.entries.keys()], judge.origins);
  for (const pair of pairs) {
    if (pair.b === null) return differs(`${kind}: entry only in a`, pair.a ?? "", "");
    if (pair.a === null) return differs(`${kind}: entry only in b`, "", pair.b);
    if (pair.a !== pair.b) judge.mask(`${kind}: name of entry ${pair.a} / ${pair.b}`);
    const [here, there] = [left.entries.get(pair.a) ?? [], right.entries.get(pair.b) ?? []];
    const difference = storages.compare(pair.a, here, there) ?? sameEntries(here, there, judge);
    if (difference === "equal" || difference === null) continue;
    return within(`${kind}: ${pair.a}`, difference);
  }
  return null;
}

/** Entries of one name: the last one wins for most readers, so all of them must agree in their order. */
function sameEntries(a: readonly Entry[], b: readonly Entry[], judge: Judge): Difference | null {
  if (a.length !== b.length) return differs("entries of this name", String(a.length), String(b.length));
  for (const [index, entry] of a.entries()) {
    const other = b[index];
    if (other === undefined) continue;
    if (entry.about !== other.about) return differs("rights or comment", entry.about, other.about);
    if (/(?:^|\/)\.data\/serialization_id$/.test(entry.name)) {
      judge.setAside("torch: serialization id");
      continue;
    }
    const [left, right] = [entry.data(), other.data()];
    if (equalData(left, right)) continue;
    const trial = judge.trial();
    const difference = judge.compareInside(entry.name.slice(entry.name.lastIndexOf("/") + 1), left, right, trial);
    judge.adopt(trial.under(entry.name));
    if (difference !== null) return difference;
    entry.check();
    other.check();
  }
  return null;
}

/** Entries by name, without the one folder that all lie in: torch names it after the file. */
function named(entries: readonly Entry[]): { root: string; entries: Map<string, Entry[]> } {
  const first = entries[0]?.name ?? "";
  const slash = first.indexOf("/");
  const candidate = slash < 0 ? "" : first.slice(0, slash + 1);
  const root = candidate !== "" && entries.every((entry) => entry.name.startsWith(candidate)) ? candidate : "";
  return { root, entries: Map.groupBy(entries, (entry) => entry.name.slice(root.length)) };
}
