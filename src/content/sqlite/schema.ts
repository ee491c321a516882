import type { Node } from "../tree/node.ts";
import { Unreadable } from "../unseen.ts";
import type { Pages } from "./pages.ts";
import { valuesOf } from "./record.ts";

/** An entry of sqlite_schema. Where its root page lies is no content. */
export interface Entry {
  readonly type: string;
  readonly name: string;
  readonly root: number;
  /** All but the root page, as one text. */
  readonly words: string;
  readonly sql: string;
}

export function schemaOf(pages: Pages): Entry[] {
  return pages.rows(1).map(({ record }) => {
    const [type, name, table, root, sql] = valuesOf(record, pages.encoding);
    if (type?.kind !== "text" || name?.kind !== "text" || sql === undefined) throw new Unreadable("an unknown schema");
    const number = root?.kind === "scalar" ? (root.value ?? 0) : 0;
    return {
      type: type.text,
      name: name.text,
      root: number,
      words: JSON.stringify([type.text, name.text, textIn(table), textIn(sql)]),
      sql: textIn(sql) ?? "",
    };
  });
}

const textIn = (node: Node | undefined): string | null => (node?.kind === "text" ? node.text : null);

export interface Columns {
  /** In the order in which a record has them; none where that is not known. */
  readonly names: readonly string[];
  /** A column stands for the row's id, so that the id is content. */
  readonly hasId: boolean;
}

const UNKNOWN: Columns = { names: [], hasId: true };
const TOKEN =
  /\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|'(?:[^']|'')*'|[\w$\u0080-\uffff]+|[\s\S]/g;
const CONSTRAINT = /^(?:CONSTRAINT|PRIMARY|UNIQUE|CHECK|FOREIGN)$/i;
const AFTER_TYPE = /^(?:CONSTRAINT|PRIMARY|NOT|NULL|UNIQUE|CHECK|DEFAULT|COLLATE|REFERENCES|GENERATED|AS)$/i;

/** What the statement that made a table says of its columns. What is not understood gives no names: then less is masked. */
export function columnsOf(sql: string): Columns {
  if (sql.length > 200_000) return UNKNOWN;
  const parts = definitionsIn(sql);
  if (parts === null) return UNKNOWN;
  const columns: { readonly name: string; readonly isInteger: boolean }[] = [];
  let hasId = false;
  let computed = false;
  for (const part of parts) {
    const [first = "", ...rest] = part;
    const key = keyOf(part);
    if (CONSTRAINT.test(first)) {
      const only = key === null ? null : columns.find(({ name }) => name.toLowerCase() === key.toLowerCase());
      if (only?.isInteger === true) hasId = true;
      continue;
    }
    const end = rest.findIndex((token) => AFTER_TYPE.test(token));
    const type = (end < 0 ? rest : rest.slice(0, end)).map(plain).join(" ");
    const isInteger = /^integer$/i.test(type);
    columns.push({ name: plain(first), isInteger });
    if (isInteger && has(part, "PRIMARY", "KEY")) hasId = true;
    if (rest.some((token) => /^(?:AS|GENERATED)$/i.test(token))) computed = true;
  }
  return { names: computed ? [] : columns.map(({ name }) => name), hasId };
}

/** The tokens of each definition between the outer parentheses. */
function definitionsIn(sql: string): string[][] | null {
  const tokens = (sql.match(TOKEN) ?? []).filter((token) => !/^(?:\s|--|\/\*)/.test(token));
  const from = tokens.indexOf("(");
  if (!/^create$/i.test(tokens[0] ?? "") || !tokens.slice(1, 3).some((token) => /^table$/i.test(token)) || from < 0)
    return null;
  const parts: string[][] = [[]];
  let depth = 0;
  for (const token of tokens.slice(from)) {
    if (token === ")") depth -= 1;
    if (depth === 0 && token === ")") return parts;
    if (depth === 1 && token === ",") parts.push([]);
    else if (depth > 0) parts.at(-1)?.push(token);
    if (token === "(") depth += 1;
  }
  return null;
}

/** The one column of a table's PRIMARY KEY (column); null when there are several or none. */
function keyOf(part: readonly string[]): string | null {
  const at = part.findIndex((token, index) => /^primary$/i.test(token) && /^key$/i.test(part[index + 1] ?? ""));
  if (at < 0 || part[at + 2] !== "(") return null;
  const inside = part.slice(at + 3, part.indexOf(")", at));
  return inside.includes(",") ? null : plain(inside[0] ?? "");
}

const has = (part: readonly string[], ...words: readonly string[]): boolean =>
  part.some((_, index) => words.every((word, offset) => part[index + offset]?.toUpperCase() === word));

function plain(token: string): string {
  const mark = token[0] ?? "";
  if (mark === "[") return token.slice(1, -1);
  return /["'`]/.test(mark) ? token.slice(1, -1).replaceAll(mark + mark, mark) : token;
}
