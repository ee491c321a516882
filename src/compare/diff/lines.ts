import { structuredPatch } from "diff";

interface Hunk {
  /** First line on each side, from 1. */
  readonly a: number;
  readonly b: number;
  /** Each with " ", "-", "+" or "\" before it, as in a unified diff. */
  readonly lines: readonly string[];
}

export interface TextDetail {
  readonly kind: "text";
  readonly added: number;
  readonly removed: number;
  readonly hunks: readonly Hunk[];
  /** Why there are no hunks, or not all of them. */
  readonly note?: string;
}

const CONTEXT = 3;
/** Work grows with lines times changes: more than this is no edit but another file. */
const MOST_EDITS = 4000;
const MOST_LINES = 2000;
const LONGEST = 4000;

/** Of a file without line ends nobody reads a line to its end. */
const shortened = (line: string): string =>
  line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}… (${line.length - 1} characters)`;

/** The lines that part two texts, in hunks. */
export function diffLines(a: string, b: string): TextDetail {
  const patch = structuredPatch("", "", a, b, undefined, undefined, { context: CONTEXT, maxEditLength: MOST_EDITS });
  if (patch === undefined) return counted(a, b);
  const hunks: Hunk[] = [];
  let [added, removed, shown] = [0, 0, 0];
  for (const hunk of patch.hunks) {
    added += hunk.lines.filter((line) => line.startsWith("+")).length;
    removed += hunk.lines.filter((line) => line.startsWith("-")).length;
    if (shown >= MOST_LINES) continue;
    shown += hunk.lines.length;
    hunks.push({ a: hunk.oldStart, b: hunk.newStart, lines: hunk.lines.slice(0, MOST_LINES).map(shortened) });
  }
  const left = patch.hunks.length - hunks.length;
  const note = left === 0 ? {} : { note: `${left} more ${left === 1 ? "hunk" : "hunks"} left out` };
  return { kind: "text", added, removed, hunks, ...note };
}

/** How many lines are only on one side, whatever their order. */
function counted(a: string, b: string): TextDetail {
  const left = new Map<string, number>();
  for (const line of a.split("\n")) left.set(line, (left.get(line) ?? 0) + 1);
  let added = 0;
  for (const line of b.split("\n")) {
    const count = left.get(line) ?? 0;
    if (count === 0) added += 1;
    else left.set(line, count - 1);
  }
  const removed = [...left.values()].reduce((sum, count) => sum + count, 0);
  return { kind: "text", added, removed, hunks: [], note: `more than ${MOST_EDITS} lines differ: not lined up` };
}
