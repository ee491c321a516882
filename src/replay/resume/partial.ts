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

/**
 * A log that was begun anew has the end of the whole one; one that was written on has all of it, and some lines twice: it
 * begins like the whole one and ends like it, and no line is between.
 */
function logs(a: readonly string[], b: readonly string[], share: number, sides: Sides): boolean {
  const same = (x: readonly string[], y: readonly string[]): boolean =>
    x.length === y.length && compareText(x, y, sides).agree;
  if (b.length < a.length)
    return same(a.slice(-b.length), b) || (a[0] === b[0] && same(a.slice(1 - b.length), b.slice(1)));
  if (b.length === a.length) return false;
  const line = (x = "", y = ""): boolean => x === y || same([x], [y]);
  const first = a.findIndex((one, i) => !line(one, b[i]));
  const last = a.length - 1 - a.findLastIndex((one, i) => !line(one, b[i - a.length + b.length]));
  if (last > 0 && (first === -1 || first + last >= a.length)) return true;
  // What a line alone does not tell: the widths of a table.
  const count = Math.max(1, Math.floor(a.length * share));
  const before = a.length - count;
  return same(a.slice(before), b.slice(-count)) && same(a.slice(0, before), b.slice(0, before));
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
