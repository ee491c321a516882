import type { ArrayData } from "../array/element.ts";
import type { Cursor } from "../bytes.ts";
import type { Judge } from "../comparison.ts";
import { type Call, globalOf, list, type Node } from "../tree/node.ts";
import { Unreadable } from "../unseen.ts";
import { readPickle } from "./machine.ts";
import { dtypeOf } from "./numpy.ts";

/**
 * joblib puts the bits of an array right behind the place holder's state, outside the pickle's own framing: one byte
 * with the number of padding bytes (since 1.3), the padding, the data; arrays of objects as a pickle of their own.
 */
export function afterWrapper(judge: Judge): (object: Node, cursor: Cursor) => Node | null {
  return (object, cursor) => {
    if (object.kind !== "call" || wrapper(object) === null) return null;
    const field = fieldsOf(object);
    const dtype = dtypeOf(field("dtype"));
    if (dtype === null) throw new Unreadable("joblib: an array of unknown type");
    if (dtype.object) return readPickle(cursor, judge, afterWrapper(judge));
    const alignment = field("numpy_array_alignment_bytes");
    if (alignment?.kind === "scalar" && alignment.type === "int") cursor.take(cursor.u8());
    const shape = shapeOf(field("shape"));
    const count = shape.reduce((product, length) => product * length, 1);
    const order = field("order");
    const data = cursor.span(count * dtype.size);
    const array: ArrayData = {
      dtype: dtype.name,
      shape,
      order: order?.kind === "text" && order.text === "F" ? "F" : "C",
      data,
    };
    return { kind: "array", array };
  };
}

/** `NumpyArrayWrapper` is made by NEWOBJ, or by copyreg with the class as the first argument. */
function wrapper(object: Call): true | null {
  const args = object.args.kind === "list" ? object.args.items : [];
  const names = [globalOf(object.of), globalOf(args[0])];
  return names.includes("joblib.numpy_pickle.NumpyArrayWrapper") ? true : null;
}

function fieldsOf(object: Call): (name: string) => Node | undefined {
  const state = object.state.at(-1);
  if (state?.kind !== "dictionary") throw new Unreadable("joblib: an array without description");
  return (name) => state.entries.find(([key]) => key.kind === "text" && key.text === name)?.[1];
}

function shapeOf(node: Node | undefined): number[] {
  const items = node?.kind === "list" ? node : list("tuple", []);
  return items.items.map((item) => {
    const length = item.kind === "scalar" ? (item.value ?? -1) : -1;
    if (!Number.isSafeInteger(length) || length < 0) throw new Unreadable("joblib: an array without shape");
    return length;
  });
}
