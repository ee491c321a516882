import { type Call, globalOf, type Node, scalar } from "../tree/node.ts";

/** A storage of torch as an object names it. */
export interface StorageUse {
  /** How many storages the object names before it. */
  readonly place: number;
  /** Such as FloatStorage. */
  readonly type: string;
  /** The keys that lead to its first use: `state.w`. */
  readonly path: string;
  /** Of the tensor that fills it in memory order; null where it is used in another way. */
  readonly shape: readonly number[] | null;
}

/** Finds the storages an object names, by their keys, in the order in which it names them. */
export function storagesOf(root: Node): Map<string, StorageUse> {
  return walk(root, () => {});
}

/** The same, and each key gives way to its place: in old files the keys are memory addresses. */
export function nameStorages(root: Node): Map<string, StorageUse> {
  return walk(root, (reference, place) => {
    reference[2] = scalar("storage", String(place));
  });
}

function walk(root: Node, rename: (reference: Node[], place: number) => void): Map<string, StorageUse> {
  const named = new Map<string, StorageUse>();
  const met = new Set<Node>();
  const shapes = new Map<Node, readonly number[]>();
  const open: { node: Node; path: string }[] = [{ node: root, path: "" }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, path } = next;
    if (met.has(node)) continue;
    met.add(node);
    if (node.kind === "call" && globalOf(node.of) === "torch._utils._rebuild_tensor_v2") filling(node, shapes);
    if (node.kind === "call" && globalOf(node.of) === "<persistent>" && node.args.kind === "list") {
      const [tag, type, key] = node.args.items;
      if (tag?.kind === "text" && tag.text === "storage" && key?.kind === "text") {
        const own = { place: named.size, type: globalOf(type).replace(/^torch\./, ""), path };
        const use = named.get(key.text) ?? { ...own, shape: shapes.get(node) ?? null };
        named.set(key.text, use);
        rename(node.args.items, use.place);
      }
    }
    open.push(...childrenOf(node, path).toReversed());
  }
  return named;
}

/** Arguments: storage, offset, size, stride. */
function filling(node: Call, shapes: Map<Node, readonly number[]>): void {
  const [storage, offset, size, stride] = node.args.kind === "list" ? node.args.items : [];
  if (storage?.kind !== "call" || storage.args.kind !== "list" || offset?.kind !== "scalar" || offset.text !== "0")
    return;
  const [shape, steps] = [numbersIn(size), numbersIn(stride)];
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    if (shape[axis] !== 1 && steps[axis] !== step) return;
    step *= shape[axis] ?? 1;
  }
  const count = storage.args.items[4];
  if (count?.kind === "scalar" && count.value === step && shape.length > 0) shapes.set(storage, shape);
}

const numbersIn = (node: Node | undefined): number[] =>
  node?.kind === "list" ? node.items.map((item) => (item.kind === "scalar" ? (item.value ?? -1) : -1)) : [];

function childrenOf(node: Node, path: string): { node: Node; path: string }[] {
  const at = (child: Node): { node: Node; path: string } => ({ node: child, path });
  if (node.kind === "list") return node.items.map(at);
  const entries = node.kind === "dictionary" || node.kind === "call" ? node.entries : [];
  const members = entries.flatMap(([key, value]) => [at(key), { node: value, path: join(path, key) }]);
  return node.kind === "call" ? [node.of, node.args, ...node.state, ...node.items].map(at).concat(members) : members;
}

function join(path: string, key: Node): string {
  const own = key.kind === "text" || key.kind === "scalar" ? key.text : "?";
  return path === "" ? own : `${path}.${own}`;
}
