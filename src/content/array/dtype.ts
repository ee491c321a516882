import { type Difference, differs } from "../comparison.ts";
import { type Data, equalData, firstApart, readData } from "../source.ts";
import { apartOf } from "./apart.ts";
import { type ArrayData, readerOf } from "./element.ts";

/** The first difference of two arrays, with the largest distance between their numbers. */
export function compareArrays(a: ArrayData, b: ArrayData): Difference | null {
  if (a.dtype !== b.dtype) return differs("type of the elements", a.dtype, b.dtype);
  if (a.shape.join() !== b.shape.join()) return differs("shape", `[${a.shape.join(", ")}]`, `[${b.shape.join(", ")}]`);
  if (a.order !== b.order && a.shape.filter((length) => length > 1).length > 1)
    return differs("memory order", a.order, b.order);
  return compareData(a, b);
}

function compareData(a: ArrayData, b: ArrayData): Difference | null {
  const reader = readerOf(a.dtype);
  if (reader === null || a.data.length !== b.data.length || a.data.length % reader.size !== 0)
    return equalData(a.data, b.data) ? null : differentBytes(a.data, b.data);
  const found = apartOf(a, b, reader);
  if (found === null) return null;
  const { ulps, relative, count, distance } = found;
  const exact = ulps < 1e6 ? ulps : ulps.toExponential(1);
  const far = reader.float
    ? `, by up to ${exact} ulp${relative > 0 ? `, relative ${relative.toExponential(1)}` : ""}`
    : "";
  const where = `element ${position(found.first, a)} (${count} of ${a.data.length / reader.size} differ${far})`;
  return differs(where, found.a, found.b, Number.isFinite(distance) ? distance : null);
}

function position(index: number, { shape, order }: ArrayData): string {
  if (shape.length < 2) return `[${index}]`;
  const indices: number[] = [];
  let rest = index;
  for (const length of order === "C" ? shape.toReversed() : shape) {
    indices.push(rest % length);
    rest = Math.floor(rest / length);
  }
  return `[${(order === "C" ? indices.toReversed() : indices).join(", ")}]`;
}

/** Where two byte strings part. */
export function differentBytes(a: Data, b: Data): Difference {
  const found = firstApart(a, b);
  const at = found < 0 ? Math.min(a.length, b.length) : found;
  const shown = (data: Data): string => {
    const some = Buffer.from(readData(data, at, Math.min(data.length, at + 16))).toString("hex");
    return `${some === "" ? "end" : some} (${data.length} bytes)`;
  };
  return differs(`byte ${at}`, shown(a), shown(b));
}
