import { refused } from "../manifest.ts";

export const BLOCK = 512;
const END = Buffer.alloc(2 * BLOCK);

/** Only what every tar reads: ustar, regular files, short names. */
export interface Entry {
  readonly name: string;
  readonly bytes: number;
}

const MOST_OCTAL = 8 ** 11;

function sizeField(bytes: number): Buffer {
  if (bytes < MOST_OCTAL) return Buffer.from(`${bytes.toString(8).padStart(11, "0")}\0`, "latin1");
  const field = Buffer.alloc(12);
  field.writeBigUInt64BE(BigInt(bytes), 4);
  field[0] = 0x80;
  return field;
}

function checksum(header: Uint8Array): number {
  let sum = 0;
  for (const [i, byte] of header.entries()) sum += i >= 148 && i < 156 ? 0x20 : byte;
  return sum;
}

export function header({ name, bytes }: Entry, seconds: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  if (Buffer.byteLength(name) > 100) throw new RangeError(`too long a name for a pack: ${name}`);
  block.write(name, 0);
  block.write("0000644\0", 100, "latin1");
  for (const at of [108, 116]) block.write("0000000\0", at, "latin1");
  sizeField(bytes).copy(block, 124);
  block.write(`${Math.floor(seconds).toString(8).padStart(11, "0")}\0`, 136, "latin1");
  block.write("0", 156, "latin1");
  block.write("ustar\u000000", 257, "latin1");
  block.write(`${checksum(block).toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

export const padding = (bytes: number): Buffer => Buffer.alloc((BLOCK - (bytes % BLOCK)) % BLOCK);
export const ending = (): Buffer => END;

const KINDS: Readonly<Record<string, string>> = {
  1: "a hard link",
  2: "a symbolic link",
  3: "a device",
  4: "a device",
  5: "a folder",
  6: "a pipe",
};

function textOf(block: Buffer, from: number, to: number): string {
  const end = block.indexOf(0, from);
  return block.toString("utf8", from, end === -1 || end > to ? to : end);
}

function numberOf(block: Buffer, from: number, to: number): number {
  if (((block[from] ?? 0) & 0x80) !== 0) {
    const big = block.readBigUInt64BE(to - 8);
    return big > BigInt(Number.MAX_SAFE_INTEGER) ? Number.NaN : Number(big);
  }
  const digits = textOf(block, from, to).trim();
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || "0", 8) : Number.NaN;
}

/** Names that stay below the folder that a pack would be laid out in. */
function checkName(name: string): void {
  const isSafe = name !== "" && !name.startsWith("/") && !/[\\\0]/.test(name);
  if (!isSafe || name.split("/").some((part) => part === "" || part === "." || part === ".."))
    throw refused("PACK_UNSAFE", `it holds '${name}', a name that leads out of its folder`);
}

/** One header; null: the end. Throws for everything that is not a plain file with a plain name. */
export function readHeader(block: Buffer): Entry | null {
  if (block.every((byte) => byte === 0)) return null;
  if (numberOf(block, 148, 156) !== checksum(block)) throw refused("PACK_DAMAGED", "a header in it is damaged");
  const name = textOf(block, 0, 100);
  const prefix = block.toString("latin1", 257, 262) === "ustar" ? textOf(block, 345, 500) : "";
  const whole = prefix === "" ? name : `${prefix}/${name}`;
  const type = block.toString("latin1", 156, 157);
  if (type !== "0" && type !== "\0")
    throw refused(
      "PACK_UNSAFE",
      `'${whole}' in it is ${KINDS[type] ?? `an entry of type '${type}'`}; packs hold plain files`,
    );
  checkName(whole);
  const bytes = numberOf(block, 124, 136);
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw refused("PACK_DAMAGED", `the size of '${whole}' makes no sense`);
  return { name: whole, bytes };
}
