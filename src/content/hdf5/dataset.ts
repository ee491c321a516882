import { Cursor } from "../bytes.ts";
import type { Data } from "../source.ts";
import { OverBudget, Unreadable, Unseen } from "../unseen.ts";
import { address, type Hdf5File, unsigned } from "./file.ts";
import { type Filter, readFilters, unfiltered } from "./filters.ts";
import { leavesOf } from "./group.ts";
import { MESSAGE, type Message } from "./header.ts";

export interface Space {
  /** Null: there are no values at all. */
  readonly shape: readonly number[] | null;
  /** How far each direction may grow, in words; empty where none may. */
  readonly most: string;
}

/** What a dataset may take in memory when it is put together: no more than its file could hold when packed most tightly. */
const mostBytes = (file: Hdf5File): number => Math.min(2 ** 30, 2 ** 25 + 1100 * file.bytes.length);

export function readSpace(bytes: Uint8Array): Space {
  const cursor = new Cursor(bytes);
  const [version, rank, flags] = [cursor.u8(), cursor.u8(), cursor.u8()];
  if (version !== 1 && version !== 2) throw new Unseen(`HDF5: shape of version ${version} is not known`);
  if (rank > 32) throw new Unreadable(`HDF5: ${rank} directions`);
  const isNull = version === 2 && cursor.u8() === 2;
  if (version === 1) cursor.take(5);
  const shape = Array.from({ length: rank }, () => cursor.u64());
  const most = Array.from({ length: (flags & 1) === 0 ? 0 : rank }, () => address(cursor));
  const grows = most.some((length, index) => length !== shape[index]);
  return { shape: isNull ? null : shape, most: grows ? most.map((length) => length ?? "any").join(", ") : "" };
}

/** The value of what was never written; null where none is set. */
export function readFill(messages: readonly Message[]): Uint8Array | null {
  const message = messages.find(({ type }) => type === MESSAGE.fill);
  if (message === undefined) return null;
  const cursor = new Cursor(message.bytes);
  const version = cursor.u8();
  if (version < 1 || version > 3) throw new Unseen(`HDF5: fill value of version ${version} is not known`);
  const flags = version === 3 ? cursor.u8() : 0;
  if (version < 3) cursor.take(2);
  const isSet = version === 3 ? (flags & 0x20) !== 0 : cursor.u8() !== 0 || version === 1;
  return isSet ? cursor.take(cursor.u32()) : null;
}

/** The elements of a dataset in memory order, wherever and however packed they lie. */
export function readData(
  file: Hdf5File,
  messages: readonly Message[],
  shape: readonly number[],
  size: number,
  fill: Uint8Array | null,
): Data {
  const bytes = shape.reduce((product, length) => product * length, size);
  const message = messages.find(({ type }) => type === MESSAGE.layout);
  if (message === undefined) throw new Unreadable("HDF5: a dataset without a place");
  const cursor = new Cursor(message.bytes);
  const [version, kind] = [cursor.u8(), cursor.u8()];
  if (version !== 3 && version !== 4) throw new Unseen(`HDF5: layout of version ${version} is not known`);
  if (kind === 0) return exactly(cursor.take(cursor.u16()), bytes);
  if (kind === 1) {
    const place = address(cursor);
    return place === null ? filled(file, bytes, fill) : file.span(place, bytes);
  }
  if (kind !== 2) throw new Unseen("HDF5: virtual datasets are not read in this version");
  const packing = messages.find(({ type }) => type === MESSAGE.filters);
  const whole = new Whole(file, filled(file, bytes, fill), shape, size, packing ? readFilters(packing.bytes) : []);
  file.judge.setAside("HDF5: chunks and their compression");
  return version === 3 ? chunked(file, cursor, whole) : single(file, cursor, whole);
}

function exactly(data: Uint8Array, size: number): Uint8Array {
  if (data.length < size) throw new Unreadable("HDF5: values end early");
  return data.subarray(0, size);
}

function filled(file: Hdf5File, size: number, fill: Uint8Array | null): Uint8Array {
  if (size > mostBytes(file)) throw new OverBudget("HDF5: a dataset larger than may be unpacked");
  file.judge.spendBytes(size, "HDF5");
  const data = Buffer.alloc(size);
  if (fill?.some((byte) => byte !== 0) === true) data.fill(fill);
  return data;
}

/** Chunks of the usual form, found by a tree. */
function chunked(file: Hdf5File, cursor: Cursor, whole: Whole): Uint8Array {
  const rank = cursor.u8() - 1;
  const tree = address(cursor);
  const chunk = Array.from({ length: rank }, () => cursor.u32());
  if (rank !== whole.shape.length || cursor.u32() !== whole.size) throw new Unreadable("HDF5: chunks of another shape");
  if (tree === null) return whole.data;
  const met = new Set<string>();
  for (const { key, place } of leavesOf(file, tree, 1, 8 + 8 * (rank + 1))) {
    const about = new Cursor(key);
    const [length, mask] = [about.u32(), about.u32()];
    const corner = chunk.map(() => about.u64());
    if (met.has(corner.join())) throw new Unreadable("HDF5: a chunk twice");
    met.add(corner.join());
    whole.put(file.block(place, length).bytes, mask, corner, chunk);
  }
  return whole.data;
}

/** The newer form with one chunk for all; its other indices are not read yet. */
function single(file: Hdf5File, cursor: Cursor, whole: Whole): Uint8Array {
  const flags = cursor.u8();
  const rank = cursor.u8() - 1;
  const width = cursor.u8();
  const chunk = Array.from({ length: rank }, () => unsigned(cursor, width));
  if (rank !== whole.shape.length || unsigned(cursor, width) !== whole.size)
    throw new Unreadable("HDF5: chunks of another shape");
  if (cursor.u8() !== 1)
    throw new Unseen("HDF5: chunks with an index of the newer format are not read in this version");
  const plain = chunk.reduce((product, length) => product * length, whole.size);
  const [length, mask] = (flags & 2) === 0 ? [plain, 0] : [cursor.u64(), cursor.u32()];
  const place = address(cursor);
  if (place !== null)
    whole.put(
      file.block(place, length).bytes,
      mask,
      chunk.map(() => 0),
      chunk,
    );
  return whole.data;
}

/** A dataset that is put together from its chunks. */
class Whole {
  constructor(
    readonly file: Hdf5File,
    readonly data: Uint8Array,
    readonly shape: readonly number[],
    readonly size: number,
    readonly filters: readonly Filter[],
  ) {}

  put(packed: Uint8Array, mask: number, corner: readonly number[], chunk: readonly number[]): void {
    const bytes = chunk.reduce((product, length) => product * length, this.size);
    if (bytes > mostBytes(this.file)) throw new OverBudget("HDF5: a chunk larger than may be unpacked");
    this.file.judge.spendBytes(bytes, "HDF5");
    const data = unfiltered(packed, this.filters, mask, bytes);
    const inside = corner.every((at, index) => at % (chunk[index] ?? 1) === 0 && at < (this.shape[index] ?? 0));
    if (!inside) throw new Unreadable("HDF5: a chunk beyond its dataset");
    this.#copy(data, corner, chunk, 0, 0, 0);
  }

  /** Direction by direction; the last one as a stretch of bytes. What lies beyond the dataset is padding. */
  #copy(
    data: Uint8Array,
    corner: readonly number[],
    chunk: readonly number[],
    axis: number,
    from: number,
    to: number,
  ): void {
    const [length, start, all] = [chunk[axis] ?? 1, corner[axis] ?? 0, this.shape[axis] ?? 1];
    const here = Math.min(length, all - start);
    if (axis >= this.shape.length - 1) {
      this.file.judge.spendSteps(1, "HDF5");
      const stretch = data.subarray(from * length * this.size, (from * length + here) * this.size);
      this.data.set(stretch, (to * all + start) * this.size);
      return;
    }
    for (let index = 0; index < here; index += 1)
      this.#copy(data, corner, chunk, axis + 1, from * length + index, to * all + start + index);
  }
}
