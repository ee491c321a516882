import { utf8Of } from "../bytes.ts";
import { Unreadable } from "../unseen.ts";

/** A table of a FlatBuffer. Reading past the end is a RangeError, as of any DataView. */
export class Table {
  readonly #view: DataView;

  constructor(
    readonly bytes: Uint8Array,
    readonly at: number,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The table that a buffer begins with. */
  static root(bytes: Uint8Array): Table {
    return new Table(bytes, new Table(bytes, 0).#u32(0));
  }

  /** Where it is said which fields the table has. */
  get layoutAt(): number {
    return this.at - this.#view.getInt32(this.at, true);
  }

  has(field: number): boolean {
    return this.#place(field) > 0;
  }

  int8(field: number, otherwise = 0): number {
    return this.#read(field, otherwise, (at) => this.#view.getInt8(at));
  }

  int16(field: number, otherwise = 0): number {
    return this.#read(field, otherwise, (at) => this.#view.getInt16(at, true));
  }

  int32(field: number, otherwise = 0): number {
    return this.#read(field, otherwise, (at) => this.#view.getInt32(at, true));
  }

  int64(field: number, otherwise = 0): number {
    return this.#read(field, otherwise, (at) => this.#i64(at));
  }

  text(field: number): string {
    const at = this.#target(field);
    if (at === null) return "";
    const text = utf8Of(this.#slice(at + 4, this.#u32(at)));
    if (text === null) throw new Unreadable("Arrow: no UTF-8 where a name should be");
    return text;
  }

  table(field: number): Table | null {
    const at = this.#target(field);
    return at === null ? null : new Table(this.bytes, at);
  }

  tables(field: number): Table[] {
    return this.#each(field, 4, (at) => new Table(this.bytes, at + this.#u32(at)));
  }

  /** A list of structures of `words` 64-bit numbers each; where they hold less, what fills them up is among these. */
  numbers(field: number, words: number): number[][] {
    return this.#each(field, words * 8, (at) => Array.from({ length: words }, (_, word) => this.#i64(at + word * 8)));
  }

  #each<T>(field: number, size: number, read: (at: number) => T): T[] {
    const at = this.#target(field);
    if (at === null) return [];
    const count = this.#u32(at);
    this.#slice(at + 4, count * size);
    return Array.from({ length: count }, (_, index) => read(at + 4 + index * size));
  }

  #read(field: number, otherwise: number, read: (at: number) => number): number {
    const place = this.#place(field);
    return place === 0 ? otherwise : read(this.at + place);
  }

  /** Where a field lies from the beginning of the table; 0 where it is left out. */
  #place(field: number): number {
    const index = this.layoutAt;
    const slot = 4 + field * 2;
    return slot + 2 > this.#view.getUint16(index, true) ? 0 : this.#view.getUint16(index + slot, true);
  }

  #target(field: number): number | null {
    const place = this.#place(field);
    return place === 0 ? null : this.at + place + this.#u32(this.at + place);
  }

  #slice(from: number, length: number): Uint8Array {
    if (from + length > this.bytes.length) throw new Unreadable("Arrow: ends early");
    return this.bytes.subarray(from, from + length);
  }

  #u32(at: number): number {
    return this.#view.getUint32(at, true);
  }

  #i64(at: number): number {
    return Number(this.#view.getBigInt64(at, true));
  }
}
