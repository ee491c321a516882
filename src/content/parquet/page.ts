import { crc32 } from "node:zlib";
import { Cursor } from "../bytes.ts";
import type { Judge } from "../comparison.ts";
import { OverBudget, Unreadable, Unseen } from "../unseen.ts";
import { unpack } from "./codec.ts";
import type { Chunk, Footer, Leaf } from "./footer.ts";
import { readRuns } from "./runs.ts";
import { readStruct, type Struct } from "./thrift.ts";
import { readPlain, readValues, type Values } from "./values.ts";

/** A stretch of one column: levels where it has such, and the values that are there. */
export interface Page {
  readonly count: number;
  readonly definition: Uint32Array | null;
  readonly repetition: Uint32Array | null;
  readonly values: Values;
}

/** More in one page is not held in memory. */
const COUNT_LIMIT = 2 ** 25;

/** The pages of one column, one at a time, over all row groups. */
export function* pagesOf(bytes: Uint8Array, footer: Footer, index: number, judge: Judge): Generator<Page> {
  const leaf = footer.leaves[index];
  if (leaf === undefined) return;
  for (const group of footer.groups) {
    const chunk = group.chunks[index];
    if (chunk === undefined) throw new Unreadable("Parquet: a row group without all columns");
    let rows = 0;
    for (const page of pagesIn(bytes, chunk, leaf, judge)) {
      rows += page.repetition === null ? page.count : page.repetition.reduce((sum, at) => sum + (at === 0 ? 1 : 0), 0);
      yield page;
    }
    if (rows !== group.rows) throw new Unreadable(`Parquet: column ${leaf.name} has ${rows} rows of ${group.rows}`);
  }
}

function* pagesIn(bytes: Uint8Array, chunk: Chunk, leaf: Leaf, judge: Judge): Generator<Page> {
  const cursor = new Cursor(bytes);
  cursor.take(chunk.start);
  let dictionary: Values | null = null;
  for (let left = chunk.count; left > 0; ) {
    const head = readStruct(cursor, judge);
    const packed = cursor.take(head.int(3));
    if (head.has(4) && head.int(4) >>> 0 !== crc32(packed)) throw new Unreadable("Parquet: damaged, wrong checksum");
    const kind = head.int(1);
    if (kind === 1) continue;
    if (kind === 2) {
      const page = unpack(chunk.codec, packed, head.int(2), judge);
      dictionary = readPlain(new Cursor(page), leaf, counted(head.struct(7), judge));
    } else if (kind === 0 || kind === 3) {
      const about = head.struct(kind === 0 ? 5 : 8);
      const count = counted(about, judge);
      left -= count;
      if (count === 0) continue;
      if (left < 0) throw new Unreadable(`Parquet: column ${leaf.name} has more values than stated`);
      const read = { head, about, packed, count, leaf, codec: chunk.codec, dictionary, judge };
      yield kind === 0 ? readPage(read) : readPage2(read);
    } else throw new Unseen(`Parquet: pages of kind ${kind} are not read in this version`);
  }
}

interface Reading {
  readonly head: Struct;
  readonly about: Struct;
  readonly packed: Uint8Array;
  readonly count: number;
  readonly leaf: Leaf;
  readonly codec: number;
  readonly dictionary: Values | null;
  readonly judge: Judge;
}

function counted(about: Struct, judge: Judge): number {
  const count = about.int(1);
  if (count < 0) throw new Unreadable("Parquet: a negative number of values");
  if (count > COUNT_LIMIT) throw new OverBudget("Parquet: a page with more values than are looked at");
  judge.spendSteps(Math.ceil(count / 16), "Parquet");
  return count;
}

/** Levels and values are packed as one; each kind of level says its length. */
function readPage({ head, about, packed, count, leaf, codec, dictionary, judge }: Reading): Page {
  const page = unpack(codec, packed, head.int(2), judge);
  const cursor = new Cursor(page);
  const level = (most: number, encoding: number): Uint32Array | null => {
    if (most === 0) return null;
    if (encoding !== 3) throw new Unseen("Parquet: levels in an encoding of old that is not read in this version");
    return levels(new Cursor(cursor.take(cursor.u32())), most, count);
  };
  const repetition = level(leaf.maxRepetition, about.int(4));
  const definition = level(leaf.maxDefinition, about.int(3));
  const there = present(definition, leaf, count);
  const values = readValues(page.subarray(cursor.at), about.int(2), leaf, there, dictionary, judge);
  return { count, definition, repetition, values };
}

/** Levels stand before what is packed. */
function readPage2({ head, about, packed, count, leaf, codec, dictionary, judge }: Reading): Page {
  const cursor = new Cursor(packed);
  const level = (most: number, length: number): Uint32Array | null => {
    const part = new Cursor(cursor.take(length));
    return most === 0 ? null : levels(part, most, count);
  };
  const repetition = level(leaf.maxRepetition, about.int(6));
  const definition = level(leaf.maxDefinition, about.int(5));
  const rest = packed.subarray(cursor.at);
  const length = head.int(2) - cursor.at;
  const page = about.flag(7, true) ? unpack(codec, rest, length, judge) : rest;
  const there = present(definition, leaf, count);
  if (there !== count - about.int(2)) throw new Unreadable("Parquet: another number of nulls than stated");
  const values = readValues(page, about.int(4), leaf, there, dictionary, judge);
  return { count, definition, repetition, values };
}

function levels(cursor: Cursor, most: number, count: number): Uint32Array {
  const found = readRuns(cursor, 32 - Math.clz32(most), count);
  if (found.some((level) => level > most)) throw new Unreadable("Parquet: a level that the schema does not have");
  return found;
}

const present = (definition: Uint32Array | null, { maxDefinition }: Leaf, count: number): number =>
  definition === null ? count : definition.reduce((sum, level) => sum + (level === maxDefinition ? 1 : 0), 0);
