import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

interface Schema {
  readonly required: readonly string[];
  readonly $defs: Readonly<Record<string, { readonly properties?: Readonly<Record<string, unknown>> }>>;
}

test("the page on the format names every field of the schema, and every word of its lists", () => {
  const page = readFileSync(join(ROOT, "docs/format/record.md"), "utf8");
  const schema = JSON.parse(readFileSync(join(ROOT, "schema/record.json"), "utf8")) as Schema;
  const deep = Object.values(schema.$defs).flatMap(({ properties = {} }) => Object.keys(properties));
  const words = [...JSON.stringify(schema).matchAll(/"enum":\["([^\]]*)"\]/g)].flatMap((match) =>
    (match[1] ?? "").split('","'),
  );
  const named = (word: string): boolean =>
    page.includes(`\`${word}\``) || page.includes(`\`"${word}"\``) || page.includes(`"${word}"`);
  expect([...new Set([...schema.required, ...deep, ...words])].filter((word) => !named(word))).toEqual([]);
});
