import { compareArrays } from "../array/dtype.ts";
import type { ArrayData } from "../array/element.ts";
import { Cursor, latin1, utf8Of } from "../bytes.ts";
import { type Difference, differentNames, differs, type Judge, within } from "../comparison.ts";
import type { Data } from "../source.ts";
import { compareTrees } from "../tree/compare.ts";
import { dictionary, list, type Node, scalar, text } from "../tree/node.ts";
import { Unreadable, Unseen } from "../unseen.ts";
import { exactNumber, textOfModel } from "./exact.ts";
import { compareBlocks, GGML, type GgmlType } from "./ggml.ts";

interface Tensor {
  readonly type: GgmlType;
  readonly array: ArrayData;
}

interface Model {
  readonly version: number;
  readonly about: Node;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

const DEPTH = 8;
const MOST_DIRECTIONS = 8;
/** What a value in the metadata is, by its number in the file: name, and size where it is a number. */
const VALUES: readonly (readonly [string, number])[] = [
  ["u1", 1],
  ["i1", 1],
  ["u2", 2],
  ["i2", 2],
  ["u4", 4],
  ["i4", 4],
  ["f4", 4],
  ["b1", 1],
  ["string", 0],
  ["array", 0],
  ["u8", 8],
  ["i8", 8],
  ["f8", 8],
];

/** Compares models of GGUF by key and by tensor. Where they stand in the file says nothing of the model. */
export function compareGguf(a: Data, b: Data, judge: Judge): Difference | null {
  const left = readGguf(a, judge);
  const right = readGguf(b, judge);
  judge.setAside("GGUF: order of keys and tensors, padding");
  if (left.version !== right.version) return differs("GGUF version", String(left.version), String(right.version));
  const names = (model: Model): string[] => [...model.tensors.keys()].toSorted();
  const apart = differentNames("names of tensors", names(left), names(right));
  if (apart !== null) return apart;
  const about = within("metadata", compareTrees(left.about, right.about, judge));
  if (about !== null) return about;
  for (const [name, tensor] of left.tensors) {
    const other = right.tensors.get(name);
    const difference = other === undefined ? null : compareTensors(tensor, other);
    if (difference !== null) return within(`tensor ${name}`, difference);
  }
  return null;
}

function compareTensors(a: Tensor, b: Tensor): Difference | null {
  if (a.type === b.type && a.type.block > 1 && a.array.shape.join() === b.array.shape.join())
    return compareBlocks(a.array.data, b.array.data, a.type);
  return compareArrays(a.array, b.array);
}

function readGguf(bytes: Data, judge: Judge): Model {
  const cursor = new Cursor(bytes);
  cursor.take(4);
  const version = cursor.u32();
  if (version !== 2 && version !== 3) throw new Unseen(`GGUF: version ${version} is not known`);
  const tensors = cursor.u64();
  const about = readAbout(cursor, cursor.u64(), judge);
  const infos = readInfos(cursor, tensors, judge);
  return { version, about, tensors: placed(cursor, infos, alignmentOf(about)) };
}

function readAbout(cursor: Cursor, count: number, judge: Judge): Node {
  const entries: [Node, Node][] = [];
  const met = new Set<string>();
  for (let index = 0; index < count; index += 1) {
    judge.spendSteps(5, "GGUF");
    const key = string(cursor);
    if (met.has(key)) throw new Unreadable(`GGUF: key ${key} twice`);
    met.add(key);
    entries.push([text(key), value(cursor, cursor.u32(), judge, 0)]);
  }
  return dictionary("metadata", entries, false);
}

function value(cursor: Cursor, type: number, judge: Judge, depth: number): Node {
  const [name, size] = VALUES[type] ?? ["", 0];
  if (name === "") throw new Unseen(`GGUF: metadata of type ${type} is not known`);
  if (name === "string") return textOfModel(string(cursor));
  if (name === "array") return array(cursor, judge, depth + 1);
  return exactNumber(name, cursor.take(size));
}

function array(cursor: Cursor, judge: Judge, depth: number): Node {
  if (depth > DEPTH) throw new Unreadable("GGUF: arrays nested too deep");
  const type = cursor.u32();
  const count = cursor.u64();
  const [name, size] = VALUES[type] ?? ["", 0];
  if (size > 0)
    return { kind: "array", array: { dtype: name, shape: [count], order: "C", data: cursor.span(count * size) } };
  const items: Node[] = [];
  for (let index = 0; index < count; index += 1) {
    judge.spendSteps(5, "GGUF");
    // The words of a vocabulary: each is content as it stands, also one that looks like a path or a time.
    items.push(name === "string" ? scalar("str", string(cursor)) : value(cursor, type, judge, depth));
  }
  return list(`array of ${name}`, items);
}

/** UTF-8 by the format; other bytes are kept one by one. */
function string(cursor: Cursor): string {
  const bytes = cursor.take(cursor.u64());
  return utf8Of(bytes) ?? `\u0000not UTF-8: ${latin1(bytes)}`;
}

function alignmentOf(about: Node): number {
  const entries = about.kind === "dictionary" ? about.entries : [];
  const found = entries.find(([key]) => key.kind === "text" && key.text === "general.alignment")?.[1];
  const data = found?.kind === "array" && found.array.dtype === "u4" ? found.array.data : Uint8Array.of(32, 0, 0, 0);
  const alignment = new Cursor(data).u32();
  if (alignment < 1 || alignment > 2 ** 20) throw new Unreadable("GGUF: an alignment that is none");
  return alignment;
}

interface Info {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: GgmlType;
  readonly from: number;
  readonly size: number;
}

function readInfos(cursor: Cursor, count: number, judge: Judge): Info[] {
  const infos: Info[] = [];
  for (let index = 0; index < count; index += 1) {
    judge.spendSteps(5, "GGUF");
    const name = string(cursor);
    const directions = cursor.u32();
    if (directions > MOST_DIRECTIONS) throw new Unreadable(`GGUF: tensor ${name} of ${directions} directions`);
    const lengths = Array.from({ length: directions }, () => cursor.u64());
    const number = cursor.u32();
    const type = GGML[number];
    if (type === undefined) throw new Unseen(`GGUF: tensor ${name} has the type ${number}, which is not known`);
    if ((lengths[0] ?? 1) % type.block !== 0) throw new Unreadable(`GGUF: tensor ${name} ends within a block`);
    const elements = lengths.reduce((product, length) => product * length, 1);
    // The fastest direction comes first in the file; told as NumPy tells it.
    infos.push({ name, shape: lengths.reverse(), type, from: cursor.u64(), size: (elements / type.block) * type.size });
  }
  return infos;
}

/** Each tensor in the place it names. All bytes must belong to one, or be zeros up to the next. */
function placed(cursor: Cursor, infos: readonly Info[], alignment: number): Map<string, Tensor> {
  const padding = (to: number, limit: number): void => {
    const gap = cursor.take(to - cursor.at);
    if (gap.length >= limit || gap.some((byte) => byte !== 0))
      throw new Unreadable("GGUF: bytes that belong to nothing");
  };
  const up = (at: number): number => Math.ceil(at / alignment) * alignment;
  const start = infos.length === 0 ? cursor.at : up(cursor.at);
  const tensors = new Map<string, Tensor>();
  for (const { name, shape, type, from, size } of infos.toSorted((a, b) => a.from - b.from || a.size - b.size)) {
    if (tensors.has(name)) throw new Unreadable(`GGUF: tensor ${name} twice`);
    padding(start + from, alignment);
    const data = cursor.span(size);
    tensors.set(name, { type, array: { dtype: type.name, shape, order: "C", data } });
  }
  padding(cursor.length, alignment + 1);
  return tensors;
}
