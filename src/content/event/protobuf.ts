import { Cursor } from "../bytes.ts";
import { Unreadable } from "../unseen.ts";

/** One field of a protobuf message, as far as the bytes alone tell. */
export interface Field {
  readonly number: number;
  readonly wire: 0 | 1 | 2 | 5;
  /** The bytes of the value: of a varint its own, of a length-delimited field what is inside. */
  readonly bytes: Uint8Array;
}

/** `spend` is called once for each field, for messages that may hold very many. */
export function fieldsOf(message: Uint8Array, spend?: () => void): Field[] {
  const cursor = new Cursor(message);
  const fields: Field[] = [];
  while (cursor.left > 0) {
    spend?.();
    const tag = Number(varintOf(varint(cursor)));
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    if (number === 0) throw new Unreadable("protobuf: field 0");
    if (wire === 0) fields.push({ number, wire, bytes: varint(cursor) });
    else if (wire === 1) fields.push({ number, wire, bytes: cursor.take(8) });
    else if (wire === 2) fields.push({ number, wire, bytes: cursor.take(Number(varintOf(varint(cursor)))) });
    else if (wire === 5) fields.push({ number, wire, bytes: cursor.take(4) });
    else throw new Unreadable(`protobuf: wire type ${wire}`);
  }
  return fields;
}

function varint(cursor: Cursor): Uint8Array {
  const from = cursor.at;
  while (cursor.u8() >= 128) if (cursor.at - from > 10) throw new Unreadable("protobuf: a number too long");
  return cursor.since(from);
}

export function varintOf(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes.toReversed()) value = value * 128n + BigInt(byte & 127);
  if (value >= 2n ** 64n) throw new Unreadable("protobuf: a number beyond 64 bits");
  return value;
}

export const doubleOf = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true);
export const floatOf = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true);
