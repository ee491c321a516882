import type { Colors } from "../output.ts";
import { displayWidth } from "./width.ts";

export type Row = readonly [name: string, text: string];

const WIDEST_NAME = 36;
/** Less room than this is none: the terminal may break the line then. */
const LEAST = 30;
// biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours
const COLOUR = /\u001b\[\d+m/g;

const shownWidth = (text: string): number => displayWidth(text.replace(COLOUR, ""));

/** Breaks a text between words; a word that is too long stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && shownWidth(line) + 1 + shownWidth(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Names and texts in two columns, indented; long texts go on below in theirs. */
export function rowLines(
  rows: readonly Row[],
  { colors, columns }: { readonly colors: Colors; readonly columns: number },
): string[] {
  const width = Math.min(WIDEST_NAME, Math.max(0, ...rows.map(([name]) => shownWidth(name))));
  const indent = width === 0 ? "  " : " ".repeat(width + 4);
  return rows.flatMap(([name, text]) => {
    const head = width === 0 ? "  " : `  ${colors.dim(name + " ".repeat(Math.max(0, width - shownWidth(name))))}  `;
    const over = Math.max(0, shownWidth(name) - width);
    const lines = wrap(text, Math.max(LEAST, columns - indent.length - over));
    return lines.map((line, i) => (i === 0 ? head : indent) + line);
  });
}
