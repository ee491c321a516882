import { isUnknown } from "#record";
import { normalName } from "../name.ts";
import { type ExportedFile, unhashed, type Written } from "./pins.ts";

const singleLine = (text: string): string => text.replace(/\s+/g, " ");

/** For `pip install --no-deps --require-hashes`, where all hashes are known; for `--no-deps` alone where not. */
export function requirementsFile({ run, recipe, lines, hashes }: Written): ExportedFile {
  const without = unhashed(lines, hashes);
  const hashed = without.length === 0;
  const head = [
    `# ${recipe.python.implementation} ${recipe.python.version}${isUnknown(recipe.platform) ? "" : ` on ${recipe.platform}`}, run ${run.id}`,
    `# pip install --no-deps ${hashed ? "--require-hashes " : ""}-r requirements.txt`,
    ...(hashed ? [] : [`# without hashes: ${without.length} of ${lines.length} are not known`]),
    ...recipe.notes.map((note) => `# not here: ${singleLine(note)}`),
    ...recipe.indexes.map((index) => `--extra-index-url ${index}`),
  ];
  const body = lines.map(({ name, text }) => {
    const known = hashes.get(normalName(name));
    if (!hashed || known === undefined || isUnknown(known)) return text;
    return [text, ...known.map((hash) => `    --hash=${hash}`)].join(" \\\n");
  });
  return { path: "requirements.txt", text: `${[...head, ...body].join("\n")}\n` };
}

/** What pip is called with for that file. */
export const pipOptions = ({ lines, hashes }: Written): string =>
  unhashed(lines, hashes).length === 0 ? "--no-deps --require-hashes" : "--no-deps";
