import type { Stats } from "node:fs";
import type { Look } from "../hashing/hash-share.ts";

/**
 * What a file looks like from outside. Equal stamps mean equal content, except for a change within the clock's grain of
 * the moment when it was read (see settledBefore) and for writers that keep a file mapped.
 */
export const stampOf = (stat: Look): string => `${stat.size}:${stat.mtimeMs}:${stat.ctimeMs}:${stat.ino}:${stat.dev}`;

/**
 * Whether a file was last changed so long before a moment that a change after it must show in its times: the kernel's
 * clock for files ticks every 10 ms at worst, that of some file systems every two seconds, and then shows whole seconds.
 */
export function settledBefore(stat: Stats, moment: number): boolean {
  const coarse = stat.mtimeMs % 1000 === 0 && stat.ctimeMs % 1000 === 0;
  return Math.max(stat.mtimeMs, stat.ctimeMs) < moment - (coarse ? 2_000 : 20);
}
