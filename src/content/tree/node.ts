import type { ArrayData } from "../array/element.ts";
import type { Data } from "../source.ts";

/** What a structured content holds, as plain data. Nothing in it was ever called. */
export type Node = Scalar | Text | Bytes | List | Dictionary | Call | ArrayNode;

/** A number, a boolean, a null, a reference by name: equal when type and text are. */
export interface Scalar {
  readonly kind: "scalar";
  readonly type: string;
  /** As written; of binary floats the shortest decimal, with the bits behind it when that is not all (NaN, -0). */
  readonly text: string;
  readonly value?: number;
}
export interface Text {
  readonly kind: "text";
  readonly type: string;
  readonly text: string;
}
interface Bytes {
  readonly kind: "bytes";
  readonly type: string;
  readonly bytes: Data;
}
export interface List {
  readonly kind: "list";
  readonly type: string;
  readonly items: Node[];
  /** A set: the order of its elements is that of their hashes. */
  readonly unordered: boolean;
}
export interface Dictionary {
  readonly kind: "dictionary";
  readonly type: string;
  readonly entries: [Node, Node][];
  /** Whether the order of the entries is content. */
  readonly ordered: boolean;
}
/** An object: what would be called with what, and what would be put into the result. */
export interface Call {
  readonly kind: "call";
  readonly of: Node;
  readonly args: Node;
  readonly state: Node[];
  readonly items: Node[];
  readonly entries: [Node, Node][];
}
interface ArrayNode {
  readonly kind: "array";
  readonly array: ArrayData;
}

export const scalar = (type: string, text: string, value?: number): Scalar =>
  value === undefined ? { kind: "scalar", type, text } : { kind: "scalar", type, text, value };
export const text = (value: string, type = "str"): Text => ({ kind: "text", type, text: value });
export const list = (type: string, items: Node[], unordered = false): List => ({
  kind: "list",
  type,
  items,
  unordered,
});
export const dictionary = (type: string, entries: [Node, Node][], ordered: boolean): Dictionary => ({
  kind: "dictionary",
  type,
  entries,
  ordered,
});
export const call = (of: Node, args: Node): Call => ({ kind: "call", of, args, state: [], items: [], entries: [] });

/** Of a double: the shortest text that reads back, and the bits where that is not unique. */
export function float(value: number, bits?: string): Scalar {
  const shown = Object.is(value, -0) ? "-0" : String(value);
  return {
    kind: "scalar",
    type: "float",
    text: Number.isNaN(value) && bits !== undefined ? `NaN:${bits}` : shown,
    value,
  };
}

/** The name of a global that stands as a scalar of type global; "" for anything else. */
export function globalOf(node: Node | undefined): string {
  return node?.kind === "scalar" && node.type === "global" ? node.text : "";
}
