import { Cursor, latin1, utf8Of } from "../bytes.ts";
import { textOfModel } from "../model/exact.ts";
import { type Data, wholeOf } from "../source.ts";
import { dictionary, list, type Node, scalar, text } from "../tree/node.ts";
import { Unreadable } from "../unseen.ts";
import type { Hdf5Type } from "./datatype.ts";
import { address, expectMark, type Hdf5File } from "./file.ts";

/** Elements in memory order as plain data: numbers as one array, what is longer or elsewhere as a list. */
export class Values {
  /** Objects of heaps met, by the place of the heap. */
  #heaps = new Map<number, ReadonlyMap<number, Uint8Array>>();

  constructor(
    readonly file: Hdf5File,
    /** The path of the object at a place. */
    readonly pathOf: (place: number) => string | undefined,
  ) {}

  read(type: Hdf5Type, shape: readonly number[], values: Data, depth = 0): Node {
    if (depth > 16) throw new Unreadable("HDF5: values nested too deep");
    if (type.kind === "plain") return { kind: "array", array: { dtype: type.words, shape, order: "C", data: values } };
    if (type.kind === "array" && type.base !== undefined)
      return this.read(type.base, [...shape, ...(type.shape ?? [])], values, depth + 1);
    const data = wholeOf(values, "HDF5: values of several parts");
    if (data.length !== shape.reduce((product, length) => product * length, type.size))
      throw new Unreadable("HDF5: values of another length than their shape");
    if (type.members !== undefined) return this.#columns(type, shape, data, depth);
    const items: Node[] = [];
    for (let at = 0; at < data.length; at += type.size)
      items.push(this.#element(type, data.subarray(at, at + type.size), depth));
    const [only] = items;
    return shape.length === 0 && only !== undefined ? only : list(`${type.words} [${shape.join(", ")}]`, items);
  }

  /** Each member of a compound as an array of its own; what lies between the members is padding. */
  #columns(type: Hdf5Type, shape: readonly number[], data: Uint8Array, depth: number): Node {
    const columns = (type.members ?? []).map(({ name, at, type: own }): [Node, Node] => {
      const count = data.length / type.size;
      this.file.judge.spendBytes(count * own.size, "HDF5");
      this.file.judge.spendSteps(count, "HDF5");
      const column = new Uint8Array(count * own.size);
      for (let index = 0; index < count; index += 1) {
        const from = index * type.size + at;
        column.set(data.subarray(from, from + own.size), index * own.size);
      }
      return [text(name), this.read(own, shape, column, depth + 1)];
    });
    return dictionary("compound", columns, true);
  }

  #element(type: Hdf5Type, data: Uint8Array, depth: number): Node {
    this.file.judge.spendSteps(10, "HDF5");
    if (type.kind === "string") return said(data);
    const cursor = new Cursor(data);
    if (type.kind === "reference") return scalar("reference", this.#named(cursor));
    const length = cursor.u32();
    const held = this.#object(cursor);
    const base = type.base;
    if (type.kind === "text" && length <= held.length) return said(held.subarray(0, length));
    if (base === undefined || length * base.size > held.length) throw new Unreadable("HDF5: a sequence ends early");
    return this.read(base, [length], held.subarray(0, length * base.size), depth + 1);
  }

  #named(cursor: Cursor): string {
    const place = address(cursor);
    if (place === null || place === 0) return "nothing";
    const path = this.pathOf(place);
    if (path === undefined) throw new Unreadable("HDF5: a reference to nothing");
    return path;
  }

  /** What lies in a global heap under a number. */
  #object(cursor: Cursor): Uint8Array {
    const [place, index] = [address(cursor), cursor.u32()];
    if (place === null || place === 0) return new Uint8Array(0);
    let heap = this.#heaps.get(place);
    if (heap === undefined) {
      heap = this.#heap(place);
      this.#heaps.set(place, heap);
    }
    const found = heap.get(index);
    if (found === undefined) throw new Unreadable("HDF5: nothing under a number of a heap");
    this.file.judge.spendBytes(found.length, "HDF5");
    return found;
  }

  #heap(place: number): Map<number, Uint8Array> {
    const head = this.file.at(place);
    expectMark(head, "GCOL");
    head.take(4);
    const size = head.u64();
    const cursor = this.file.block(place, size);
    cursor.take(16);
    const objects = new Map<number, Uint8Array>();
    while (cursor.left >= 16) {
      this.file.judge.spendSteps(5, "HDF5");
      const index = cursor.u16();
      cursor.take(6);
      const length = cursor.u64();
      if (index === 0) break; // the rest is free
      objects.set(index, cursor.take(length));
      cursor.take(Math.min(cursor.left, (8 - (length % 8)) % 8));
    }
    return objects;
  }
}

/** A text ends at its first NUL; what may follow is padding. */
function said(bytes: Uint8Array): Node {
  const end = bytes.indexOf(0);
  const shown = end < 0 ? bytes : bytes.subarray(0, end);
  const rest = end < 0 ? bytes.subarray(bytes.length) : bytes.subarray(end);
  if (rest.some((byte) => byte !== 0)) return { kind: "bytes", type: "text with NUL", bytes };
  const read = utf8Of(shown);
  return read === null ? text(latin1(shown), "text that is not UTF-8") : textOfModel(read);
}
