import { readerOf } from "../array/element.ts";
import { wholeOf } from "../source.ts";
import { globalOf, type Node, scalar } from "../tree/node.ts";

export interface DType {
  /** With byte order, as in an npy header: `<f8`. */
  readonly name: string;
  readonly size: number;
  readonly object: boolean;
}

/** Reads a pickled numpy.dtype: a call with its short name, and a state with byte order, fields and size. */
export function dtypeOf(node: Node | undefined): DType | null {
  if (node?.kind !== "call" || globalOf(node.of) !== "numpy.dtype" || node.args.kind !== "list") return null;
  const [first] = node.args.items;
  if (first?.kind !== "text") return null;
  const state = node.state[0];
  const parts = state?.kind === "list" ? state.items : [];
  const order = parts[1]?.kind === "text" ? parts[1].text : "<";
  const short = /^([?bBhHiIlLqQefdgFDGSUVOMm])$|^([biufcSUVOMm])(\d+)$/.exec(first.text);
  if (short === null) return null;
  const kind = short[2] ?? short[1] ?? "";
  if (kind === "O") return { name: "O", size: 0, object: true };
  const written = parts[5];
  const stated = written?.kind === "scalar" ? (written.value ?? -1) : -1;
  const size = kind === "U" ? Number(short[3]) * 4 : short[3] === undefined ? stated : Number(short[3]);
  const real = kind === "V" && stated > 0 ? stated : size;
  // Fields of records are compared with the state; here they only matter when one of them is an object.
  if (real <= 0 || holdsObject(state, 0)) return null;
  return { name: `${order}${first.text}`, size: real, object: false };
}

function holdsObject(node: Node | undefined, depth: number): boolean {
  if (node === undefined || depth > 8) return depth > 8;
  if (node.kind === "text") return node.text === "O8" || node.text === "O";
  if (node.kind === "list") return node.items.some((item) => holdsObject(item, depth + 1));
  if (node.kind === "dictionary") return node.entries.some(([, value]) => holdsObject(value, depth + 1));
  if (node.kind === "call")
    return holdsObject(node.args, depth + 1) || node.state.some((part) => holdsObject(part, depth + 1));
  return false;
}

/**
 * Turns the bits in the state of pickled arrays and scalars into array nodes, so that a difference is told by element
 * and distance. Anything unusual stays as it is and is compared part by part.
 */
export function showArrays(root: Node): void {
  const open: Node[] = [root];
  const met = new Set<Node>();
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (met.has(node)) continue;
    met.add(node);
    if (node.kind === "list") open.push(...node.items);
    else if (node.kind === "dictionary") for (const [key, value] of node.entries) open.push(key, value);
    else if (node.kind === "call") {
      reconstruct(node.state[0], globalOf(node.of));
      fromBuffer(node, globalOf(node.of));
      open.push(node.of, node.args, ...node.state, ...node.items);
      for (const [key, value] of node.entries) open.push(key, value);
    }
  }
}

/** State of numpy's _reconstruct: (version, shape, dtype, is Fortran, bytes). */
function reconstruct(state: Node | undefined, what: string): void {
  if (what !== "numpy.core.multiarray._reconstruct" || state?.kind !== "list" || state.items.length !== 5) return;
  const [, shape, type, fortran, data] = state.items;
  replace(state.items, 4, type, shape, fortran?.kind === "scalar" && fortran.text === "True" ? "F" : "C", data);
}

/** Protocol 5: _frombuffer(bytes, dtype, shape, order). */
function fromBuffer(node: Node, what: string): void {
  if (node.kind !== "call" || node.args.kind !== "list") return;
  const { items } = node.args;
  if (what === "numpy.core.numeric._frombuffer" && items.length === 4) {
    const order = items[3];
    replace(items, 0, items[1], items[2], order?.kind === "text" && order.text === "F" ? "F" : "C", items[0]);
  } else if (what === "numpy.core.multiarray.scalar" && items.length === 2) {
    const number = scalarOf(items[0], items[1]);
    if (number !== null) items[1] = number;
  }
}

/** A NumPy number as a plain one, with its bits: only a name may then excuse it (key.ts). */
function scalarOf(type: Node | undefined, data: Node | undefined): Node | null {
  const dtype = dtypeOf(type);
  const reader = dtype === null ? null : readerOf(dtype.name);
  if (dtype === null || reader === null || data?.kind !== "bytes" || data.bytes.length !== reader.size) return null;
  const bytes = wholeOf(data.bytes);
  const value = reader.read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
  const shown = Number.isNaN(Number(value))
    ? `NaN:${Buffer.from(bytes).toString("hex")}`
    : Object.is(value, -0)
      ? "-0"
      : String(value);
  return scalar(`numpy ${dtype.name}`, shown, Number(value));
}

function replace(
  items: Node[],
  at: number,
  type: Node | undefined,
  shape: Node | undefined,
  order: "C" | "F",
  data: Node | undefined,
): void {
  const dtype = dtypeOf(type);
  if (dtype === null || dtype.object || data?.kind !== "bytes" || shape?.kind !== "list") return;
  const lengths = shape.items.map((item) => (item.kind === "scalar" ? (item.value ?? -1) : -1));
  const count = lengths.reduce((product, length) => product * length, 1);
  if (lengths.some((length) => length < 0) || count * dtype.size !== data.bytes.length) return;
  items[at] = { kind: "array", array: { dtype: dtype.name, shape: lengths, order, data: data.bytes } };
}
