import { Cursor, equalBytes, latin1, textOf, utf8Of } from "../bytes.ts";
import { type Difference, differs, type Judge, within } from "../comparison.ts";
import { isMoment, type Origins } from "../origin.ts";
import { matchText } from "../text/text.ts";
import { benignNumber } from "../tree/key.ts";
import { scalar } from "../tree/node.ts";
import { Unreadable } from "../unseen.ts";
import { maskedCrc32c } from "./crc32c.ts";
import { doubleOf, type Field, fieldsOf, floatOf, varintOf } from "./protobuf.ts";

/** One value of one event: what is compared; the wall time beside it is not. */
interface Value {
  readonly step: bigint;
  readonly tag: string;
  readonly fields: readonly Field[];
}

/** Fields of the messages Event and Summary.Value in TensorBoard's format. */
const EVENT = { wallTime: 1, step: 2, summary: 5 };
const VALUE = { tag: 1, simple: 2, tensor: 8 };

/** Compares TensorBoard event files value by value. Wall times are aside, and values whose tag is a time or a speed. */
export function compareEvents(a: Uint8Array, b: Uint8Array, judge: Judge): Difference | null {
  const left = readEvents(a, judge);
  const right = readEvents(b, judge);
  judge.setAside("tfevents: wall times");
  for (const [index, value] of left.entries()) {
    const other = right[index];
    if (other === undefined) return differs("number of values", String(left.length), String(right.length));
    const where = `${value.tag === "" ? `event ${index}` : value.tag} at step ${value.step}`;
    const label = (one: Value): string => `${one.tag} at step ${one.step}`;
    if (label(value) !== label(other)) return differs(`value ${index}`, label(value), label(other));
    const difference = compareValues(value, other, where, judge);
    if (difference !== null) return difference;
  }
  return left.length === right.length ? null : differs("number of values", String(left.length), String(right.length));
}

function compareValues(a: Value, b: Value, where: string, judge: Judge): Difference | null {
  const numbers = [simpleOf(a), simpleOf(b)];
  const [left, right] = numbers;
  const timing = left !== undefined && right !== undefined && isTiming(a.tag, left, right, judge.origins);
  if (left !== undefined && right !== undefined && a.fields.length === b.fields.length && timing) {
    const rest = (value: Value): Field[] => value.fields.filter((field) => field.number !== VALUE.simple);
    if (!Object.is(left, right)) judge.mask(`${where}: time or speed ${left} / ${right}`);
    return compareMessages(rest(a), rest(b), where, judge);
  }
  if (left !== undefined && right !== undefined && !Object.is(left, right))
    return differs(where, String(left), String(right), Math.abs(left - right));
  return compareMessages(a.fields, b.fields, where, judge);
}

/** A number that is time or speed by its tag, and that the run can have had. */
function isTiming(tag: string, a: number, b: number, origins: Origins): boolean {
  const name = tag.replaceAll("/", " ");
  const [left, right] = [a, b].map((value) => scalar("number", String(value), value));
  return (
    left !== undefined &&
    right !== undefined &&
    ["time", "speed"].includes(benignNumber(left, right, name, origins) ?? "")
  );
}

function simpleOf(value: Value): number | undefined {
  const field = value.fields.find(({ number, wire }) => number === VALUE.simple && wire === 5);
  return field === undefined ? undefined : floatOf(field.bytes);
}

/** Field by field: texts by masks, moments of each run as doubles, messages inside by the same rule, all else by bytes. */
function compareMessages(
  a: readonly Field[],
  b: readonly Field[],
  where: string,
  judge: Judge,
  depth = 0,
): Difference | null {
  if (a.length !== b.length) return differs(where, `${a.length} fields`, `${b.length} fields`);
  for (const [index, field] of a.entries()) {
    const other = b[index];
    if (
      other === undefined ||
      (field.number === other.number && field.wire === other.wire && equalBytes(field.bytes, other.bytes))
    )
      continue;
    const place = `${where}: field ${field.number}`;
    if (field.number !== other.number || field.wire !== other.wire)
      return differs(place, `field ${field.number}`, `field ${other.number}`);
    if (field.wire === 1) {
      const [left, right] = [doubleOf(field.bytes), doubleOf(other.bytes)];
      if (!isMoment(judge.origins.a, left) || !isMoment(judge.origins.b, right))
        return differs(place, String(left), String(right), Math.abs(left - right));
      judge.mask(`${place}: time`);
      continue;
    }
    const difference =
      field.wire === 2
        ? compareInner(field, other, place, judge, depth)
        : differs(place, hex(field.bytes), hex(other.bytes));
    if (difference !== null) return difference;
  }
  return null;
}

function compareInner(a: Field, b: Field, where: string, judge: Judge, depth: number): Difference | null {
  const [left, right] = [printable(a.bytes), printable(b.bytes)];
  if (left !== null && right !== null) return within(where, matchText(left.split("\n"), right.split("\n"), judge));
  const [inA, inB] = [tryFields(a.bytes), tryFields(b.bytes)];
  if (depth > 8 || inA === null || inB === null) return differs(where, hex(a.bytes), hex(b.bytes));
  if (!HYPERPARAMETERS.test(where)) return compareMessages(inA, inB, where, judge, depth + 1);
  judge.setAside("tfevents: order of hyperparameters");
  return compareMessages(sortedEntries(inA), sortedEntries(inB), where, judge, depth + 1);
}

/** Where a writer keeps them: a map, whose entries protobuf writes in the order of addresses. */
const HYPERPARAMETERS = /^_hparams_\/session_start_info at step -?\d+: field 9: field 1: field 2: field 3$/;
const ENTRY = 1;

function sortedEntries(fields: readonly Field[]): Field[] {
  const keyed = fields.map((field) => ({
    field,
    key: field.number === ENTRY ? hex(field.bytes, field.bytes.length) : "",
  }));
  return keyed.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ field }) => field);
}

/** Text only when every character can be printed: packed numbers may look like text by accident, messages often do. */
function printable(bytes: Uint8Array): string | null {
  const text = textOf(bytes);
  return text !== null && text.length > 0 && !/[^\P{C}\n\t\r]/u.test(text) ? text : null;
}

function tryFields(bytes: Uint8Array): Field[] | null {
  try {
    return fieldsOf(bytes);
  } catch {
    return null;
  }
}

const hex = (bytes: Uint8Array, most = 32): string => Buffer.from(bytes.subarray(0, most)).toString("hex");

/** The frames of a TFRecord file, with both checksums, as values in their order. */
function readEvents(bytes: Uint8Array, judge: Judge): Value[] {
  const cursor = new Cursor(bytes);
  const values: Value[] = [];
  while (cursor.left > 0) {
    judge.spendSteps(20, "tfevents");
    const frame = cursor.take(8);
    if (cursor.u32() !== maskedCrc32c(frame)) throw new Unreadable("tfevents: damaged length");
    const event = cursor.take(Number(new DataView(frame.buffer, frame.byteOffset).getBigUint64(0, true)));
    if (cursor.u32() !== maskedCrc32c(event)) throw new Unreadable("tfevents: damaged, wrong checksum");
    values.push(...valuesOf(event));
  }
  return values;
}

function valuesOf(event: Uint8Array): Value[] {
  const fields = fieldsOf(event);
  const stepped = fields.find(({ number, wire }) => number === EVENT.step && wire === 0);
  const step = stepped === undefined ? 0n : BigInt.asIntN(64, varintOf(stepped.bytes));
  const other = fields.filter(
    ({ number }) => number !== EVENT.wallTime && number !== EVENT.step && number !== EVENT.summary,
  );
  const found: Value[] = other.length > 0 ? [{ step, tag: "", fields: other }] : [];
  for (const summary of fields.filter(({ number, wire }) => number === EVENT.summary && wire === 2))
    for (const value of fieldsOf(summary.bytes)) {
      const inner = value.wire === 2 && value.number === 1 ? fieldsOf(value.bytes) : [value];
      const tag = inner.find(({ number, wire }) => number === VALUE.tag && wire === 2);
      found.push({
        step,
        tag: tag === undefined ? "" : (utf8Of(tag.bytes) ?? latin1(tag.bytes)),
        fields: inner.filter((field) => field !== tag),
      });
    }
  return found;
}
