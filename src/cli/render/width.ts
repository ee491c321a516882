/** Scripts and pictures that take two columns in a terminal. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
const NOTHING = /\p{Mn}|\p{Me}|\p{Cf}/u;

const widthOf = (char: string): number => (NOTHING.test(char) ? 0 : WIDE.test(char) ? 2 : 1);

/** Columns that a text without escape sequences takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const char of text) width += widthOf(char);
  return width;
}

/** At most so many columns, with "…" where something was left out. */
export function cut(text: string, columns: number): string {
  if (!Number.isFinite(columns) || displayWidth(text) <= columns) return text;
  let width = 0;
  let kept = "";
  for (const char of text) {
    width += widthOf(char);
    if (width > columns - 1) break;
    kept += char;
  }
  return `${kept}…`;
}
