import { createHash, randomBytes } from "node:crypto";
import type { RunRecord } from "#record";

/** One seed of a comparison: the same for both sides. */
export interface Seed {
  /** For generators that nobody seeded; 32 hexadecimal digits, or decimal where a side declared its seed so. */
  readonly root: string;
  /** For an argument of the program: below 2^31, which everybody's seeds take. */
  readonly value: number;
}

export const freshBase = (): string => randomBytes(16).toString("hex");

/** The seed of that number: asking for more of them leaves the first ones as they are. */
export function seedAt(base: string, index: number, decimal: boolean): Seed {
  const digest = createHash("sha256").update(`${base}\0compare\0${index}`).digest("hex");
  const root = decimal ? BigInt(`0x${digest.slice(0, 16)}`).toString() : digest.slice(0, 32);
  return { root, value: Number.parseInt(digest.slice(32, 40), 16) >>> 1 };
}

/** Where either run declared its seed (`--seed N`), seeds are written as declared ones are. */
export const isDecimal = (a: RunRecord, b: RunRecord): boolean =>
  a.seed.mode === "declared" || b.seed.mode === "declared";
