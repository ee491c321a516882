import { Cursor } from "../bytes.ts";
import type { Judge } from "../comparison.ts";
import type { Data } from "../source.ts";
import { Unreadable, Unseen } from "../unseen.ts";
import { verifyChecksum } from "./checksum.ts";

/** Where nothing lies. */
const NOWHERE = 2n ** 64n - 1n;

/** A file of HDF5 as places in bytes. What is read anywhere is spent, so that rings and bombs end. */
export class Hdf5File {
  readonly root: number;

  constructor(
    readonly bytes: Data,
    readonly judge: Judge,
  ) {
    const cursor = this.at(8);
    const version = cursor.u8();
    if (version > 3) throw new Unseen(`HDF5: superblock of version ${version} is not known`);
    cursor.at = version < 2 ? 13 : 9;
    if (cursor.u8() !== 8 || cursor.u8() !== 8) throw new Unseen("HDF5: places in other than eight bytes");
    cursor.at = [24, 28, 12, 12][version] ?? 0;
    const base = address(cursor);
    cursor.take(8);
    const end = address(cursor);
    if (base !== 0) throw new Unseen("HDF5: a file within a file");
    if (end === null || end > bytes.length) throw new Unreadable("HDF5: ends early");
    if (version < 2) cursor.take(16);
    const root = address(cursor);
    if (root === null) throw new Unreadable("HDF5: no root group");
    if (version >= 2) verifyChecksum(cursor, 0, "the superblock");
    this.root = root;
  }

  at(place: number): Cursor {
    this.judge.spendSteps(1, "HDF5");
    const cursor = new Cursor(this.bytes);
    if (place > cursor.length) throw new Unreadable("HDF5: a place behind the end");
    cursor.at = place;
    return cursor;
  }

  /** Some bytes as a cursor of their own. */
  block(place: number, length: number): Cursor {
    return new Cursor(this.at(place).take(length));
  }

  /** Some bytes, which are read when they are looked at. */
  span(place: number, length: number): Data {
    return this.at(place).span(length);
  }
}

/** A place in the file; null where the format says that there is none. */
export function address(cursor: Cursor): number | null {
  const value = cursor.take(8);
  const place = new DataView(value.buffer, value.byteOffset, 8).getBigUint64(0, true);
  if (place === NOWHERE) return null;
  if (place > BigInt(Number.MAX_SAFE_INTEGER)) throw new Unreadable("HDF5: a place beyond all measure");
  return Number(place);
}

export function expectMark(cursor: Cursor, mark: string): void {
  const found = Buffer.from(cursor.take(4)).toString("latin1");
  if (found !== mark) throw new Unreadable(`HDF5: no ${mark} where there should be one`);
}

/** A number of as many bytes as are told, little end first. */
export function unsigned(cursor: Cursor, size: number): number {
  let value = 0;
  for (const byte of cursor.take(size).toReversed()) value = value * 256 + byte;
  if (!Number.isSafeInteger(value)) throw new Unreadable("HDF5: a number beyond all measure");
  return value;
}
