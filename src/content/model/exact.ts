import { type Node, text } from "../tree/node.ts";

/** A number of a model, with its bits (little end first): content whatever it is called and whatever time it looks like. */
export const exactNumber = (dtype: string, data: Uint8Array): Node => ({
  kind: "array",
  array: { dtype, shape: [], order: "C", data },
});

/** A whole number of a format that writes it in as many bytes as it happens to need. */
export function exactWhole(value: bigint): Node {
  const data = Buffer.alloc(8);
  data.writeBigInt64LE(BigInt.asIntN(64, value));
  return exactNumber("i8", data);
}

/**
 * Text in which folders and times of the run are set aside, but neither white space nor what redraws a line: a template for
 * prompts ends where it ends.
 */
export function textOfModel(value: string): Node {
  const spaced = UNUSUAL.test(value) ? (value.match(SPACE) ?? []) : [];
  return text(value, spaced.length === 0 ? "str" : `str with white space ${JSON.stringify(spaced)}`);
}

/** Any but single plain spaces between words. */
const UNUSUAL = /[\s\u00a0]{2}|[^\S ]|\p{C}|\s$|^\s/u;
const SPACE = /[\s\u00a0\p{C}]+/gu;
