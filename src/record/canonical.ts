/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * Canonical JSON: keys sorted by UTF-16 code unit, no white space, undefined members left out (RFC 8785 for the values
 * we write). Throws TypeError on NaN, infinities and functions, which have no JSON form, and RangeError on cycles.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError(`no JSON form for ${value}`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return ofItems(value);
  if (typeof value === "object") return ofMembers(value as Readonly<Record<string, unknown>>);
  throw new TypeError(`no JSON form for a ${typeof value}`);
}

/** Nothing that JSON would escape. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** A record of a run that read many files has hundreds of thousands of texts, nearly all of them plain. */
function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

function ofItems(items: readonly unknown[]): string {
  let text = "";
  for (const item of items) text += `${text === "" ? "" : ","}${canonicalJson(item ?? null)}`;
  return `[${text}]`;
}

/** Most objects are made in the order of their keys: looking is cheaper than sorting. */
function sorted(keys: string[]): string[] {
  for (let at = 1; at < keys.length; at += 1) if ((keys[at - 1] ?? "") > (keys[at] ?? "")) return keys.sort();
  return keys;
}

function ofMembers(members: Readonly<Record<string, unknown>>): string {
  let text = "";
  for (const key of sorted(Object.keys(members))) {
    const member = members[key];
    if (member !== undefined) text += `${text === "" ? "" : ","}${quoted(key)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}
