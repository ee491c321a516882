import type { Origin } from "../origin.ts";

/** Lines that one line may have been broken into. */
const MOST_LINES = 4;
/** White space and the guides of trees and tables, as rich draws them. */
const GUIDE = /^[\s│┃|╎┊]+/;
const BORDER = /[\s│┃|╎┊]+$/;

export interface Joined {
  readonly a: string;
  readonly b: string;
  /** How many lines each is made of. */
  readonly takenA: number;
  readonly takenB: number;
}

/**
 * The lines ahead put together again, fewest first, where each side then names a folder of its run: a program that fits its
 * output to a width breaks a line elsewhere when the folder's name is longer. Nothing but the break goes.
 */
export function* joinings(
  ahead: readonly [a: readonly string[], b: readonly string[]],
  origins: readonly [a: Origin, b: Origin],
): Generator<Joined> {
  const [left, right] = [0, 1].map((side) => candidates(ahead[side as 0 | 1], origins[side as 0 | 1]));
  for (let sum = 3; sum <= 2 * MOST_LINES; sum += 1)
    for (const a of left ?? [])
      for (const b of right ?? [])
        if (a.taken + b.taken === sum) yield { a: a.text, b: b.text, takenA: a.taken, takenB: b.taken };
}

export const LOOKED_AHEAD = MOST_LINES;

function candidates(lines: readonly string[], origin: Origin): { text: string; taken: number }[] {
  const roots = origin.roots.filter((root) => root.length > 1);
  const found: { text: string; taken: number }[] = [];
  let texts = lines.slice(0, 1);
  for (let taken = 1; taken <= Math.min(MOST_LINES, lines.length); taken += 1) {
    if (taken > 1) {
      const next = (lines[taken - 1] ?? "").replace(GUIDE, "");
      texts = texts.flatMap((text) => {
        const before = text.replace(BORDER, "");
        // Broken at a space, or within a path of the run: never within another word, whose parts may be two values.
        return endsInPath(before, roots) ? [before + next, `${before} ${next}`] : [`${before} ${next}`];
      });
    }
    for (const text of texts) if (roots.some((root) => text.includes(root))) found.push({ text, taken });
  }
  return found;
}

function endsInPath(text: string, roots: readonly string[]): boolean {
  const last = text.slice(text.search(/\S*$/));
  return roots.some((root) => last.includes(root) || beginsRoot(last, root));
}

/** The folder's own name is what was broken: "dir: /home/a" of "/home/ada/proj". */
function beginsRoot(text: string, root: string): boolean {
  const from = text.indexOf("/");
  return from >= 0 && text.length - from > 1 && root.startsWith(text.slice(from));
}
