import { RepriseError } from "#record";
import { comparePaths, type DataEntry } from "#store";
import { staysInside } from "./links.ts";
import { isSkipped } from "./walk.ts";

const unsafe = (path: string, why: string): RepriseError =>
  new RepriseError(
    "DATA_UNSAFE",
    "storage",
    `this version holds ${JSON.stringify(path)}, which ${why}: nothing of it was written`,
    "reprise fsck",
  );

const isName = (part: string): boolean => part !== "" && part !== "." && part !== "..";

/** A manifest may come from others: no name may lead out of the folder that is restored. */
export function checkSafe({ path, raw, kind, to }: DataEntry, isSingle: boolean): void {
  const names = [path, ...(raw === undefined ? [] : [Buffer.from(raw, "base64").toString("latin1")])];
  for (const name of names) {
    const parts = name.split("/");
    if (isSingle ? name !== "" : !parts.every(isName)) throw unsafe(path, "is no name in a folder");
    // Never kept, so never put back: in a project git would start what its folder names.
    if (parts.some(isSkipped)) throw unsafe(path, "is no data");
    if (name.includes("\0")) throw unsafe(path, "holds a zero byte");
  }
  if (kind === "link" && !staysInside(path, to ?? "")) throw unsafe(path, "is a link that leads out of the data");
}

const namesIn = (path: string): string[] => path.split("/").filter((part) => part !== "" && part !== ".");

/** Down and up again: `a/../b`. */
function turns(to: string): boolean {
  const parts = namesIn(to);
  const down = parts.findIndex((part) => part !== "..");
  return down >= 0 && parts.lastIndexOf("..") > down;
}

/** Whether a link goes up again beyond another one: up from there is not up from here, and may be out of the data. */
function turnsBeyond(links: ReadonlySet<string>, path: string, to: string): boolean {
  const at = namesIn(path).slice(0, -1);
  let beyond = false;
  for (const part of namesIn(to)) {
    if (part !== "..") beyond = links.has([...at, part].join("/")) || beyond;
    else if (beyond) return true;
    if (part === "..") at.pop();
    else at.push(part);
  }
  return false;
}

/**
 * Entries of a version that comes from others, each safe, in the order in which a walk meets them, none twice, none below a
 * file. Throws DATA_UNSAFE.
 */
export function* checkedEntries(entries: Iterable<DataEntry>, isSingle: boolean): Iterable<DataEntry> {
  let last: DataEntry | null = null;
  const odd = new Set<string>();
  const [links, turning] = [new Set<string>(), new Map<string, string>()];
  for (const entry of entries) {
    const { path, raw, kind, to } = entry;
    checkSafe(entry, isSingle);
    if (kind === "link") links.add(path);
    if (kind === "link" && to !== undefined && turns(to)) turning.set(path, to);
    if (raw !== undefined) {
      const bytes = Buffer.from(raw, "base64");
      const isOdd = bytes.toString("utf8") === path && !bytes.equals(Buffer.from(path));
      if (!isOdd || odd.has(raw)) throw unsafe(path, "has bytes that are not those of its name");
      odd.add(raw);
    } else {
      if (last !== null && (isSingle || comparePaths(last.path, path) >= 0)) throw unsafe(path, "is out of its order");
      if (last !== null && path.startsWith(`${last.path}/`)) throw unsafe(path, "lies below what is no folder");
      last = entry;
    }
    yield entry;
  }
  for (const [path, to] of turning)
    if (turnsBeyond(links, path, to)) throw unsafe(path, "is a link that leads out of the data");
}
