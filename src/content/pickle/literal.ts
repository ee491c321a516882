import { float, type Node, scalar } from "../tree/node.ts";
import { Unreadable } from "../unseen.ts";

/** A whole number of any size, from decimal digits or two's complement little-endian bytes. */
export function integer(from: string | Uint8Array): Node {
  const value = typeof from === "string" ? decimal(from) : twosComplement(from);
  const near = Number(value);
  return scalar("int", value.toString(), near);
}

function decimal(digits: string): bigint {
  if (!/^[-+]?\d{1,100000}$/.test(digits)) throw new Unreadable(`pickle: no number: ${digits.slice(0, 40)}`);
  return BigInt(digits);
}

function twosComplement(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  const value = BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
  return BigInt.asIntN(bytes.length * 8, value);
}

/** A double of eight bytes, the highest first. */
export function doubleAt(bytes: Uint8Array): Node {
  const buffer = Buffer.from(bytes);
  return float(buffer.readDoubleBE(0), buffer.toString("hex"));
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\u0007",
  b: "\b",
  f: "\f",
  v: "\v",
};

/** A string as Python's repr writes it. */
export function unquoted(line: string): string {
  const quote = line[0];
  if ((quote !== "'" && quote !== '"') || line.length < 2 || line.at(-1) !== quote)
    throw new Unreadable("pickle: a string without quotes");
  return line
    .slice(1, -1)
    .replace(
      /\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|(.))/g,
      (whole: string, hex?: string, octal?: string, char?: string) => {
        if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
        if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
        return ESCAPES[char ?? ""] ?? whole;
      },
    );
}
