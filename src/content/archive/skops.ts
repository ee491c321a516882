import { utf8Of } from "../bytes.ts";
import type { Judge } from "../comparison.ts";
import type { Archive, Entry } from "./zip.ts";

const SCHEMA = "schema.json";
/** Where a schema of skops names objects: by their addresses in memory, and files after them. */
const NAMED = /("__id__":\s*|"file":\s*")(\d{5,20})(?=\s*[,}\n]|\.[a-z]+")/g;

/** An archive of skops with its objects numbered as its schema first names them; any other archive as it is. */
export function withoutAddresses(archive: Archive, judge: Judge): Archive {
  const schemas = archive.entries.filter((entry) => entry.name === SCHEMA);
  const text = schemas.length === 1 ? utf8Of(schemas[0]?.bytes() ?? new Uint8Array()) : null;
  if (text === null || !text.includes('"__id__"')) return archive;
  const numbers = new Map<string, string>();
  const renumbered = text.replace(NAMED, (_, before: string, address: string) => {
    let number = numbers.get(address);
    if (number === undefined) {
      number = `${numbers.size + 1}`;
      numbers.set(address, number);
    }
    return before + number;
  });
  judge.setAside("skops: addresses in memory as ids and names");
  return { ...archive, entries: archive.entries.map((entry) => renamed(entry, renumbered, numbers)) };
}

function renamed(entry: Entry, schema: string, numbers: ReadonlyMap<string, string>): Entry {
  if (entry.name === SCHEMA) return { ...entry, bytes: () => Buffer.from(schema) };
  const [, address = "", ending = ""] = /^(\d+)(\.[a-z]+)$/.exec(entry.name) ?? [];
  const number = numbers.get(address);
  return number === undefined ? entry : { ...entry, name: `${number}${ending}` };
}
