import { utf8Of } from "../bytes.ts";
import { float, type Node, scalar, text } from "../tree/node.ts";
import { Unreadable } from "../unseen.ts";

interface Varint<Value> {
  readonly value: Value;
  readonly next: number;
}

/** A number of one to nine bytes, seven bits in each but the ninth, which has eight. */
export function rowIdAt(bytes: Uint8Array, at: number): Varint<bigint> {
  let value = 0n;
  for (let index = 0; index < 9; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) throw new Unreadable("a number that leaves its page");
    if (index === 8) return { value: BigInt.asIntN(64, (value << 8n) | BigInt(byte)), next: at + 9 };
    value = (value << 7n) | BigInt(byte & 127);
    if (byte < 128) return { value, next: at + index + 1 };
  }
  throw new Unreadable("a number without end");
}

/** The same for lengths and types, which no sound file has beyond 2⁵³. */
export function varintAt(bytes: Uint8Array, at: number): Varint<number> {
  let value = 0;
  for (let index = 0; index < 7; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) throw new Unreadable("a number that leaves its page");
    value = value * 128 + (byte & 127);
    if (byte < 128) return { value, next: at + index + 1 };
  }
  throw new Unreadable("a length beyond all measure");
}

/** The values of a record as plain data, each with its storage class. */
export function valuesOf(record: Uint8Array, encoding: number): Node[] {
  const head = varintAt(record, 0);
  if (head.value > record.length) throw new Unreadable("a record shorter than its header");
  const values: Node[] = [];
  let body = head.value;
  let at = head.next;
  while (at < head.value) {
    const type = varintAt(record, at);
    at = type.next;
    const length = lengthOf(type.value);
    if (body + length > record.length) throw new Unreadable("a record shorter than stated");
    values.push(valueIn(type.value, record.subarray(body, body + length), encoding));
    body += length;
  }
  if (at !== head.value || body !== record.length) throw new Unreadable("a record of another length than stated");
  return values;
}

const LENGTHS = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

function lengthOf(type: number): number {
  if (type >= 12) return (type - (type % 2 === 0 ? 12 : 13)) / 2;
  const length = LENGTHS[type];
  if (length === undefined) throw new Unreadable("an unknown type of value");
  return length;
}

function valueIn(type: number, bytes: Uint8Array, encoding: number): Node {
  if (type === 0) return scalar("null", "null");
  if (type === 7) {
    const bits = Buffer.from(bytes);
    return float(bits.readDoubleBE(), bits.toString("hex"));
  }
  if (type < 12) return whole(type === 8 ? 0n : type === 9 ? 1n : wholeIn(bytes));
  if (type % 2 === 0) return { kind: "bytes", type: "blob", bytes };
  const words = encoding === 1 ? utf8Of(bytes) : wide(bytes, encoding === 3);
  return words === null ? { kind: "bytes", type: "text that is none", bytes } : text(words, "text");
}

const whole = (value: bigint): Node => scalar("integer", String(value), Number(value));

function wholeIn(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(bytes.length * 8, value);
}

function wide(bytes: Uint8Array, bigEndian: boolean): string | null {
  if (bytes.length % 2 !== 0) return null;
  const copy = Buffer.from(bytes);
  return (bigEndian ? copy.swap16() : copy).toString("utf16le");
}
