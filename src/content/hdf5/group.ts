import { Cursor, latin1, utf8Of } from "../bytes.ts";
import { Unreadable, Unseen } from "../unseen.ts";
import { address, expectMark, type Hdf5File, unsigned } from "./file.ts";
import { MESSAGE, type Message } from "./header.ts";

/** What a name in a group leads to: an object at a place, or words that lead on. */
export interface Link {
  readonly name: string;
  readonly place: number | null;
  readonly words: string;
}

const LEVELS = 40;

/** The links of a group in the order of their names; null for an object that is no group. */
export function linksOf(file: Hdf5File, messages: readonly Message[]): Link[] | null {
  const table = messages.find(({ type }) => type === MESSAGE.group);
  const info = messages.find(({ type }) => type === MESSAGE.linkInfo);
  if (table === undefined && info === undefined) return null;
  const links = messages.filter(({ type }) => type === MESSAGE.link).map(({ bytes }) => linkIn(new Cursor(bytes)));
  if (table !== undefined) links.push(...linksIn(file, new Cursor(table.bytes)));
  if (info !== undefined) refuseDense(info.bytes, 8, "links of a group");
  const names = new Set(links.map(({ name }) => name));
  if (names.size !== links.length) throw new Unreadable("HDF5: a name twice in a group");
  return links.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Many links or attributes in one object of the newer format lie in a heap of their own, which is not read yet. */
export function refuseDense(bytes: Uint8Array, orderSize: number, what: string): void {
  const cursor = new Cursor(bytes);
  cursor.u8();
  if ((cursor.u8() & 1) !== 0) cursor.take(orderSize);
  if (address(cursor) !== null) throw new Unseen(`HDF5: many ${what} in dense storage are not read in this version`);
}

function linkIn(cursor: Cursor): Link {
  const version = cursor.u8();
  if (version !== 1) throw new Unseen(`HDF5: link of version ${version} is not known`);
  const flags = cursor.u8();
  const type = (flags & 8) === 0 ? 0 : cursor.u8();
  cursor.take(((flags & 4) === 0 ? 0 : 8) + ((flags & 16) === 0 ? 0 : 1));
  const name = string(cursor.take(unsigned(cursor, 1 << (flags & 3))));
  if (type === 0) return { name, place: placeOf(cursor), words: "" };
  const words = string(cursor.take(cursor.u16()));
  return { name, place: null, words: `link of type ${type} to ${words}` };
}

function linksIn(file: Hdf5File, table: Cursor): Link[] {
  const [tree, heap] = [placeOf(table), placeOf(table)];
  const head = file.at(heap);
  expectMark(head, "HEAP");
  head.take(4);
  const size = head.u64();
  head.take(8);
  const names = file.block(placeOf(head), size);
  const nameAt = (offset: number): string => {
    const from = names.bytes.subarray(offset);
    const end = from.indexOf(0);
    if (end < 0) throw new Unreadable("HDF5: a name without end");
    return string(from.subarray(0, end));
  };
  const links: Link[] = [];
  for (const leaf of leavesOf(file, tree, 0, 8)) {
    const symbols = file.at(leaf.place);
    expectMark(symbols, "SNOD");
    symbols.take(2);
    for (let left = symbols.u16(); left > 0; left -= 1) {
      file.judge.spendSteps(5, "HDF5");
      const name = nameAt(symbols.u64());
      const place = address(symbols);
      const soft = symbols.u32() === 2;
      symbols.take(4);
      const words = soft ? `link of type 1 to ${nameAt(symbols.u32())}` : "";
      symbols.take(soft ? 12 : 16);
      if (!soft && place === null) throw new Unreadable("HDF5: a link to nowhere");
      links.push({ name, place: soft ? null : place, words });
    }
  }
  return links;
}

interface Leaf {
  readonly key: Uint8Array;
  readonly place: number;
}

/** What the leaves of a tree of the first version point to, each with the key before it. */
export function leavesOf(file: Hdf5File, root: number, kind: number, keySize: number): Leaf[] {
  const leaves: Leaf[] = [];
  const met = new Set<number>();
  const open: { place: number; level: number | null }[] = [{ place: root, level: null }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (met.has(next.place)) throw new Unreadable("HDF5: a tree with a ring");
    met.add(next.place);
    const node = file.at(next.place);
    expectMark(node, "TREE");
    if (node.u8() !== kind) throw new Unreadable("HDF5: a tree of another kind");
    const level = node.u8();
    if (level > LEVELS || (next.level !== null && level !== next.level - 1))
      throw new Unreadable("HDF5: a tree with crooked levels");
    const count = node.u16();
    node.take(16);
    for (let index = 0; index < count; index += 1) {
      file.judge.spendSteps(5, "HDF5");
      const key = node.take(keySize);
      const place = placeOf(node);
      if (level === 0) leaves.push({ key, place });
      else open.push({ place, level });
    }
  }
  return leaves;
}

function placeOf(cursor: Cursor): number {
  const place = address(cursor);
  if (place === null) throw new Unreadable("HDF5: a place that is none");
  return place;
}

const string = (bytes: Uint8Array): string => utf8Of(bytes) ?? `\u0000not UTF-8: ${latin1(bytes)}`;
