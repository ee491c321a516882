import { type Stats, utimesSync } from "node:fs";
import { systemCode } from "../failure.ts";

/** An object that is put again counts as new for gc; more often than this it is not marked. */
export const FRESH_MS = 10 * 60_000;

/** Marks a stored file as new, by its mtime. False: gc has just taken it away. */
export function markFresh(path: string, stat: Stats): boolean {
  const now = Date.now();
  if (Math.abs(now - stat.mtimeMs) <= FRESH_MS) return true;
  try {
    utimesSync(path, now / 1000, now / 1000);
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}
