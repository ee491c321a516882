import { parse } from "smol-toml";
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, parseAllDocuments } from "yaml";
import { Unreadable } from "../unseen.ts";
import { dictionary, list, type Node, scalar, text } from "./node.ts";

const DEPTH = 200;

/** YAML by its core schema. Tags of a language stay names; what an alias stands for is shared, so a bomb of them stays small. */
export function readYaml(source: string): Node {
  const documents = parseAllDocuments(source, { logLevel: "silent", uniqueKeys: false, merge: false });
  if (!Array.isArray(documents)) return scalar("empty", "");
  const nodes = documents.map((document) => new YamlWalk(document).root());
  return nodes.length === 1 && nodes[0] !== undefined ? nodes[0] : list("documents", nodes);
}

class YamlWalk {
  /** What an anchor stands for, at this point of the document: shared, not copied. */
  #anchors = new Map<string, Node>();

  constructor(readonly document: Document) {}

  root(): Node {
    const [error] = this.document.errors;
    if (error !== undefined) throw new Unreadable(`YAML: ${error.message.split("\n")[0] ?? ""}`);
    return this.#node(this.document.contents, 0);
  }

  #node(node: unknown, depth: number): Node {
    if (depth > DEPTH) throw new Unreadable("YAML: nested too deep");
    if (node === null || node === undefined) return scalar("null", "null");
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (target === undefined) throw new Unreadable(`YAML: alias ${node.source} of nothing, or of what it is part of`);
      return target;
    }
    const found = this.#value(node, depth);
    if (isNode(node) && "anchor" in node && typeof node.anchor === "string") this.#anchors.set(node.anchor, found);
    return found;
  }

  #value(node: unknown, depth: number): Node {
    if (isScalar(node)) return plain(node.value, node.source, tagged("", node.tag));
    if (isSeq(node)) {
      const items = node.items.map((item) => this.#node(item, depth + 1));
      return list(tagged("list", node.tag), items);
    }
    if (!isMap(node)) throw new Unreadable("YAML: neither value, list nor mapping");
    const entries = node.items.map(({ key, value }): [Node, Node] => [
      this.#node(key, depth + 1),
      this.#node(value, depth + 1),
    ]);
    return dictionary(tagged("mapping", node.tag), entries, false);
  }
}

const tagged = (kind: string, tag: string | undefined): string =>
  tag === undefined || /^tag:yaml.org,2002:/.test(tag) ? kind : `${kind} ${tag}`;

/** A number keeps its spelling, and its value for masks by name. */
function plain(value: unknown, source: string | undefined, tag: string): Node {
  if (typeof value === "string") return text(value, `str${tag}`);
  if (typeof value === "number") return scalar(`number${tag}`, source ?? String(value), value);
  return scalar(`${typeof value}${tag}`, String(value));
}

/** TOML; its numbers are compared by type and value, since the parser does not keep their spelling. */
export function readToml(source: string): Node {
  try {
    return tomlNode(parse(source, { integersAsBigInt: true }), 0);
  } catch (error) {
    throw new Unreadable(`TOML: ${String(error).split("\n")[0] ?? ""}`);
  }
}

function tomlNode(value: unknown, depth: number): Node {
  if (depth > DEPTH) throw new Unreadable("TOML: nested too deep");
  if (typeof value === "string") return text(value);
  if (typeof value === "number") return scalar("float", Object.is(value, -0) ? "-0" : String(value), value);
  if (typeof value === "bigint") return scalar("integer", String(value), Number(value));
  if (typeof value === "boolean") return scalar("boolean", String(value));
  if (value instanceof Date) return text(value.toISOString(), "date");
  if (Array.isArray(value))
    return list(
      "list",
      value.map((item: unknown) => tomlNode(item, depth + 1)),
    );
  if (typeof value !== "object" || value === null) throw new Unreadable("TOML: an unknown kind of value");
  const entries = Object.entries(value).map(([key, member]): [Node, Node] => [text(key), tomlNode(member, depth + 1)]);
  return dictionary("table", entries, false);
}
