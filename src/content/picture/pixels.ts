import { type Difference, differs } from "../comparison.ts";

/** Pixels line by line, each of some bytes. */
export interface Pixels {
  readonly pixels: Uint8Array;
  /** Bytes of a line. */
  readonly stride: number;
  /** Bytes of a pixel; of those smaller than a byte, one. */
  readonly size: number;
}

/** The first pixel that differs, how many do, and the largest distance of one of their values. */
export function differentPixels(a: Pixels, b: Pixels): Difference {
  let first = -1;
  let count = 0;
  let distance = 0;
  for (let at = 0; at < a.pixels.length; at += a.size) {
    let gap = 0;
    for (let offset = at; offset < at + a.size; offset += 1)
      gap = Math.max(gap, Math.abs((a.pixels[offset] ?? 0) - (b.pixels[offset] ?? 0)));
    if (gap === 0) continue;
    if (first < 0) first = at;
    count += 1;
    distance = Math.max(distance, gap);
  }
  const y = Math.floor(first / a.stride);
  const x = Math.floor((first % a.stride) / a.size);
  const shown = ({ pixels }: Pixels): string => [...pixels.subarray(first, first + a.size)].join(", ");
  return differs(`pixel ${x}, ${y} (${count} differ)`, shown(a), shown(b), distance);
}
