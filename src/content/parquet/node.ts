import { readerOf } from "../array/element.ts";
import { utf8Of } from "../bytes.ts";
import { float, type Node, scalar, text } from "../tree/node.ts";
import type { Leaf } from "./footer.ts";

const NUMBERS: Readonly<Record<number, string>> = { 1: "i4", 2: "i8", 4: "f4", 5: "f8" };

/** A value as what it stands for, to be shown and masked. */
export function nodeOf(bits: Uint8Array, leaf: Leaf): Node {
  if (leaf.physical === 0) return scalar("boolean", bits[0] === 1 ? "true" : "false");
  if (leaf.meaning === "text") {
    const words = utf8Of(bits);
    if (words !== null) return text(words);
  }
  const type = leaf.meaning === "half" ? "f2" : (NUMBERS[leaf.physical] ?? "");
  const reader = readerOf(leaf.meaning === "unsigned" ? type.replace("i", "u") : type);
  if (reader === null || leaf.meaning === "decimal") return plain(bits, leaf);
  const value = reader.read(new DataView(bits.buffer, bits.byteOffset, bits.byteLength), 0);
  return reader.float
    ? float(Number(value), Buffer.from(bits).toString("hex"))
    : scalar("int", String(value), Number(value));
}

/** Decimals as the whole number that is kept; anything else as its bytes. */
function plain(bits: Uint8Array, leaf: Leaf): Node {
  if (leaf.meaning !== "decimal") return { kind: "bytes", type: "bytes", bytes: bits };
  const order = leaf.physical === 1 || leaf.physical === 2 ? bits.toReversed() : bits;
  const unsigned = BigInt(`0x0${Buffer.from(order).toString("hex")}`);
  const whole = BigInt.asIntN(bits.length * 8, unsigned);
  return scalar("decimal", `${whole} (unscaled)`, Number(whole));
}
