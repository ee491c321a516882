import type { Judge } from "../comparison.ts";
import { Unreadable } from "../unseen.ts";
import { rowIdAt, varintAt } from "./record.ts";

/** A row as it lies in its table: its id (0 in a table WITHOUT ROWID) and its record, whole. */
export interface Row {
  readonly id: bigint;
  readonly record: Uint8Array;
}

const HEADER = 100;
const DEPTH = 32;
const TABLE_LEAF = 0x0d;
const TABLE_BRANCH = 0x05;
const INDEX_LEAF = 0x0a;
const INDEX_BRANCH = 0x02;

interface Place {
  readonly page: Uint8Array;
  readonly view: DataView;
  readonly at: number;
}

/**
 * The pages of an SQLite database file and the rows in its trees of pages. What contradicts itself is not read: a page in
 * two places, rows out of order, a cell that leaves its page.
 */
export class Pages {
  readonly encoding: number;
  readonly userVersion: number;
  readonly applicationId: number;
  /** Rows may still lie in a file of their own beside the database. */
  readonly writesAhead: boolean;
  readonly #size: number;
  readonly #usable: number;
  readonly #count: number;
  readonly #used = new Set<number>();

  constructor(
    readonly bytes: Uint8Array,
    readonly judge: Judge,
  ) {
    if (bytes.length < HEADER) throw new Unreadable("no whole header");
    const view = viewOf(bytes);
    const size = view.getUint16(16);
    this.#size = size === 1 ? 65536 : size;
    this.#usable = this.#size - view.getUint8(20);
    const versions = [view.getUint8(18), view.getUint8(19)];
    const fractions = [view.getUint8(21), view.getUint8(22), view.getUint8(23)];
    if (this.#size < 512 || (this.#size & (this.#size - 1)) !== 0 || this.#usable < 480)
      throw new Unreadable("an impossible size of pages");
    if (versions.some((version) => version !== 1 && version !== 2) || fractions.join() !== "64,32,32")
      throw new Unreadable("an unknown version");
    const stated = view.getUint32(24) === view.getUint32(92) ? view.getUint32(28) : 0;
    this.#count = stated === 0 ? bytes.length / this.#size : stated;
    if (this.#count * this.#size !== bytes.length) throw new Unreadable("of another length than stated");
    this.encoding = view.getUint32(56);
    if (this.encoding < 1 || this.encoding > 3) throw new Unreadable("an unknown encoding of text");
    if (view.getUint32(44) > 4) throw new Unreadable("an unknown format of the schema");
    this.userVersion = view.getInt32(60);
    this.applicationId = view.getInt32(68);
    this.writesAhead = versions.includes(2);
  }

  /** All rows of the table that has its root on this page, in the order of their ids or keys. */
  rows(root: number): Row[] {
    const rows: Row[] = [];
    const isTable = this.hasRowIds(root);
    this.#walk(root, isTable, 0, rows);
    if (isTable)
      for (let index = 1; index < rows.length; index += 1)
        if ((rows[index]?.id ?? 0n) <= (rows[index - 1]?.id ?? 0n)) throw new Unreadable("rows out of order");
    return rows;
  }

  /** A table WITHOUT ROWID lies in a tree as indices do, its key's columns first. */
  hasRowIds(root: number): boolean {
    const type = typeOf(this.#page(root, false));
    return type === TABLE_LEAF || type === TABLE_BRANCH;
  }

  #walk(number: number, isTable: boolean, depth: number, rows: Row[]): void {
    if (depth > DEPTH) throw new Unreadable("a tree too deep");
    const place = this.#page(number, true);
    const { page, view, at } = place;
    const type = typeOf(place);
    if (type !== (isTable ? TABLE_LEAF : INDEX_LEAF) && type !== (isTable ? TABLE_BRANCH : INDEX_BRANCH))
      throw new Unreadable(`page ${number} is of no known kind`);
    const branch = type === TABLE_BRANCH || type === INDEX_BRANCH;
    const cells = view.getUint16(at + 3);
    const first = at + (branch ? 12 : 8);
    if (first + cells * 2 > this.#usable) throw new Unreadable(`page ${number} has too many cells`);
    this.judge.spendSteps(cells + 1, "SQLite");
    for (let index = 0; index < cells; index += 1) {
      let cell = view.getUint16(first + index * 2);
      if (cell < first + cells * 2 || cell >= this.#usable) throw new Unreadable(`a cell outside of page ${number}`);
      if (branch) {
        this.#walk(this.#number(view, cell), isTable, depth + 1, rows);
        cell += 4;
        if (isTable) continue;
      }
      const length = varintAt(page, cell);
      cell = length.next;
      const id = isTable ? rowIdAt(page, cell) : { value: 0n, next: cell };
      rows.push({ id: id.value, record: this.#payload(page, view, id.next, length.value, isTable) });
    }
    if (branch) this.#walk(this.#number(view, at + 8), isTable, depth + 1, rows);
  }

  /** A record: what lies in the cell, and what runs over into pages of its own. */
  #payload(page: Uint8Array, view: DataView, from: number, length: number, isTable: boolean): Uint8Array {
    const usable = this.#usable;
    const most = isTable ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23;
    if (length <= most) return piece(page, from, length, usable);
    if (length > this.bytes.length) throw new Unreadable("a record longer than the file");
    this.judge.spendBytes(length, "SQLite");
    const least = Math.floor(((usable - 12) * 32) / 255) - 23;
    const fits = least + ((length - least) % (usable - 4));
    const local = fits <= most ? fits : least;
    const parts = [piece(page, from, local, usable - 4)];
    let left = length - local;
    let next = this.#number(view, from + local);
    while (left > 0) {
      const more = this.#page(next, true, 0);
      const taken = Math.min(left, usable - 4);
      parts.push(more.page.subarray(4, 4 + taken));
      left -= taken;
      next = more.view.getUint32(0);
      if ((next === 0) !== (left === 0)) throw new Unreadable("a record of another length than stated");
    }
    return Buffer.concat(parts);
  }

  #number(view: DataView, at: number): number {
    if (at + 4 > this.#usable) throw new Unreadable("a cell that leaves its page");
    return view.getUint32(at);
  }

  #page(number: number, use: boolean, at = number === 1 ? HEADER : 0): Place {
    if (number < 1 || number > this.#count) throw new Unreadable(`no page ${number}`);
    if (use && this.#used.has(number)) throw new Unreadable(`page ${number} is in two places`);
    if (use) this.#used.add(number);
    this.judge.spendSteps(1, "SQLite");
    const page = this.bytes.subarray((number - 1) * this.#size, number * this.#size);
    return { page, view: viewOf(page), at };
  }
}

const typeOf = (place: Place): number => place.view.getUint8(place.at);
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function piece(page: Uint8Array, from: number, length: number, end: number): Uint8Array {
  if (from + length > end) throw new Unreadable("a cell that leaves its page");
  return page.subarray(from, from + length);
}
