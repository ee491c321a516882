import { cut, displayWidth } from "../render/width.ts";

/** Breaks a text into lines of at most so many columns: between words where that wastes little, else anywhere. */
export function fold(text: string, columns: number, most = Number.POSITIVE_INFINITY): string[] {
  if (!Number.isFinite(columns)) return [text];
  const width = Math.max(1, columns);
  const lines: string[] = [];
  let rest = text;
  while (displayWidth(rest) > width && lines.length + 1 < most) {
    const head = headOf(rest, width);
    const space = head.lastIndexOf(" ");
    const at = space > head.length / 2 ? space : head.length;
    lines.push(rest.slice(0, at));
    rest = rest.slice(space === at ? at + 1 : at);
  }
  return [...lines, cut(rest, width)];
}

/** As much of the beginning as fits; one character at least. */
function headOf(text: string, width: number): string {
  let [used, end] = [0, 0];
  for (const char of text) {
    used += displayWidth(char);
    if (used > width && end > 0) break;
    end += char.length;
  }
  return text.slice(0, end);
}
