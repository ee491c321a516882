import type { Judge } from "../comparison.ts";
import { Unreadable } from "../unseen.ts";
import { dictionary, list, type Node, scalar, text } from "./node.ts";

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|-?Infinity|NaN/y;
const WORD = /true|false|null/y;
const DEPTH = 1000;

/** Reads JSON with its numbers as they are written and with every member, also those whose key comes twice. */
export function readJson(source: string, judge?: Judge): Node {
  const reader = new JsonReader(source, 0, judge);
  const node = reader.value(0);
  reader.end();
  return node;
}

/** One value of JSON that begins at a place in a text, and where it ends. */
export function readJsonAt(source: string, at: number, judge: Judge): { readonly node: Node; readonly end: number } {
  const reader = new JsonReader(source, at, judge);
  const node = reader.value(0);
  return { node, end: reader.at };
}

class JsonReader {
  #at: number;

  constructor(
    readonly source: string,
    from = 0,
    readonly judge?: Judge,
  ) {
    this.#at = from;
  }

  get at(): number {
    return this.#at;
  }

  value(depth: number): Node {
    if (depth > DEPTH) throw new Unreadable("JSON: nested too deep");
    this.judge?.spendNodes(1, "JSON");
    this.#match(SPACE);
    const char = this.source[this.#at];
    if (char === "{") return this.#object(depth);
    if (char === "[") return this.#array(depth);
    if (char === '"') return text(this.#string());
    const word = this.#match(WORD);
    if (word !== null) return scalar(word === "null" ? "null" : "boolean", word);
    const number = this.#match(NUMBER);
    if (number === null) throw new Unreadable(`JSON: nothing readable at character ${this.#at}`);
    return scalar("number", number, Number(number));
  }

  end(): void {
    this.#match(SPACE);
    if (this.#at < this.source.length) throw new Unreadable(`JSON: more behind the end at character ${this.#at}`);
  }

  #object(depth: number): Node {
    const entries: [Node, Node][] = [];
    this.#at += 1;
    while (!this.#is("}")) {
      if (entries.length > 0) this.#expect(",");
      this.#match(SPACE);
      const key = text(this.#string());
      this.#expect(":");
      entries.push([key, this.value(depth + 1)]);
    }
    return dictionary("object", entries, false);
  }

  #array(depth: number): Node {
    const items: Node[] = [];
    this.#at += 1;
    while (!this.#is("]")) {
      if (items.length > 0) this.#expect(",");
      items.push(this.value(depth + 1));
    }
    return list("array", items);
  }

  /** By hand: a pattern would run out of stack on a text of many megabytes. */
  #string(): string {
    const { source } = this;
    const from = this.#at;
    if (source[from] !== '"') throw new Unreadable(`JSON: no text at character ${from}`);
    let to = source.indexOf('"', from + 1);
    while (to > 0 && isEscaped(source, to)) to = source.indexOf('"', to + 1);
    if (to < 0) throw new Unreadable(`JSON: a text without end at character ${from}`);
    this.#at = to + 1;
    const inner = source.slice(from + 1, to);
    if (!inner.includes("\\")) return inner;
    try {
      return String(JSON.parse(source.slice(from, to + 1)));
    } catch {
      throw new Unreadable(`JSON: an unreadable text at character ${from}`);
    }
  }

  #is(char: string): boolean {
    this.#match(SPACE);
    if (this.source[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #expect(char: string): void {
    if (!this.#is(char)) throw new Unreadable(`JSON: no "${char}" at character ${this.#at}`);
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.source);
    if (match === null) return null;
    this.#at = pattern.lastIndex;
    return match[0];
  }
}

function isEscaped(source: string, quote: number): boolean {
  let at = quote - 1;
  while (source[at] === "\\") at -= 1;
  return (quote - at) % 2 === 0;
}
