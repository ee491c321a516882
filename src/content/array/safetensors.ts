import { Cursor, utf8Of } from "../bytes.ts";
import { type Difference, differentNames, type Judge, within } from "../comparison.ts";
import { type Data, part } from "../source.ts";
import { compareTrees } from "../tree/compare.ts";
import { readJson } from "../tree/json.ts";
import { dictionary, type Node } from "../tree/node.ts";
import { Unreadable } from "../unseen.ts";
import { compareArrays } from "./dtype.ts";
import type { ArrayData } from "./element.ts";

interface Tensors {
  readonly about: Node;
  readonly tensors: ReadonlyMap<string, ArrayData>;
}

/** Compares tensors by name: order and padding of the header and the places of the data aside. */
export function compareSafetensors(a: Data, b: Data, judge: Judge): Difference | null {
  const left = readSafetensors(a);
  const right = readSafetensors(b);
  judge.setAside("safetensors: order of keys and padding of the header");
  const names = ({ tensors }: Tensors): string[] => [...tensors.keys()].toSorted();
  const others = differentNames("names of tensors", names(left), names(right));
  if (others !== null) return others;
  for (const [name, tensor] of left.tensors) {
    const other = right.tensors.get(name);
    const difference = other === undefined ? null : compareArrays(tensor, other);
    if (difference !== null) return within(`tensor ${name}`, difference);
  }
  return within("__metadata__", compareTrees(left.about, right.about, judge));
}

/** Whether the first eight bytes are the length of a header that follows. */
export function isSafetensors(bytes: Uint8Array, length: number): boolean {
  if (bytes.length < 10 || bytes[8] !== 0x7b) return false;
  const header = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  return header <= length - 8;
}

function readSafetensors(bytes: Data): Tensors {
  const cursor = new Cursor(bytes);
  const header = readJson(utf8Of(cursor.take(cursor.u64())) ?? "");
  const data = cursor.span(cursor.left);
  if (header.kind !== "dictionary") throw new Unreadable("safetensors: no header");
  const tensors = new Map<string, ArrayData>();
  let about: Node = dictionary("object", [], false);
  const spans: (readonly [number, number])[] = [];
  for (const [key, value] of header.entries) {
    const name = key.kind === "text" ? key.text : "";
    if (name === "__metadata__") about = value;
    else {
      if (tensors.has(name)) throw new Unreadable("safetensors: a name twice");
      const [from, to] = numbers(member(value, "data_offsets"));
      const dtype = member(value, "dtype");
      if (from === undefined || to === undefined || dtype?.kind !== "text" || from > to || to > data.length)
        throw new Unreadable(`safetensors: tensor ${name} has no place`);
      spans.push([from, to]);
      tensors.set(name, {
        dtype: dtype.text,
        shape: numbers(member(value, "shape")),
        order: "C",
        data: part(data, from, to),
      });
    }
  }
  let end = 0;
  for (const [from, to] of spans.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (from !== end) throw new Unreadable("safetensors: tensors with gaps or overlaps");
    end = to;
  }
  if (end !== data.length) throw new Unreadable("safetensors: bytes that belong to no tensor");
  return { about, tensors };
}

function member(node: Node, name: string): Node | undefined {
  if (node.kind !== "dictionary") return undefined;
  return node.entries.find(([key]) => key.kind === "text" && key.text === name)?.[1];
}

function numbers(node: Node | undefined): number[] {
  if (node?.kind !== "list") throw new Unreadable("safetensors: no list of numbers");
  return node.items.map((item) => {
    if (item.kind !== "scalar" || !/^\d+$/.test(item.text)) throw new Unreadable("safetensors: no number");
    return Number(item.text);
  });
}
