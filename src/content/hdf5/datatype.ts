import type { Cursor } from "../bytes.ts";
import { latin1, utf8Of } from "../bytes.ts";
import { Unreadable, Unseen } from "../unseen.ts";
import { unsigned } from "./file.ts";

/** What an element of a dataset or attribute is. `words` says all of it: types with the same words are the same. */
export interface Hdf5Type {
  readonly kind: "plain" | "string" | "compound" | "reference" | "sequence" | "text" | "array";
  readonly size: number;
  readonly words: string;
  /** Of an array, a sequence: its elements. */
  readonly base?: Hdf5Type;
  readonly shape?: readonly number[];
  readonly members?: readonly { readonly name: string; readonly at: number; readonly type: Hdf5Type }[];
}

const DEPTH = 16;
const REAL: Readonly<Record<string, string>> = {
  "2:16,10,5,0,10,15,15": "f2",
  "2:16,7,8,0,7,127,15": "bf16",
  "4:32,23,8,0,23,127,31": "f4",
  "8:64,52,11,0,52,1023,63": "f8",
};

export function readType(cursor: Cursor, depth = 0): Hdf5Type {
  if (depth > DEPTH) throw new Unreadable("HDF5: types nested too deep");
  const head = cursor.u8();
  const [version, kind] = [head >> 4, head & 15];
  const bits = unsigned(cursor, 3);
  const size = cursor.u32();
  if (version < 1 || version > 5) throw new Unseen(`HDF5: types of version ${version} are not known`);
  if (size === 0) throw new Unreadable("HDF5: elements of no size");
  switch (kind) {
    case 0:
      return whole(cursor, bits, size);
    case 1:
      return real(cursor, bits, size);
    case 2:
      return { kind: "plain", size, words: `time ${bits} ${size} ${cursor.u16()}` };
    case 3:
      return { kind: "string", size, words: `string of ${size} bytes, form ${bits}` };
    case 4:
      return { kind: "plain", size, words: `bits ${bits} ${size} ${cursor.u32()}` };
    case 5:
      return { kind: "plain", size, words: `opaque ${size} ${latin1(cursor.take(Math.min(bits & 255, cursor.left)))}` };
    case 6:
      return compound(cursor, bits & 0xffff, size, version, depth);
    case 7:
      if ((bits & 15) !== 0 || size !== 8) throw new Unseen("HDF5: references to regions are not read in this version");
      return { kind: "reference", size, words: "reference to an object" };
    case 8:
      return enumeration(cursor, bits & 0xffff, size, version, depth);
    case 9: {
      const base = readType(cursor, depth + 1);
      if (size !== 16) throw new Unseen("HDF5: sequences with places of another size");
      if ((bits & 15) === 1) return { kind: "text", size, base, words: `text, form ${bits}` };
      return { kind: "sequence", size, base, words: `sequence of ${base.words}` };
    }
    case 10:
      return array(cursor, size, version, depth);
    default:
      throw new Unseen(`HDF5: elements of class ${kind} are not known`);
  }
}

function whole(cursor: Cursor, bits: number, size: number): Hdf5Type {
  const [offset, precision] = [cursor.u16(), cursor.u16()];
  const signed = (bits & 8) !== 0;
  const usual = (bits & 7) === 0 && offset === 0 && precision === size * 8 && [1, 2, 4, 8].includes(size);
  const words = usual ? `${signed ? "i" : "u"}${size}` : `whole ${bits} ${size} ${offset} ${precision}`;
  return { kind: "plain", size, words };
}

function real(cursor: Cursor, bits: number, size: number): Hdf5Type {
  const [offset, precision] = [cursor.u16(), cursor.u16()];
  const [exponentAt, exponent, fractionAt, fraction] = [cursor.u8(), cursor.u8(), cursor.u8(), cursor.u8()];
  const bias = cursor.u32();
  const form = `${size}:${precision},${exponentAt},${exponent},${fractionAt},${fraction},${bias},${bits >> 8}`;
  const name = (bits & 0x4f) === 0 && offset === 0 ? REAL[form] : undefined;
  return { kind: "plain", size, words: name ?? `real ${bits} ${offset} ${form}` };
}

function compound(cursor: Cursor, count: number, size: number, version: number, depth: number): Hdf5Type {
  const members: { name: string; at: number; type: Hdf5Type }[] = [];
  for (let index = 0; index < count; index += 1) {
    const name = nameIn(cursor, version);
    const at = version >= 3 ? unsigned(cursor, bytesFor(size)) : cursor.u32();
    let shape: number[] = [];
    if (version === 1) {
      const directions = cursor.u8();
      cursor.take(11);
      shape = Array.from({ length: 4 }, () => cursor.u32()).slice(0, directions);
    }
    const one = readType(cursor, depth + 1);
    const type = shape.length === 0 ? one : arrayOf(one, shape);
    if (at + type.size > size) throw new Unreadable("HDF5: a member beyond its compound");
    members.push({ name, at, type });
  }
  const words = members.map(({ name, at, type }) => `${JSON.stringify(name)}: ${type.words} at ${at}`).join(", ");
  return { kind: "compound", size, members, words: `compound of ${size} bytes {${words}}` };
}

function enumeration(cursor: Cursor, count: number, size: number, version: number, depth: number): Hdf5Type {
  const base = readType(cursor, depth + 1);
  const names = Array.from({ length: count }, () => nameIn(cursor, version));
  const values = names.map(() => Buffer.from(cursor.take(size)).toString("hex"));
  const isTruth = base.words === "i1" && names.join() === "FALSE,TRUE" && values.join() === "00,01";
  const words = names.map((name, index) => `${JSON.stringify(name)}: ${values[index]}`).join(", ");
  return { kind: "plain", size, words: isTruth ? "b1" : `${base.words} of {${words}}` };
}

function array(cursor: Cursor, size: number, version: number, depth: number): Hdf5Type {
  const directions = cursor.u8();
  if (version < 3) cursor.take(3);
  const shape = Array.from({ length: directions }, () => cursor.u32());
  if (version < 3) cursor.take(4 * directions);
  const type = arrayOf(readType(cursor, depth + 1), shape);
  if (type.size !== size) throw new Unreadable("HDF5: an array of another size than its elements");
  return type;
}

function arrayOf(base: Hdf5Type, shape: readonly number[]): Hdf5Type {
  const size = shape.reduce((product, length) => product * length, base.size);
  return { kind: "array", size, base, shape, words: `array [${shape.join(", ")}] of ${base.words}` };
}

function nameIn(cursor: Cursor, version: number): string {
  const from = cursor.at;
  while (cursor.u8() !== 0);
  const name = cursor.since(from).subarray(0, -1);
  if (version < 3) cursor.take((8 - ((cursor.at - from) % 8)) % 8);
  return utf8Of(name) ?? latin1(name);
}

/** How many bytes it takes to say any place within a size. */
function bytesFor(size: number): number {
  return size < 2 ** 8 ? 1 : size < 2 ** 16 ? 2 : size < 2 ** 24 ? 3 : 4;
}
