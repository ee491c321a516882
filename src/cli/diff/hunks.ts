import type { TextDetail } from "#compare";
import { safe } from "../render/escape.ts";
import { cut } from "../render/width.ts";
import { plural } from "../render/words.ts";
import type { DiffLook } from "./look.ts";

const MOST_LINES = 30;
const INDENT = "      ";

export const lineCounts = ({ added, removed }: TextDetail): string => `+${added} -${removed}`;

/** The hunks of a file; of a long list the beginning. */
export function hunkLines({ hunks, note }: TextDetail, look: DiffLook): string[] {
  const { green, red, cyan, dim } = look.colors;
  const all = hunks.flatMap(({ a, b, lines }) => [
    cyan(`@@ line ${a}${a === b ? "" : ` → ${b}`}`),
    ...lines.map((line) => {
      // A tab takes its room; everything else that moves the cursor is spelled out.
      const text = cut(safe(line.replaceAll("\t", "    ")), look.columns - INDENT.length);
      return line.startsWith("+")
        ? green(text)
        : line.startsWith("-")
          ? red(text)
          : line.startsWith("\\")
            ? dim(text)
            : text;
    }),
  ]);
  const shown = look.all ? all : all.slice(0, MOST_LINES);
  if (shown.length < all.length) shown.push(dim(`… ${plural(all.length - shown.length, "more line")}: ${look.more}`));
  if (note !== undefined) shown.push(dim(note));
  return shown.map((line) => INDENT + line);
}
