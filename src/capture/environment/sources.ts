import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Digest, digestFromHex, type Known, unknown } from "#record";
import { listFolder } from "../code/snapshot.ts";

const MOST_FILES = 3000;
const MOST_BYTES = 32 * 1024 * 1024;

/** One digest over the sources of a package that is used in place: names and contents, sorted by name. */
export function digestSources(folder: string): Known<Digest> {
  const names = listFolder(folder).files.filter((name) =>
    /\.(?:pyi?|pyx|pxd|so|c|cc|cpp|cu|toml|cfg|json|ya?ml)$/.test(name),
  );
  if (names.length === 0) return unknown("no sources in its folder");
  if (names.length > MOST_FILES) return unknown(`more than ${MOST_FILES} source files`);
  const hash = createHash("sha256");
  let bytes = 0;
  for (const name of names.sort()) {
    try {
      const content = readFileSync(join(folder, name));
      bytes += content.length;
      hash.update(`${name}\0${content.length}\0`).update(content);
    } catch {
      return unknown(`${name} is not readable`);
    }
    if (bytes > MOST_BYTES) return unknown(`sources larger than ${MOST_BYTES / 1024 / 1024} MiB`);
  }
  return digestFromHex(hash.digest("hex"));
}
