import { createHash } from "node:crypto";

/** PYTHONHASHSEED from the root seed: 1 … 4294967295. 0 would switch randomisation off. */
export function deriveHashSeed(root: string): string {
  const digest = createHash("sha256").update(`${root}hash-seed`).digest("hex");
  return String((BigInt(`0x${digest}`) % 4294967295n) + 1n);
}
