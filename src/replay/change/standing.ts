import type { Choice } from "../mix/ingredient.ts";
import { type FileChange, isTaken, type Piece } from "./file-change.ts";
import { segmentsOf } from "./segments.ts";
import { readable } from "./units.ts";

/** Which line of B stands in the place of a line of a mixed file. */
export interface StandingLines {
  /** By lines of the mixed file; a line that only A has is minus its number there. */
  readonly standing: ReadonlyMap<number, number>;
  /** Lines of B that the mixed file has nothing for. */
  readonly lacking: ReadonlySet<number>;
  /** Of the lines that only one has, those that define a name and do nothing yet: A's as minus their number, B's as they are. */
  readonly defining: ReadonlySet<number>;
}

const DEFINES = /^\s*(?:async\s+def|def|class|import|from|@)\b|^\s*@/;

interface Line {
  readonly at: number;
  readonly text: string;
}

/** A line of A in the mixed file, which has another number in it than it had in A. */
interface Mine extends Line {
  readonly ofA: number;
  readonly piece: Piece;
}

const MOST_LINES = 400;
/** Names and numbers that two lines have in common, by all that they have, for one to be taken for the other. */
const ALIKE = 0.5;

function isAlike(a: string, b: string): boolean {
  const [x, y] = [new Set(a.match(/\w+/g) ?? []), new Set(b.match(/\w+/g) ?? [])];
  const common = [...x].filter((word) => y.has(word)).length;
  return common > 0 && common / (x.size + y.size - common) >= ALIKE;
}

/** Pairs of lines in order: equal ones, wherever they stand. */
function equalLines(a: readonly Mine[], b: readonly Line[]): (readonly [Mine, Line])[] {
  const words = (lines: readonly Line[]): string[] => lines.map((line) => line.text.trim());
  return (segmentsOf(words(a), words(b)) ?? []).flatMap(({ same, a: from, b: to, aLength }) =>
    !same
      ? []
      : Array.from({ length: aLength }, (_, i) => [a[from + i], b[to + i]] as const).flatMap(([x, y]) =>
          x === undefined || y === undefined || x.text.trim() === "" ? [] : [[x, y] as const],
        ),
  );
}

/** Pairs of lines in order: alike ones of the same replaced stretch. */
function alikeLines(a: readonly Mine[], b: readonly Line[]): (readonly [Mine, Line])[] {
  const found: (readonly [Mine, Line])[] = [];
  let from = 0;
  for (const mine of a) {
    const at = b.findIndex((line, i) => i >= from && isAlike(mine.text, line.text));
    const line = b[at];
    if (line === undefined) continue;
    found.push([mine, line]);
    from = at + 1;
  }
  return found;
}

/** Lines of a mixed file by those of B: also where an edit has moved or changed them. null: taken whole. */
export function standingLines(change: FileChange, choice: Choice): StandingLines | null {
  const { units, pieces } = change;
  if (units === null || pieces.length === 0) return null;
  const standing = new Map<number, number>();
  const [mine, theirs]: [Mine[], Line[]] = [[], []];
  const text = (part: string | undefined): string => readable([part ?? ""]);
  let length = 0;
  for (const piece of pieces) {
    const taken = isTaken(change, piece, choice);
    for (let i = 0; !taken && i < piece.bLength; i++) standing.set(length + i + 1, piece.b + i + 1);
    for (let i = 0; taken && i < piece.aLength; i++)
      mine.push({ at: length + i + 1, ofA: piece.a + i + 1, piece, text: text(units.a.parts[piece.a + i]) });
    for (let i = 0; taken && i < piece.bLength; i++)
      theirs.push({ at: piece.b + i + 1, text: text(units.b.parts[piece.b + i]) });
    length += taken ? piece.aLength : piece.bLength;
  }
  const lacking = new Set(theirs.map((line) => line.at));
  const pair = (pairs: readonly (readonly [Mine, Line])[]): void => {
    for (const [line, other] of pairs) {
      standing.set(line.at, other.at);
      lacking.delete(other.at);
    }
  };
  if (Math.max(mine.length, theirs.length) <= MOST_LINES) pair(equalLines(mine, theirs));
  for (const piece of new Set(mine.map((line) => line.piece))) {
    const inB = (line: Line): boolean => line.at > piece.b && line.at <= piece.b + piece.bLength;
    const own = mine.filter((line) => line.piece === piece && !standing.has(line.at));
    const others = theirs.filter((line) => inB(line) && lacking.has(line.at));
    if (Math.max(own.length, others.length) <= MOST_LINES) pair(alikeLines(own, others));
  }
  for (const line of mine) if (!standing.has(line.at)) standing.set(line.at, -line.ofA);
  const own = [
    ...theirs.filter((line) => lacking.has(line.at)),
    ...mine.flatMap((line) => (standing.get(line.at) === -line.ofA ? { at: -line.ofA, text: line.text } : [])),
  ];
  const defining = new Set(own.flatMap((line) => (DEFINES.test(line.text) ? line.at : [])));
  return { standing, lacking, defining };
}
