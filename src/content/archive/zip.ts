import { crc32, inflateRawSync } from "node:zlib";
import { Cursor, latin1, textOf } from "../bytes.ts";
import type { Judge } from "../comparison.ts";
import { type Data, part, piecesOf, readData, wholeOf } from "../source.ts";
import { Unreadable } from "../unseen.ts";
import { HELD, Unpacked } from "./inflated.ts";

export interface Entry {
  readonly name: string;
  /** Unpacked when asked for; what lies in memory is checked against its checksum by then, what is large as it is read. */
  readonly data: () => Data;
  /** Throws when what was not checked is damaged. */
  readonly check: () => void;
  /** What else of the entry is content: rights, a link's target, its kind. */
  readonly about: string;
}

export interface Archive {
  readonly entries: readonly Entry[];
  /** What is in the file besides entries: a comment, bytes between them. */
  readonly rest: Uint8Array;
}

/** What is not packed and longer is not checked before it is read. */
const CHECKED = 1 << 20;
const ENTRIES_LIMIT = 200_000;
/** The end record with the longest comment behind it. */
const TAIL = 22 + 65535;

interface Place {
  readonly entry: Entry;
  readonly from: number;
  readonly to: number;
}

/** Reads a zip archive by its central directory. Encrypted, split or contradictory archives are not read. */
export function readZip(bytes: Data, judge: Judge): Archive {
  const end = findEnd(bytes);
  const cursor = new Cursor(bytes);
  cursor.at = end.directory;
  const places: Place[] = [];
  for (let index = 0; index < end.count; index += 1) {
    judge.spendSteps(20, "zip");
    places.push(readHeader(cursor, bytes, judge));
  }
  if (cursor.at !== end.directory + end.size) throw new Unreadable("zip: directory of another length than stated");
  const rest = gaps(bytes, [
    ...places,
    { from: end.directory, to: end.directory + end.size },
    { from: end.at, to: end.to },
  ]);
  return { entries: places.map((place) => place.entry), rest: Buffer.concat([rest, end.comment]) };
}

interface End {
  readonly at: number;
  readonly to: number;
  readonly count: number;
  readonly directory: number;
  readonly size: number;
  readonly comment: Uint8Array;
}

function findEnd(bytes: Data): End {
  const first = Math.max(0, bytes.length - TAIL);
  const tail = readData(bytes, first, bytes.length);
  for (let at = bytes.length - 22; at >= first; at -= 1) {
    if (latin1(tail.subarray(at - first, at - first + 4)) !== "PK\u0005\u0006") continue;
    const cursor = new Cursor(bytes);
    cursor.at = at + 4;
    if (cursor.u16() !== 0 || cursor.u16() !== 0) throw new Unreadable("zip: split over several files");
    const here = cursor.u16();
    let count = cursor.u16();
    let size = cursor.u32();
    let directory = cursor.u32();
    const comment = cursor.take(cursor.u16());
    if (cursor.left > 0) continue;
    let start = at;
    if (
      at >= 20 &&
      (count === 0xffff || size === 0xffffffff || directory === 0xffffffff || isLocator(bytes, at - 20))
    ) {
      cursor.at = at - 20 + 8;
      start = cursor.u64();
      cursor.at = start;
      if (cursor.u32() !== 0x06064b50) throw new Unreadable("zip: no zip64 end");
      cursor.take(28);
      cursor.at = start + 32;
      count = cursor.u64();
      size = cursor.u64();
      directory = cursor.u64();
    } else if (here !== count) throw new Unreadable("zip: split over several files");
    if (count > ENTRIES_LIMIT) throw new Unreadable(`zip: ${count} entries`);
    if (directory + size > bytes.length) throw new Unreadable("zip: directory behind the end");
    return { at: start, to: bytes.length, count, directory, size, comment };
  }
  throw new Unreadable("zip: no end record");
}

const isLocator = (bytes: Data, at: number): boolean =>
  Buffer.from(readData(bytes, at, at + 4)).toString("latin1") === "PK\u0006\u0007";

function readHeader(cursor: Cursor, bytes: Data, judge: Judge): Place {
  if (cursor.u32() !== 0x02014b50) throw new Unreadable("zip: no directory entry");
  const made = cursor.u16();
  cursor.take(2);
  const flags = cursor.u16();
  const method = cursor.u16();
  cursor.take(4); // time and date
  const crc = cursor.u32();
  let packed = cursor.u32();
  let size = cursor.u32();
  const [nameLength, extraLength, commentLength] = [cursor.u16(), cursor.u16(), cursor.u16()];
  if (cursor.u16() !== 0) throw new Unreadable("zip: split over several files");
  cursor.take(2); // whether it is text
  const outer = cursor.u32();
  let offset = cursor.u32();
  const rawName = cursor.take(nameLength);
  const wide = zip64(cursor.take(extraLength));
  if (size === 0xffffffff && wide !== null) size = wide.u64();
  if (packed === 0xffffffff && wide !== null) packed = wide.u64();
  if (offset === 0xffffffff && wide !== null) offset = wide.u64();
  const comment = latin1(cursor.take(commentLength));
  if ((flags & 1) !== 0) throw new Unreadable("zip: encrypted");
  if (method !== 0 && method !== 8) throw new Unreadable(`zip: packed by method ${method}`);
  const name = textOf(rawName) ?? latin1(rawName);
  const { from, to } = localData(bytes, offset, rawName, packed, method);
  const packedData = part(bytes, from, to);
  const unix = made >> 8 === 3 ? ((outer >>> 16) & 0o170111).toString(8) : "";
  const entry: Entry = {
    name,
    data: () => unpack(name, packedData, { method, size, crc }, judge),
    check: () => check(name, packedData, { method, size, crc }),
    about: `${unix}:${comment}`,
  };
  return { entry, from: offset, to: to + descriptorLength(bytes, to, flags, crc) };
}

/** Of the extra fields only the wide sizes matter; the others hold time stamps, owners and padding. */
function zip64(extra: Uint8Array): Cursor | null {
  const cursor = new Cursor(extra);
  while (cursor.left >= 4) {
    const id = cursor.u16();
    const field = cursor.take(cursor.u16());
    if (id === 1) return new Cursor(field);
  }
  return null;
}

/** The local header must tell the same as the directory, else two readers would see two archives. */
function localData(
  bytes: Data,
  offset: number,
  rawName: Uint8Array,
  packed: number,
  method: number,
): { from: number; to: number } {
  const local = new Cursor(bytes);
  local.at = offset;
  if (offset > bytes.length || local.u32() !== 0x04034b50)
    throw new Unreadable("zip: an entry is not where it should be");
  local.take(4);
  if (local.u16() !== method) throw new Unreadable("zip: header and directory contradict each other");
  local.take(16);
  const [nameLength, extraLength] = [local.u16(), local.u16()];
  if (Buffer.compare(local.take(nameLength), rawName) !== 0)
    throw new Unreadable("zip: header and directory contradict each other");
  local.take(extraLength);
  const from = local.at;
  if (packed > local.left) throw new Unreadable("zip: an entry ends behind the end");
  return { from, to: from + packed };
}

function descriptorLength(bytes: Data, at: number, flags: number, crc: number): number {
  if ((flags & 8) === 0) return 0;
  const behind = Buffer.from(readData(bytes, at, Math.min(bytes.length, at + 26)));
  const is = (offset: number): boolean => offset + 4 <= behind.length && behind.readUInt32LE(offset) === crc;
  const next = (length: number): boolean => behind[length] === 0x50 && behind[length + 1] === 0x4b;
  const marked = behind.length >= 4 && behind.readUInt32LE(0) === 0x08074b50 && is(4);
  for (const length of marked ? [16, 24] : is(0) ? [12, 20] : []) if (next(length)) return length;
  return 0;
}

interface Stated {
  readonly method: number;
  readonly size: number;
  readonly crc: number;
}

function unpack(name: string, data: Data, stated: Stated, judge: Judge): Data {
  if (stated.method === 0 && data.length !== stated.size)
    throw new Unreadable(`zip: ${name}: of another length than stated`);
  if (stated.method === 0 && stated.size > CHECKED) return data;
  if (stated.size > HELD) return new Unpacked(data, stated.size, judge, stated.crc);
  if (data.length > 2 * HELD) throw new Unreadable(`zip: ${name}: of another length than stated`);
  judge.spendBytes(stated.size, `zip: ${name}`);
  const packed = wholeOf(data);
  const bytes = stated.method === 0 ? packed : inflate(name, packed, stated.size);
  if (bytes.length !== stated.size) throw new Unreadable(`zip: ${name}: of another length than stated`);
  if (crc32(bytes) !== stated.crc) throw damaged(name);
  return bytes;
}

/** What is large and not packed is read without a look at its checksum: two that are equal are so, damaged or not. */
function check(name: string, data: Data, stated: Stated): void {
  if (stated.method !== 0 || stated.size <= CHECKED) return;
  let crc = 0;
  for (const { bytes } of piecesOf(data)) crc = crc32(bytes, crc);
  if (crc !== stated.crc) throw damaged(name);
}

const damaged = (name: string): Unreadable => new Unreadable(`zip: ${name}: damaged, wrong checksum`);

function inflate(name: string, data: Uint8Array, size: number): Uint8Array {
  try {
    return inflateRawSync(data, { maxOutputLength: Math.max(1, size) });
  } catch (error) {
    throw new Unreadable(`zip: ${name}: ${String(error)}`);
  }
}

/** Bytes that belong to nothing, without zeros that only align. */
function gaps(data: Data, places: readonly { from: number; to: number }[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { from, to } of places.toSorted((a, b) => a.from - b.from)) {
    if (from < at) throw new Unreadable("zip: entries overlap");
    const gap = wholeOf(part(data, at, from));
    if (gap.some((byte) => byte !== 0)) parts.push(gap);
    at = to;
  }
  return Buffer.concat(parts);
}
