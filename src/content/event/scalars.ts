import { Cursor, latin1, utf8Of } from "../bytes.ts";
import { Unreadable } from "../unseen.ts";
import { maskedCrc32c } from "./crc32c.ts";
import { doubleOf, type Field, fieldsOf, floatOf, varintOf } from "./protobuf.ts";

/** What TensorBoard's scalar dashboard shows of one event file, and the hyperparameters in it. */
export interface EventScalars {
  readonly points: readonly { readonly tag: string; readonly step: number; readonly value: number }[];
  readonly hyperparameters: ReadonlyMap<string, string>;
  /** Seconds since 1970; null: the file has no event. */
  readonly first: number | null;
  readonly last: number | null;
  /** The last record was cut off: the writer was killed, or writes on. */
  readonly torn: boolean;
}

const EVENT = { wallTime: 1, step: 2, summary: 5 };
const VALUE = { tag: 1, simple: 2, tensor: 8, metadata: 9 };
const TENSOR = { type: 1, content: 4, float: 5, double: 6 };
const FLOAT = 1n;
const DOUBLE = 2n;

const inside = (fields: readonly Field[], number: number): Uint8Array | null =>
  fields.find((field) => field.number === number && field.wire === 2)?.bytes ?? null;
const text = (bytes: Uint8Array | null): string => (bytes === null ? "" : (utf8Of(bytes) ?? latin1(bytes)));

/** The records of a TFRecord file, each with both checksums right. */
function* recordsOf(bytes: Uint8Array): Generator<Uint8Array | "torn", void> {
  const cursor = new Cursor(bytes);
  while (cursor.left > 0) {
    if (cursor.left < 12) {
      yield "torn";
      return;
    }
    const frame = cursor.take(8);
    if (cursor.u32() !== maskedCrc32c(frame)) throw new Unreadable("tfevents: damaged length");
    const length = Number(new DataView(frame.buffer, frame.byteOffset).getBigUint64(0, true));
    if (cursor.left < length + 4) {
      yield "torn";
      return;
    }
    const record = cursor.take(length);
    if (cursor.u32() !== maskedCrc32c(record)) throw new Unreadable("tfevents: damaged, wrong checksum");
    yield record;
  }
}

/** A scalar as the first version writes it, or as a tensor with one number. */
function numberOf(value: readonly Field[]): number | null {
  const simple = value.find(({ number, wire }) => number === VALUE.simple && wire === 5);
  if (simple !== undefined) return floatOf(simple.bytes);
  const packed = inside(value, VALUE.tensor);
  if (packed === null) return null;
  const tensor = fieldsOf(packed);
  const typed = tensor.find(({ number, wire }) => number === TENSOR.type && wire === 0);
  const type = typed === undefined ? 0n : varintOf(typed.bytes);
  const own = tensor.find(({ number }) => number === (type === FLOAT ? TENSOR.float : TENSOR.double));
  const bytes = inside(tensor, TENSOR.content) ?? own?.bytes ?? null;
  if (type === FLOAT && bytes?.length === 4) return floatOf(bytes);
  return type === DOUBLE && bytes?.length === 8 ? doubleOf(bytes) : null;
}

/** What add_hparams writes: Summary.metadata.plugin_data.content.session_start_info.hparams, a map of google.protobuf.Value. */
function hyperparameters(value: readonly Field[], found: Map<string, string>): void {
  let at: Uint8Array | null = inside(value, VALUE.metadata);
  for (const number of [1, 2, 3]) at = at === null ? null : inside(fieldsOf(at), number);
  for (const entry of at === null ? [] : fieldsOf(at).filter(({ number, wire }) => number === 1 && wire === 2)) {
    const pair = fieldsOf(entry.bytes);
    const [one] = fieldsOf(inside(pair, 2) ?? new Uint8Array());
    const shown =
      one?.number === 2 && one.wire === 1
        ? String(doubleOf(one.bytes))
        : one?.number === 3
          ? text(one.bytes)
          : one?.number === 4
            ? String(varintOf(one.bytes) !== 0n)
            : null;
    if (shown !== null) found.set(text(inside(pair, 1)), shown);
  }
}

/** Throws Unreadable where the bytes are no event file, or a damaged one. */
export function readScalars(bytes: Uint8Array): EventScalars {
  const points: { tag: string; step: number; value: number }[] = [];
  const found = new Map<string, string>();
  let [first, last]: [number | null, number | null] = [null, null];
  let torn = false;
  for (const record of recordsOf(bytes)) {
    if (record === "torn") {
      torn = true;
      break;
    }
    const event = fieldsOf(record);
    const time = event.find(({ number, wire }) => number === EVENT.wallTime && wire === 1);
    last = time === undefined ? last : doubleOf(time.bytes);
    first ??= last;
    const stepped = event.find(({ number, wire }) => number === EVENT.step && wire === 0);
    const step = stepped === undefined ? 0 : Number(BigInt.asIntN(64, varintOf(stepped.bytes)));
    for (const summary of event.filter(({ number, wire }) => number === EVENT.summary && wire === 2))
      for (const one of fieldsOf(summary.bytes)) {
        if (one.number !== 1 || one.wire !== 2) continue;
        const value = fieldsOf(one.bytes);
        const tag = text(inside(value, VALUE.tag));
        if (tag === "_hparams_/session_start_info") hyperparameters(value, found);
        const number = tag.startsWith("_hparams_/") ? null : numberOf(value);
        if (number !== null) points.push({ tag, step, value: number });
      }
  }
  if (first === null && !torn && bytes.length > 0) throw new Unreadable("tfevents: no event");
  return { points, hyperparameters: found, first, last, torn };
}
