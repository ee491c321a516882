import { readerOf } from "../array/element.ts";
import { utf8Of } from "../bytes.ts";
import type { Judge } from "../comparison.ts";
import { dictionary, float, list, type Node, scalar, text } from "../tree/node.ts";
import { bytesAt, type Column, elementsAt, flagAt, isThere, lookUp } from "./column.ts";

/** A value as what it stands for, to be shown and masked. */
export function nodeAt(column: Column, row: number, judge: Judge): Node {
  if (!isThere(column, row)) return scalar("null", "null");
  switch (column.field.layout) {
    case "bits":
      return scalar("boolean", flagAt(column, row) ? "true" : "false");
    case "dictionary": {
      const [values, at] = lookUp(column, row);
      return nodeAt(values, at, judge);
    }
    case "struct":
      return dictionary(
        "struct",
        column.children.map((child): [Node, Node] => [text(child.field.name), nodeAt(child, row, judge)]),
        true,
      );
    case "list":
    case "fixed list": {
      const [child, from, to] = elementsAt(column, row);
      judge.spendSteps(to - from, "Arrow");
      return list(
        "list",
        Array.from({ length: to - from }, (_, at) => nodeAt(child, from + at, judge)),
      );
    }
    default:
      return leafOf(bytesAt(column, row), column.field.reads);
  }
}

function leafOf(bits: Uint8Array, reads: string): Node {
  const words = reads === "text" ? utf8Of(bits) : null;
  if (words !== null) return text(words);
  if (reads === "decimal") {
    const whole = BigInt.asIntN(bits.length * 8, BigInt(`0x0${Buffer.from(bits.toReversed()).toString("hex")}`));
    return scalar("decimal", `${whole} (unscaled)`, Number(whole));
  }
  const reader = readerOf(reads);
  if (reader === null) return { kind: "bytes", type: "bytes", bytes: bits };
  const value = reader.read(new DataView(bits.buffer, bits.byteOffset, bits.byteLength), 0);
  return reader.float
    ? float(Number(value), Buffer.from(bits).toString("hex"))
    : scalar("int", String(value), Number(value));
}
