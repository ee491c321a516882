import { zstdDecompressSync } from "node:zlib";
import { unpackLz4Frame } from "../archive/lz4.ts";
import type { Judge } from "../comparison.ts";
import { Unreadable, Unseen } from "../unseen.ts";
import type { Column } from "./column.ts";
import type { Table } from "./flatbuffer.ts";
import type { Field } from "./schema.ts";

type Dictionaries = ReadonlyMap<number, readonly Column[]>;

/** Lays the buffers of a batch under its columns. Nothing is copied unless it is packed. */
export function columnsOf(
  batch: Table,
  body: Uint8Array,
  fields: readonly Field[],
  dictionaries: Dictionaries,
  judge: Judge,
): readonly Column[] {
  const length = batch.int64(0);
  const columns = new BatchReader(batch, body, dictionaries, judge).read(fields);
  for (const column of columns)
    if (column.length !== length) throw new Unreadable(`Arrow: column ${column.field.name} of another length`);
  return columns;
}

class BatchReader {
  readonly #nodes: number[][];
  readonly #buffers: number[][];
  readonly #variadic: number[][];
  readonly #codec: number;

  constructor(
    batch: Table,
    readonly body: Uint8Array,
    readonly dictionaries: Dictionaries,
    readonly judge: Judge,
  ) {
    this.#nodes = batch.numbers(1, 2).toReversed();
    this.#buffers = batch.numbers(2, 2).toReversed();
    this.#variadic = batch.numbers(4, 1).toReversed();
    this.#codec = batch.table(3)?.int8(0) ?? -1;
  }

  read(fields: readonly Field[]): readonly Column[] {
    const columns = fields.map((field) => this.#column(field));
    if (this.#nodes.length > 0 || this.#buffers.length > 0) throw new Unreadable("Arrow: more buffers than columns");
    return columns;
  }

  #column(field: Field): Column {
    this.judge.spendSteps(10, "Arrow");
    const node = this.#nodes.pop();
    const length = node?.[0] ?? -1;
    if (!Number.isSafeInteger(length) || length < 0) throw new Unreadable("Arrow: a column of an impossible length");
    const { layout, dictionary } = field;
    const bits = layout === "null" ? new Uint8Array() : this.#buffer();
    if (bits.length * 8 < length && bits.length > 0) throw new Unreadable("Arrow: not a bit for every row");
    if (bits.length === 0 && layout !== "null" && (node?.[1] ?? 0) > 0)
      throw new Unreadable("Arrow: nulls without their bits");
    const bare = layout === "null" || layout === "struct" || layout === "fixed list";
    const main = bare ? new Uint8Array() : this.#buffer();
    this.#measure(main, length, field);
    const parts = layout === "varying" ? 1 : layout === "view" ? (this.#variadic.pop()?.[0] ?? 0) : 0;
    if (parts > this.#buffers.length) throw new Unreadable("Arrow: fewer buffers than columns");
    const data = Array.from({ length: parts }, () => this.#buffer());
    const children = field.children.map((child) => this.#column(child));
    if (layout === "struct" && children.some((child) => child.length < length))
      throw new Unreadable("Arrow: a part of a structure that is too short");
    return {
      field,
      length,
      valid: bits.length === 0 ? null : bits,
      main: new DataView(main.buffer, main.byteOffset, main.byteLength),
      data,
      children,
      dictionary: dictionary === null ? [] : (this.dictionaries.get(dictionary.id) ?? []),
    };
  }

  #measure(main: Uint8Array, length: number, { layout, width }: Field): void {
    const offsets = layout === "varying" || layout === "list";
    if (offsets && length === 0) return;
    const wanted = layout === "bits" ? Math.ceil(length / 8) : (length + (offsets ? 1 : 0)) * width;
    const bare = layout === "null" || layout === "struct" || layout === "fixed list";
    if (!bare && main.length < wanted) throw new Unreadable("Arrow: a buffer that is too short");
  }

  #buffer(): Uint8Array {
    const [from, length] = this.#buffers.pop() ?? [];
    if (from === undefined || length === undefined || from < 0 || length < 0 || from + length > this.body.length)
      throw new Unreadable("Arrow: a buffer outside its batch");
    const bytes = this.body.subarray(from, from + length);
    return this.#codec < 0 || length === 0 ? bytes : this.#unpack(bytes);
  }

  #unpack(bytes: Uint8Array): Uint8Array {
    if (bytes.length < 8) throw new Unreadable("Arrow: a packed buffer without its length");
    const length = Number(Buffer.from(bytes.subarray(0, 8)).readBigInt64LE());
    const packed = bytes.subarray(8);
    if (length === -1) return packed;
    if (length < 0 || length > 2 ** 31) throw new Unreadable("Arrow: a buffer of an impossible length");
    if (length === 0) return new Uint8Array();
    if (this.#codec === 0) return unpackLz4Frame(packed, length, this.judge);
    if (this.#codec !== 1) throw new Unseen(`Arrow: compression ${this.#codec} is not read in this version`);
    this.judge.spendBytes(length, "Arrow");
    const out = unpackZstd(packed, length);
    if (out.length !== length) throw new Unreadable("Arrow: a buffer of another length than stated");
    return out;
  }
}

function unpackZstd(packed: Uint8Array, length: number): Uint8Array {
  try {
    return zstdDecompressSync(packed, { maxOutputLength: length });
  } catch (error) {
    throw new Unreadable(`Arrow: a damaged buffer: ${String(error)}`);
  }
}
