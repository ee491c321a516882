import { type Cursor, utf8Of } from "../bytes.ts";
import type { Judge } from "../comparison.ts";
import { Unreadable } from "../unseen.ts";

type Value = number | bigint | boolean | Uint8Array | Struct | readonly Value[];

const DEPTH = 32;

/** A structure of Thrift's compact protocol: fields by their numbers. */
export class Struct {
  readonly #fields = new Map<number, Value>();

  set(id: number, value: Value): void {
    this.#fields.set(id, value);
  }

  has(id: number): boolean {
    return this.#fields.has(id);
  }

  /** A whole number; `otherwise` where the field is missing, and without one it must be there. */
  int(id: number, otherwise?: number): number {
    const value = this.#fields.get(id) ?? otherwise;
    const number = typeof value === "bigint" ? Number(value) : value;
    if (typeof number !== "number" || !Number.isSafeInteger(number))
      throw new Unreadable(`Parquet: field ${id} is no whole number`);
    return number;
  }

  flag(id: number, otherwise: boolean): boolean {
    const value = this.#fields.get(id) ?? otherwise;
    if (typeof value !== "boolean") throw new Unreadable(`Parquet: field ${id} is no truth value`);
    return value;
  }

  text(id: number): string {
    return textIn(this.#fields.get(id));
  }

  struct(id: number): Struct {
    const value = this.#fields.get(id);
    if (!(value instanceof Struct)) throw new Unreadable(`Parquet: field ${id} is no structure`);
    return value;
  }

  structs(id: number): readonly Struct[] {
    return this.#list(id).map((item) => {
      if (!(item instanceof Struct)) throw new Unreadable(`Parquet: field ${id} is no list of structures`);
      return item;
    });
  }

  texts(id: number): readonly string[] {
    return this.#list(id).map(textIn);
  }

  /** All of it in one order of its fields, for comparison. */
  words(): string {
    const fields = [...this.#fields].toSorted(([a], [b]) => a - b);
    return `{${fields.map(([id, value]) => `${id}: ${wordsOf(value)}`).join(", ")}}`;
  }

  #list(id: number): readonly Value[] {
    const value = this.#fields.get(id) ?? [];
    if (!isList(value)) throw new Unreadable(`Parquet: field ${id} is no list`);
    return value;
  }
}

const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

function textIn(value: Value | undefined): string {
  const text = value instanceof Uint8Array ? utf8Of(value) : null;
  if (text === null) throw new Unreadable("Parquet: no UTF-8 where a name should be");
  return text;
}

function wordsOf(value: Value): string {
  if (value instanceof Struct) return value.words();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  return isList(value) ? `[${value.map(wordsOf).join(", ")}]` : value.toString();
}

/** Reads one structure and leaves the cursor behind it. */
export function readStruct(cursor: Cursor, judge: Judge, depth = 0): Struct {
  if (depth > DEPTH) throw new Unreadable("Parquet: metadata nested too deep");
  const struct = new Struct();
  let id = 0;
  for (;;) {
    judge.spendSteps(1, "Parquet");
    const head = cursor.u8();
    const type = head & 15;
    if (type === 0) return struct;
    id = head >> 4 === 0 ? Number(zigzag(varint(cursor))) : id + (head >> 4);
    if (type === 1 || type === 2) struct.set(id, type === 1);
    else struct.set(id, readValue(cursor, type, judge, depth));
  }
}

function readValue(cursor: Cursor, type: number, judge: Judge, depth: number): Value {
  switch (type) {
    case 1:
    case 2: // in a list each truth value has a byte of its own
      return cursor.u8() === 1;
    case 3:
      return (cursor.u8() << 24) >> 24;
    case 4:
    case 5:
      return Number(zigzag(varint(cursor)));
    case 6:
      return zigzag(varint(cursor));
    case 7:
      return Buffer.from(cursor.take(8)).readDoubleLE();
    case 8:
      return cursor.take(Number(varint(cursor)));
    case 9:
    case 10:
      return readList(cursor, judge, depth);
    case 12:
      return readStruct(cursor, judge, depth + 1);
    default:
      throw new Unreadable(`Parquet: metadata of an unknown type ${type}`);
  }
}

function readList(cursor: Cursor, judge: Judge, depth: number): readonly Value[] {
  const head = cursor.u8();
  const count = head >> 4 === 15 ? Number(varint(cursor)) : head >> 4;
  if (depth > DEPTH || count > cursor.left) throw new Unreadable("Parquet: a list longer than the file");
  judge.spendSteps(count, "Parquet");
  return Array.from({ length: count }, () => readValue(cursor, head & 15, judge, depth + 1));
}

/** At most ten bytes, so that a number made long costs nothing. */
export function varint(cursor: Cursor): bigint {
  let [low, high] = [0, 0n];
  for (let index = 0; index < 10; index += 1) {
    const byte = cursor.u8();
    if (index < 4) low += (byte & 127) * 2 ** (7 * index);
    else high |= BigInt(byte & 127) << BigInt(7 * index);
    if (byte < 128) return BigInt.asUintN(64, high | BigInt(low));
  }
  throw new Unreadable("Parquet: a number that does not end");
}

export const zigzag = (value: bigint): bigint => (value >> 1n) ^ -(value & 1n);
