import { hash } from "node:crypto";
import { RepriseError } from "#record";

export interface Part {
  readonly name: string;
  /** Of all keys, expected. */
  readonly share: number;
}

const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,49}$/u;

const wrong = (text: string, why: string): RepriseError =>
  new RepriseError("USAGE", "usage", `--parts ${text}: ${why}`, "--parts train=0.8,val=0.1,test=0.1");

/** "train=0.8,val=0.1,test=0.1". Throws USAGE. */
export function parseParts(text: string): Part[] {
  const parts = text.split(",").map((word): Part => {
    const [name = "", share = ""] = word.split("=");
    if (!NAME.test(name) || !/^(0|1|0?\.\d+|1\.0+|0\.\d+)$/.test(share))
      throw wrong(text, `'${word}' is no NAME=SHARE`);
    return { name, share: Number(share) };
  });
  if (new Set(parts.map(({ name }) => name)).size < parts.length) throw wrong(text, "two parts have one name");
  const total = parts.reduce((sum, { share }) => sum + share, 0);
  if (Math.abs(total - 1) > 1e-9) throw wrong(text, `the shares make ${Number(total.toPrecision(6))}, not 1`);
  return parts;
}

/** 52 bits: exact in a double. */
const DIGITS = 13;

/** Where a key falls between 0 and 1: by its text and the salt alone, whatever else there is. */
function placeOf(key: string, salt: string): number {
  return Number.parseInt(hash("sha256", `${salt}\0${key}`, "hex").slice(0, DIGITS), 16) / 16 ** DIGITS;
}

/** The part that a key belongs to. A key never moves while salt, names and shares stay. */
export function partOf(key: string, salt: string, parts: readonly Part[]): number {
  const place = placeOf(key, salt);
  let end = 0;
  for (const [index, { share }] of parts.entries()) {
    end += share;
    if (place < end) return index;
  }
  // Shares such as 0.7 + 0.2 + 0.1 may add up to less than 1 by a rounding.
  return parts.findLastIndex(({ share }) => share > 0);
}
