import type { TextDetail } from "#compare";
import { safe } from "../render/escape.ts";
import { cut } from "../render/width.ts";
import { plural } from "../render/words.ts";
import { fold } from "./fold.ts";
import type { DiffLook } from "./look.ts";

const MOST_LINES = 30;
const MOST_FOLDS = 20;
/** Where nothing limits a line: a file of one endless line is nothing to read. */
const LONGEST = 2000;
const INDENT = "      ";

export const lineCounts = ({ added, removed }: TextDetail): string => `+${added} -${removed}`;

/** The hunks of a file; of a long list the beginning. */
export function hunkLines({ hunks, note }: TextDetail, look: DiffLook, most = MOST_LINES): string[] {
  const { green, red, cyan, dim } = look.colors;
  const all = hunks.flatMap(({ a, b, lines }) => [
    cyan(`@@ line ${a}${a === b ? "" : ` → ${b}`}`),
    ...lines.flatMap((line) => {
      // A tab takes its room; everything else that moves the cursor is spelled out.
      const text = safe(line.replaceAll("\t", "    "));
      const room = Math.min(look.columns - INDENT.length, look.all ? Number.POSITIVE_INFINITY : LONGEST);
      if (line.startsWith(" ")) return [cut(text, room)];
      // A changed line is shown as a whole: what changed may stand at its end.
      const paint = line.startsWith("+") ? green : line.startsWith("-") ? red : dim;
      return fold(text, room - 2, Number.isFinite(look.columns) ? MOST_FOLDS : 1).map((part, i) =>
        paint(i === 0 ? part : `${line.charAt(0)}…${part}`),
      );
    }),
  ]);
  const shown = look.all ? all : all.slice(0, most);
  if (shown.length < all.length) shown.push(dim(`… ${plural(all.length - shown.length, "more line")}: ${look.more}`));
  if (note !== undefined) shown.push(dim(note));
  return shown.map((line) => INDENT + line);
}
