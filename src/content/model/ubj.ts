import { Cursor, utf8Of } from "../bytes.ts";
import type { Judge } from "../comparison.ts";
import { wholeOf } from "../source.ts";
import { dictionary, list, type Node, scalar, text } from "../tree/node.ts";
import { Unreadable } from "../unseen.ts";
import { exactNumber, exactWhole, textOfModel } from "./exact.ts";

const DEPTH = 500;
/** Numbers by their marker: what their array is called, and bytes of one. All lie big end first. */
const NUMBERS: Readonly<Record<string, readonly [string, number]>> = {
  i: ["i1", 1],
  U: ["u1", 1],
  I: ["i2", 2],
  l: ["i4", 4],
  L: ["i8", 8],
  d: ["f4", 4],
  D: ["f8", 8],
};
const WORDS: Readonly<Record<string, readonly [string, string]>> = {
  Z: ["null", "null"],
  T: ["boolean", "true"],
  F: ["boolean", "false"],
};

/** Universal Binary JSON (draft 12), in which XGBoost keeps its models. */
export function readUbj(bytes: Uint8Array, judge: Judge): Node {
  const reader = new UbjReader(new Cursor(bytes), judge);
  const node = reader.value(reader.marker(), 0);
  if (reader.cursor.left > 0) throw new Unreadable("UBJSON: more behind the end");
  return node;
}

class UbjReader {
  constructor(
    readonly cursor: Cursor,
    readonly judge: Judge,
  ) {}

  marker(): string {
    let mark = this.#byte();
    while (mark === "N") mark = this.#byte(); // a filler without meaning
    return mark;
  }

  value(mark: string, depth: number): Node {
    this.judge.spendSteps(5, "UBJSON");
    if (depth > DEPTH) throw new Unreadable("UBJSON: nested too deep");
    if (mark === "{") return this.#object(depth);
    if (mark === "[") return this.#array(depth);
    if (mark === "S" || mark === "H")
      return mark === "S" ? textOfModel(this.#string()) : scalar("high-precision number", this.#string());
    if (mark === "C") return text(this.#chars(1));
    const word = WORDS[mark];
    return word === undefined ? this.#number(mark) : scalar(...word);
  }

  #object(depth: number): Node {
    const { type, count } = this.#head();
    const entries: [Node, Node][] = [];
    const met = new Set<string>();
    while (count === null ? !this.#ends("}") : entries.length < count) {
      const key = this.#string();
      if (met.has(key)) throw new Unreadable(`UBJSON: key ${key} twice`);
      met.add(key);
      entries.push([text(key), this.value(type ?? this.marker(), depth + 1)]);
    }
    return dictionary("object", entries, false);
  }

  #array(depth: number): Node {
    const { type, count } = this.#head();
    const kind = type === null ? undefined : NUMBERS[type];
    if (kind !== undefined && count !== null) return this.#numbers(kind, count);
    // Elements without a byte of their own could be any number of them.
    if (type !== null && type in WORDS) throw new Unreadable("UBJSON: an array of nothing but its length");
    const items: Node[] = [];
    while (count === null ? !this.#ends("]") : items.length < count)
      items.push(this.value(type ?? this.marker(), depth + 1));
    return list("array", items);
  }

  #numbers([dtype, size]: readonly [string, number], count: number): Node {
    const source = this.cursor.take(count * size);
    this.judge.spendBytes(source.length, "UBJSON");
    const data = Buffer.from(source);
    if (size === 2) data.swap16();
    else if (size === 4) data.swap32();
    else if (size === 8) data.swap64();
    return { kind: "array", array: { dtype, shape: [count], order: "C", data } };
  }

  /** One type for all elements and how many there are, where the writer says so. */
  #head(): { type: string | null; count: number | null } {
    let type: string | null = null;
    if (this.#is("$")) {
      type = this.#byte();
      if (!this.#is("#")) throw new Unreadable("UBJSON: a type without a count");
      return { type, count: this.#length() };
    }
    return { type, count: this.#is("#") ? this.#length() : null };
  }

  /** Whole numbers are written as short as they fit: how many bytes they take is no content. */
  #number(mark: string): Node {
    const [kind, size] = NUMBERS[mark] ?? ["", 0];
    if (kind === "") throw new Unreadable(`UBJSON: unknown marker ${JSON.stringify(mark)} at ${this.cursor.at - 1}`);
    const data = Buffer.from(this.cursor.take(size)).reverse();
    if (mark === "d" || mark === "D") return exactNumber(kind, data);
    return exactWhole(mark === "U" ? BigInt(data[0] ?? 0) : BigInt.asIntN(size * 8, hexadecimal(data)));
  }

  #string(): string {
    return this.#chars(this.#length());
  }

  #chars(length: number): string {
    const read = utf8Of(this.cursor.take(length));
    if (read === null) throw new Unreadable("UBJSON: text that is not UTF-8");
    return read;
  }

  #length(): number {
    const mark = this.#byte();
    const node = "iUIlL".includes(mark) ? this.#number(mark) : null;
    const length = node?.kind === "array" ? Number(Buffer.from(wholeOf(node.array.data)).readBigInt64LE()) : -1;
    if (!Number.isSafeInteger(length) || length < 0) throw new Unreadable("UBJSON: a length that is none");
    return length;
  }

  /** Whether the container ends here. */
  #ends(mark: string): boolean {
    while (mark === "]" && this.#is("N"));
    return this.#is(mark);
  }

  #is(mark: string): boolean {
    if (this.cursor.left === 0 || this.cursor.bytes[this.cursor.at] !== mark.charCodeAt(0)) return false;
    this.cursor.at += 1;
    return true;
  }

  #byte(): string {
    return String.fromCharCode(this.cursor.u8());
  }
}

const hexadecimal = (little: Uint8Array): bigint => BigInt(`0x${Buffer.from(little).reverse().toString("hex")}`);
