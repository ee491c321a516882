import { createHash, type Hash } from "node:crypto";
import type { Judge } from "../comparison.ts";
import { type Data, piecesOf } from "../source.ts";
import { Unreadable } from "../unseen.ts";
import type { Node } from "./node.ts";

/** A text that is the same for nodes that are equal as they are: for elements of sets and keys. */
export function signature(node: Node, judge: Judge): string {
  if (node.kind === "text") return `t:${node.type}:${node.text}`;
  if (node.kind === "scalar") return `s:${node.type}:${node.text}`;
  return `h:${digest(node, judge, new Set())}`;
}

function content(hash: Hash, data: Data): void {
  hash.update(`${data.length}:`);
  for (const { bytes } of piecesOf(data)) hash.update(bytes);
}

function digest(node: Node, judge: Judge, above: Set<Node>): string {
  judge.spendSteps(1, "set");
  const hash = createHash("sha256");
  const put = (...parts: (string | Uint8Array)[]): void => {
    for (const part of parts) hash.update(`${part.length}:`).update(part);
  };
  if (above.has(node)) return `again ${[...above].indexOf(node)}`;
  if (above.size > 200) throw new Unreadable("an element of a set nested too deep");
  above.add(node);
  const deep = (child: Node): string => digest(child, judge, above);
  put(node.kind);
  switch (node.kind) {
    case "scalar":
    case "text":
      put(node.type, node.text);
      break;
    case "bytes":
      put(node.type);
      content(hash, node.bytes);
      break;
    case "array":
      put(node.array.dtype, node.array.shape.join(), node.array.order);
      content(hash, node.array.data);
      break;
    case "list": {
      const items = node.items.map(deep);
      put(node.type, ...(node.unordered ? items.toSorted() : items));
      break;
    }
    case "dictionary": {
      const entries = node.entries.map(([key, value]) => deep(key) + deep(value));
      put(node.type, ...(node.ordered ? entries : entries.toSorted()));
      break;
    }
    case "call":
      put(deep(node.of), deep(node.args), ...[...node.state, ...node.items, ...node.entries.flat()].map(deep));
      break;
  }
  above.delete(node);
  return hash.digest("hex");
}
