import { differentBytes } from "../array/dtype.ts";
import { Cursor, equalBytes } from "../bytes.ts";
import type { Difference, Judge } from "../comparison.ts";
import { Unreadable } from "../unseen.ts";
import { differentPixels, type Pixels } from "./pixels.ts";

/** Compares bitmaps by their pixels, where these are not packed; the bytes that fill up lines are no content. */
export function compareBmps(a: Uint8Array, b: Uint8Array, judge: Judge): Difference | null {
  const [left, right] = [pixelsOf(a, judge), pixelsOf(b, judge)];
  if (!equalBytes(left.header, right.header)) return differentBytes(a, b);
  judge.setAside("BMP: what fills up lines");
  return equalBytes(left.pixels, right.pixels) ? null : differentPixels(left, right);
}

function pixelsOf(bytes: Uint8Array, judge: Judge): Pixels & { readonly header: Uint8Array } {
  const cursor = new Cursor(bytes);
  cursor.take(10);
  const start = cursor.u32();
  cursor.take(4);
  const [width, signed, , bits, packed] = [cursor.i32(), cursor.i32(), cursor.u16(), cursor.u16(), cursor.u32()];
  const height = Math.abs(signed);
  if ((bits !== 24 && bits !== 32) || packed !== 0 || width < 1 || height < 1)
    throw new Unreadable("BMP: pixels of another kind");
  const size = bits / 8;
  const stride = width * size;
  const line = Math.ceil(stride / 4) * 4;
  if (start < 54 || start + line * height !== bytes.length) throw new Unreadable("BMP: of another length than stated");
  judge.spendBytes(stride * height, "BMP");
  const pixels = new Uint8Array(stride * height);
  for (let y = 0; y < height; y += 1) {
    const from = start + y * line;
    // Lines go up, unless the height is negative.
    pixels.set(bytes.subarray(from, from + stride), (signed > 0 ? height - 1 - y : y) * stride);
  }
  return { pixels, stride, size, header: bytes.subarray(0, start) };
}
