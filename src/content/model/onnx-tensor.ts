import type { ArrayData } from "../array/element.ts";
import type { Judge } from "../comparison.ts";
import { type Field, varintOf } from "../event/protobuf.ts";
import { Unreadable } from "../unseen.ts";

interface Element {
  readonly dtype: string;
  readonly bits: number;
  /** The field that holds the numbers one by one, where they are not raw. */
  readonly field: number;
}

const FIELD = { dims: 1, type: 2, floats: 4, ints: 5, longs: 7, raw: 9, doubles: 10, unsigned: 11 };
const element = (dtype: string, bits: number, field = FIELD.ints): Element => ({ dtype, bits, field });

/** Types of elements by their numbers; a string has none. */
const ELEMENTS: Readonly<Record<number, Element>> = {
  1: element("f4", 32, FIELD.floats),
  2: element("u1", 8),
  3: element("i1", 8),
  4: element("u2", 16),
  5: element("i2", 16),
  6: element("i4", 32),
  7: element("i8", 64, FIELD.longs),
  9: element("b1", 8),
  10: element("f2", 16),
  11: element("f8", 64, FIELD.doubles),
  12: element("u4", 32, FIELD.unsigned),
  13: element("u8", 64, FIELD.unsigned),
  14: element("complex64", 64, FIELD.floats),
  15: element("complex128", 128, FIELD.doubles),
  16: element("bf16", 16),
  17: element("float8e4m3fn", 8),
  18: element("float8e4m3fnuz", 8),
  19: element("float8e5m2", 8),
  20: element("float8e5m2fnuz", 8),
};

/**
 * The values of a tensor as they would lie in memory, however they are packed, and the fields that say something else.
 * A tensor of strings, of a type unknown here or with its values in another file keeps all of its fields instead.
 */
export function readTensor(
  fields: readonly Field[],
  judge: Judge,
): { array: ArrayData | null; rest: readonly Field[] } {
  const shape = numbers(fields, FIELD.dims, judge).map(Number);
  const [type, ...more] = numbers(fields, FIELD.type, judge);
  const of = ELEMENTS[Number(type)];
  const raw = fields.filter(({ number }) => number === FIELD.raw);
  const apart = fields.some(({ number }) => number === 3 || number === 13);
  if (of === undefined || more.length > 0 || apart) return { array: null, rest: fields };
  const loose = fields.filter(({ number }) => number === of.field);
  if (raw.length > 1 || (raw.length > 0 && loose.length > 0)) throw new Unreadable("ONNX: values of a tensor twice");
  const data = raw[0]?.bytes ?? packed(loose, of, judge);
  const count = shape.reduce((product, length) => product * length, 1);
  if (data.length * 8 !== count * of.bits)
    throw new Unreadable(`ONNX: ${data.length} bytes of values for ${of.dtype} [${shape.join(", ")}]`);
  const read = new Set([FIELD.dims, FIELD.type, FIELD.raw, of.field]);
  return {
    array: { dtype: of.dtype, shape, order: "C", data },
    rest: fields.filter(({ number }) => !read.has(number)),
  };
}

function packed(fields: readonly Field[], of: Element, judge: Judge): Uint8Array {
  if (of.field === FIELD.floats || of.field === FIELD.doubles) return joined(fields);
  const values = fields.flatMap((field) => varints(field, judge));
  const data = new Uint8Array((values.length * of.bits) / 8);
  const size = of.bits / 8;
  for (const [index, value] of values.entries()) {
    const bits = BigInt.asUintN(64, value);
    // More bits than the type has are a value of its own: never cut off.
    const fits = of.dtype.startsWith("i")
      ? BigInt.asIntN(of.bits, value) === BigInt.asIntN(64, value)
      : bits >> BigInt(of.bits) === 0n;
    if (!fits) throw new Unreadable(`ONNX: ${value} is no ${of.dtype}`);
    for (let byte = 0; byte < size; byte += 1) data[index * size + byte] = Number((bits >> BigInt(8 * byte)) & 255n);
  }
  return data;
}

function joined(fields: readonly Field[]): Uint8Array {
  const only = fields.length === 1 ? fields[0]?.bytes : undefined;
  return only ?? Buffer.concat(fields.map(({ bytes }) => bytes));
}

const numbers = (fields: readonly Field[], number: number, judge: Judge): bigint[] =>
  fields.filter((field) => field.number === number).flatMap((field) => varints(field, judge));

function varints(field: Field, judge: Judge): bigint[] {
  if (field.wire === 0) return [varintOf(field.bytes)];
  if (field.wire !== 2) throw new Unreadable("ONNX: no whole numbers");
  const values: bigint[] = [];
  let from = 0;
  for (let to = 1; to <= field.bytes.length; to += 1) {
    if ((field.bytes[to - 1] ?? 0) >= 128) continue;
    if (to - from > 10) throw new Unreadable("ONNX: a number too long");
    judge.spendSteps(5, "ONNX");
    values.push(varintOf(field.bytes.subarray(from, to)));
    from = to;
  }
  if (from !== field.bytes.length) throw new Unreadable("ONNX: packed numbers end early");
  return values;
}
