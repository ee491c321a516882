import { crc32, inflateRawSync } from "node:zlib";
import { Cursor, latin1, textOf } from "../bytes.ts";
import { type Judge, Unreadable } from "../comparison.ts";

export interface Entry {
  readonly name: string;
  /** Unpacked and checked against its checksum when asked for. */
  readonly bytes: () => Uint8Array;
  /** What else of the entry is content: rights, a link's target, its kind. */
  readonly about: string;
}

export interface Archive {
  readonly entries: readonly Entry[];
  /** What is in the file besides entries: a comment, bytes between them. */
  readonly rest: Uint8Array;
}

const ENTRIES_LIMIT = 200_000;
const ENTRY_LIMIT = 2 ** 31 - 1;

interface Place {
  readonly entry: Entry;
  readonly from: number;
  readonly to: number;
}

/** Reads a zip archive by its central directory. Encrypted, split or contradictory archives are not read. */
export function readZip(bytes: Uint8Array, judge: Judge): Archive {
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

function findEnd(bytes: Uint8Array): End {
  for (let at = bytes.length - 22; at >= 0 && at >= bytes.length - 22 - 65535; at -= 1) {
    if (bytes[at] !== 0x50 || bytes[at + 1] !== 0x4b || bytes[at + 2] !== 5 || bytes[at + 3] !== 6) continue;
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

const isLocator = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === 0x50 && bytes[at + 1] === 0x4b && bytes[at + 2] === 6 && bytes[at + 3] === 7;

function readHeader(cursor: Cursor, bytes: Uint8Array, judge: Judge): Place {
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
  const data = bytes.subarray(from, to);
  const unix = made >> 8 === 3 ? ((outer >>> 16) & 0o170111).toString(8) : "";
  const entry: Entry = {
    name,
    bytes: () => unpack(name, data, { method, size, crc }, judge),
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
  bytes: Uint8Array,
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
  local.take(packed);
  return { from, to: local.at };
}

function descriptorLength(bytes: Uint8Array, at: number, flags: number, crc: number): number {
  if ((flags & 8) === 0) return 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const is = (offset: number): boolean => at + offset + 4 <= bytes.length && view.getUint32(at + offset, true) === crc;
  const next = (length: number): boolean => bytes[at + length] === 0x50 && bytes[at + length + 1] === 0x4b;
  const marked = at + 4 <= bytes.length && view.getUint32(at, true) === 0x08074b50 && is(4);
  for (const length of marked ? [16, 24] : is(0) ? [12, 20] : []) if (next(length)) return length;
  return 0;
}

function unpack(
  name: string,
  data: Uint8Array,
  stated: { method: number; size: number; crc: number },
  judge: Judge,
): Uint8Array {
  if (stated.size > ENTRY_LIMIT) throw new Unreadable(`zip: ${name}: ${stated.size} bytes`);
  judge.spendBytes(stated.size, `zip: ${name}`);
  const bytes = stated.method === 0 ? data : inflate(name, data, stated.size);
  if (bytes.length !== stated.size) throw new Unreadable(`zip: ${name}: of another length than stated`);
  if (crc32(bytes) !== stated.crc) throw new Unreadable(`zip: ${name}: damaged, wrong checksum`);
  return bytes;
}

function inflate(name: string, data: Uint8Array, size: number): Uint8Array {
  try {
    return inflateRawSync(data, { maxOutputLength: Math.max(1, size) });
  } catch (error) {
    throw new Unreadable(`zip: ${name}: ${String(error)}`);
  }
}

/** Bytes that belong to nothing, without zeros that only align. */
function gaps(bytes: Uint8Array, places: readonly { from: number; to: number }[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { from, to } of places.toSorted((a, b) => a.from - b.from)) {
    if (from < at) throw new Unreadable("zip: entries overlap");
    const gap = bytes.subarray(at, from);
    if (gap.some((byte) => byte !== 0)) parts.push(gap);
    at = to;
  }
  return Buffer.concat(parts);
}
