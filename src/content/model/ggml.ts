import { type Difference, differs } from "../comparison.ts";
import { type Data, pairsOfPieces } from "../source.ts";

/** How the elements of a tensor lie in a file: one by one, or so many in a block that shares its scale. */
export interface GgmlType {
  readonly name: string;
  readonly block: number;
  /** Bytes of a block. */
  readonly size: number;
}

const plain = (name: string, size: number): GgmlType => ({ name, block: 1, size });
const blocks = (name: string, block: number, size: number): GgmlType => ({ name, block, size });

/** The types of ggml by their numbers. */
export const GGML: Readonly<Record<number, GgmlType>> = {
  0: plain("F32", 4),
  1: plain("F16", 2),
  2: blocks("Q4_0", 32, 18),
  3: blocks("Q4_1", 32, 20),
  6: blocks("Q5_0", 32, 22),
  7: blocks("Q5_1", 32, 24),
  8: blocks("Q8_0", 32, 34),
  9: blocks("Q8_1", 32, 40),
  10: blocks("Q2_K", 256, 84),
  11: blocks("Q3_K", 256, 110),
  12: blocks("Q4_K", 256, 144),
  13: blocks("Q5_K", 256, 176),
  14: blocks("Q6_K", 256, 210),
  15: blocks("Q8_K", 256, 292),
  16: blocks("IQ2_XXS", 256, 66),
  17: blocks("IQ2_XS", 256, 74),
  18: blocks("IQ3_XXS", 256, 98),
  19: blocks("IQ1_S", 256, 50),
  20: blocks("IQ4_NL", 32, 18),
  21: blocks("IQ3_S", 256, 110),
  22: blocks("IQ2_S", 256, 82),
  23: blocks("IQ4_XS", 256, 136),
  24: plain("I8", 1),
  25: plain("I16", 2),
  26: plain("I32", 4),
  27: plain("I64", 8),
  28: plain("F64", 8),
  29: blocks("IQ1_M", 256, 56),
  30: plain("BF16", 2),
  34: blocks("TQ1_0", 256, 54),
  35: blocks("TQ2_0", 256, 66),
  39: blocks("MXFP4", 32, 17),
};

/** Quantised tensors of one type and shape: which blocks differ. What their codes stand for is not unpacked. */
export function compareBlocks(a: Data, b: Data, type: GgmlType): Difference | null {
  let first: { at: number; a: string; b: string } | null = null;
  let count = 0;
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
  for (const pair of pairsOfPieces(a, b, type.size)) {
    if (Buffer.compare(pair.a, pair.b) === 0) continue;
    for (let at = 0; at < pair.a.length; at += type.size) {
      const [x, y] = [pair.a.subarray(at, at + type.size), pair.b.subarray(at, at + type.size)];
      if (Buffer.compare(x, y) === 0) continue;
      first ??= { at: pair.from + at, a: hex(x), b: hex(y) };
      count += 1;
    }
  }
  if (first === null) return null;
  const index = first.at / type.size;
  const where = `${type.name} block ${index}, elements ${index * type.block} to ${(index + 1) * type.block - 1}`;
  return differs(`${where} (${count} of ${a.length / type.size} blocks differ)`, first.a, first.b);
}
