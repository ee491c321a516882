import { compareText, type Origin } from "#content";

type Sides = { readonly a: Origin; readonly b: Origin };

/** What loggers keep in a form of their own: their numbers were compared as metrics. */
const LOGGER = /(^|\/)(mlruns|wandb|tensorboard|aim|\.aim)\/|tfevents/;
const LINES = /\.(log|txt|csv|tsv|jsonl|ndjson|out|err)$/i;

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The same JSON but that lists have only their end: a history of the second part. */
function endsLike(a: unknown, b: unknown): boolean {
  if (isEqual(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return b.length > 0 && b.length < a.length && isEqual(a.slice(a.length - b.length), b);
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [x, y] = [Object.entries(a), new Map(Object.entries(b))];
  return x.length === y.size && x.every(([name, value]) => y.has(name) && endsLike(value, y.get(name)));
}

const linesOf = (bytes: Uint8Array): string[] => new TextDecoder().decode(bytes).replace(/\n$/, "").split("\n");

/** A log that was begun anew has the end of the whole one; one that was written on has all of it, and some lines twice. */
function logs(a: readonly string[], b: readonly string[], share: number, sides: Sides): boolean {
  const same = (count: number, from: number): boolean =>
    count > 0 && compareText(a.slice(a.length - count), b.slice(from), sides).agree;
  if (b.length < a.length) return same(b.length, 0) || (a[0] === b[0] && same(b.length - 1, 1));
  const count = Math.max(1, Math.floor(a.length * share));
  return b.length > a.length && same(count, b.length - count);
}

/**
 * Why a file that differs says nothing about what was trained: it is the log of a run in two parts. `share`: how much of the
 * training was left. Null where it is no such file.
 */
export function partOfLog(path: string, a: Uint8Array, b: Uint8Array, share: number, sides: Sides): string | null {
  if (LOGGER.test(path)) return `a logger's own file: ${path}`;
  if (LINES.test(path) && logs(linesOf(a), linesOf(b), share, sides)) return `a log in two parts: ${path}`;
  if (!/\.json$/i.test(path)) return null;
  try {
    const text = new TextDecoder();
    return endsLike(JSON.parse(text.decode(a)), JSON.parse(text.decode(b)))
      ? `a history of the second part: ${path}`
      : null;
  } catch {
    return null;
  }
}

export const isLoggers = (path: string): boolean => LOGGER.test(path);
