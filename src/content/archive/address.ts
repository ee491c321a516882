import { utf8Of } from "../bytes.ts";
import type { Judge } from "../comparison.ts";
import { wholeOf } from "../source.ts";
import type { Archive, Entry } from "./zip.ts";

interface Description {
  readonly by: string;
  readonly entry: string;
  /** Where it names objects by their addresses in memory, and files after them. */
  readonly address: RegExp;
}

const DESCRIPTIONS: readonly Description[] = [
  { by: "skops", entry: "schema.json", address: /("__id__":\s*|"file":\s*")(\d{5,20})(?=\s*[,}\n]|\.[a-z]+")/g },
  { by: "Keras", entry: "config.json", address: /("shared_object_id":\s*)(\d{5,20})(?=\s*[,}\n])/g },
];

/** An archive of a model with its objects numbered as its description first names them; any other one as it is. */
export function withoutAddresses(archive: Archive, judge: Judge): Archive {
  return DESCRIPTIONS.reduce((known, description) => numbered(known, description, judge), archive);
}

function numbered(archive: Archive, { by, entry, address }: Description, judge: Judge): Archive {
  const [first, ...more] = archive.entries.filter(({ name }) => name === entry);
  if (first === undefined || more.length > 0) return archive;
  const numbers = new Map<string, string>();
  const text = utf8Of(wholeOf(first.data()))?.replace(address, (_, before: string, found: string) => {
    const number = numbers.get(found) ?? `${numbers.size + 1}`;
    numbers.set(found, number);
    return before + number;
  });
  if (text === undefined || numbers.size === 0) return archive;
  judge.setAside(`${by}: addresses in memory as ids and names`);
  const bytes = Buffer.from(text);
  const entries = archive.entries.map((other) =>
    other === first ? { ...other, data: () => bytes } : renamed(other, numbers),
  );
  return { ...archive, entries };
}

function renamed(entry: Entry, numbers: ReadonlyMap<string, string>): Entry {
  const [, address = "", ending = ""] = /^(\d+)(\.[a-z]+)$/.exec(entry.name) ?? [];
  const number = numbers.get(address);
  return number === undefined ? entry : { ...entry, name: `${number}${ending}` };
}
