import { type DiffDetail, diffLines, diffRows } from "#compare";
import { compareBytes, type Origins, rowsIn } from "#content";
import { isUnknown, type Known } from "#record";

const MOST_TEXT = 4 * 1024 * 1024;
/** Formats that are text but say more when they are read. */
const READ = /\.(?:json|geojson|ipynb|svg)$/i;

function textOf(bytes: Uint8Array): string | null {
  if (bytes.length > MOST_TEXT || bytes.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Two texts in hunks; null when one is no text. A side that is not there is empty. */
export function textDetail(a: Uint8Array | null, b: Uint8Array | null): DiffDetail | null {
  const [x, y] = [a === null ? "" : textOf(a), b === null ? "" : textOf(b)];
  return x === null || y === null ? null : diffLines(x, y);
}

/** How the contents of a file of data differ, by the best reader that there is for it. */
export function contentDetail(name: string, a: Known<Uint8Array>, b: Known<Uint8Array>, origins: Origins): DiffDetail {
  if (isUnknown(a)) return { kind: "unread", reason: `A: ${a.unknown}` };
  if (isUnknown(b)) return { kind: "unread", reason: `B: ${b.unknown}` };
  const [x, y] = [rowsIn(name, a), rowsIn(name, b)];
  if (x !== null && y !== null) return diffRows(x, y);
  const text = READ.test(name) ? null : textDetail(a, b);
  if (text !== null) return text;
  const found = compareBytes(name, a, b, origins);
  if (found.incomplete !== undefined) return { kind: "unread", reason: found.incomplete };
  const { agree, how, aside, difference } = found;
  return {
    kind: "content",
    agree,
    how,
    aside,
    where: difference?.where ?? "",
    a: difference?.a ?? null,
    b: difference?.b ?? null,
    distance: agree ? 0 : (difference?.distance ?? null),
  };
}
