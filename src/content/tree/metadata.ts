import { Unreadable } from "../unseen.ts";
import { readJson } from "./json.ts";
import { dictionary, type Node, text } from "./node.ts";

const TOOLS = new Set(["creator", "pandas_version"]);

/** What programs keep beside a table, such as pandas' description of it. Versions of tools are no content. */
export function metadataNode(pairs: ReadonlyMap<string, string>): Node {
  return dictionary(
    "object",
    [...pairs].map(([key, value]): [Node, Node] => [text(key), parsed(value)]),
    false,
  );
}

function parsed(value: string): Node {
  try {
    const node = readJson(value);
    if (node.kind !== "dictionary") return node;
    return { ...node, entries: node.entries.filter(([key]) => key.kind !== "text" || !TOOLS.has(key.text)) };
  } catch (error) {
    if (error instanceof Unreadable) return text(value);
    throw error;
  }
}
