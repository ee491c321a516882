/** Control sequences of terminals: colours, cursor, window titles, links. */
const ESC = "\u001b";
const BELL = "\u0007";
const BACK = "\b";
const ANSI = new RegExp(
  `${ESC}\\[[0-9;:?]*[ -/]*[@-~]|${ESC}\\][^${BELL}${ESC}]*(?:${BELL}|${ESC}\\\\)|${ESC}[@-Z\\\\^_=>()][0-9A-B]?`,
  "g",
);
const CURSOR_UP = new RegExp(`${ESC}\\[\\d*A`);
const ERASED = new RegExp(`\\S\\s*\\r|\\r +|${BACK}|${ESC}\\[\\d*[AK]`);
/** Bars of tqdm, Keras, rich, with counts; nothing else on the line. */
const BARS =
  /^(?:[^|%]*?\s*)?\d{1,3}%\|[^|]*\| *[\d.]+[kMG]?\/[\d.?]+[kMG]? \[[^\]]*\]$|^\d+it \[[^\]]*\]$|^\d+\/\d+ [━╸╺\s]+ ?(?:\S+ ?(?:\d+\w+\/\w+)?)?$/u;

/** What a terminal shows of a line in the end: the last redrawn state, without control sequences and trailing space. */
export function lastState(raw: string): string {
  let line = raw;
  if (line.includes("\u001b")) line = line.replace(ANSI, "");
  if (line.includes("\b")) line = line.replaceAll("\b", "\r");
  if (line.includes("\r")) {
    const states = line.split("\r");
    line = states.findLast((state) => state !== "") ?? "";
  }
  return line.trimEnd();
}

/** Whether nothing but an unfinished progress bar is left of a line, or nothing at all after its bar was erased. */
export function isProgress(raw: string): boolean {
  const state = lastState(raw);
  if (state === "") return ERASED.test(raw);
  return BARS.test(state.trim()) && (!/100%/.test(state) || movesUp(raw));
}

/** Whether a line goes back to lines above it, as several bars at once do. */
export function movesUp(raw: string): boolean {
  return CURSOR_UP.test(raw);
}
