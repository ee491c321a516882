import { Cursor, latin1 } from "../bytes.ts";
import type { Judge } from "../comparison.ts";
import { Unreadable, Unseen } from "../unseen.ts";
import { columnsOf } from "./batch.ts";
import type { Column } from "./column.ts";
import { Table } from "./flatbuffer.ts";
import { type Field, type Schema, schemaOf } from "./schema.ts";

/** Some rows of all columns. */
export interface Batch {
  readonly length: number;
  readonly columns: readonly Column[];
}

interface Message {
  readonly kind: number;
  readonly header: Table;
  readonly body: Uint8Array;
}

const MARK = "ARROW1";
const [SCHEMA, DICTIONARY, BATCH] = [1, 2, 3];

/** A file or a stream: its schema, then its rows batch by batch. */
export class ArrowFile {
  readonly schema: Schema;
  readonly #messages: Iterator<Message>;
  readonly #fields = new Map<number, Field>();
  readonly #dictionaries = new Map<number, readonly Column[]>();

  constructor(
    readonly bytes: Uint8Array,
    readonly judge: Judge,
  ) {
    const footer = latin1(bytes.subarray(0, 6)) === MARK ? footerOf(bytes) : null;
    this.#messages = footer === null ? messagesIn(bytes, judge) : messagesBy(footer, bytes, judge);
    this.schema = schemaOf(footer === null ? this.#first() : schemaIn(footer.table(1)), judge);
    this.#find(this.schema.fields);
  }

  *batches(): Generator<Batch> {
    for (;;) {
      const next = this.#messages.next();
      if (next.done === true) return;
      const { kind, header, body } = next.value;
      if (kind === DICTIONARY) this.#learn(header, body);
      else if (kind === BATCH) {
        const columns = columnsOf(header, body, this.schema.fields, this.#dictionaries, this.judge);
        yield { length: header.int64(0), columns };
      } else throw new Unseen(`Arrow: messages of kind ${kind} are not read in this version`);
    }
  }

  #learn(header: Table, body: Uint8Array): void {
    const id = header.int64(0);
    const [field, data] = [this.#fields.get(id), header.table(1)];
    if (field === undefined || data === null) throw new Unreadable("Arrow: a dictionary of no column");
    const part = columnsOf(data, body, [field], this.#dictionaries, this.judge);
    this.#dictionaries.set(id, header.int8(2) === 0 ? part : [...(this.#dictionaries.get(id) ?? []), ...part]);
  }

  #find(fields: readonly Field[]): void {
    for (const field of fields) {
      if (field.dictionary !== null) {
        this.#fields.set(field.dictionary.id, field.dictionary.values);
        this.#find([field.dictionary.values]);
      }
      this.#find(field.children);
    }
  }

  /** A stream begins with its schema. */
  #first(): Table {
    const first = this.#messages.next();
    return schemaIn(first.done === true || first.value.kind !== SCHEMA ? null : first.value.header);
  }
}

function schemaIn(table: Table | null): Table {
  if (table === null) throw new Unreadable("Arrow: no schema");
  return table;
}

function footerOf(bytes: Uint8Array): Table {
  const end = bytes.length - 10;
  if (end < 12 || latin1(bytes.subarray(end + 4)) !== MARK) throw new Unreadable("Arrow: no end");
  const length = new Cursor(bytes.subarray(end, end + 4)).u32();
  if (length > end - 8) throw new Unreadable("Arrow: a footer longer than the file");
  return Table.root(bytes.subarray(end - length, end));
}

/** The messages of a file: dictionaries first, then batches, where its footer says that they are. */
function* messagesBy(footer: Table, bytes: Uint8Array, judge: Judge): Generator<Message> {
  for (const field of [2, 3])
    for (const [at] of footer.numbers(field, 3)) {
      const cursor = new Cursor(bytes);
      cursor.take(at ?? -1);
      const message = readMessage(cursor, judge);
      if (message?.kind !== field) throw new Unreadable("Arrow: a footer that names what is not there");
      yield message;
    }
}

function* messagesIn(bytes: Uint8Array, judge: Judge): Generator<Message> {
  const cursor = new Cursor(bytes);
  while (cursor.left > 0) {
    const message = readMessage(cursor, judge);
    if (message === null) break;
    yield message;
  }
  if (cursor.left > 0) throw new Unreadable("Arrow: bytes behind the end");
}

/** null: the end of a stream. */
function readMessage(cursor: Cursor, judge: Judge): Message | null {
  judge.spendSteps(10, "Arrow");
  let length = cursor.u32();
  // Before version 0.15 no mark stood before the length.
  if (length === 0xffffffff) length = cursor.u32();
  if (length === 0) return null;
  const message = Table.root(cursor.take(length));
  const [kind, header, bodyLength] = [message.int8(1), message.table(2), message.int64(3)];
  if (header === null) throw new Unreadable("Arrow: a message without content");
  return { kind, header, body: cursor.take(bodyLength) };
}

/** A schema by itself, as Parquet keeps it. */
export function readSchema(bytes: Uint8Array, judge: Judge): Schema {
  return new ArrowFile(bytes, judge).schema;
}
