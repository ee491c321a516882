/** Control sequences of terminals: colours, cursor, window titles, links. */
const ESC = "\u001b";
const BELL = "\u0007";
const BACK = "\b";
const ANSI = new RegExp(
  `${ESC}\\[[0-9;:?]*[ -/]*[@-~]|${ESC}\\][^${BELL}${ESC}]*(?:${BELL}|${ESC}\\\\)|${ESC}[@-Z\\\\^_=>()][0-9A-B]?`,
  "g",
);
const BACKS = new RegExp(`(${BACK}+)`);
const CURSOR_UP = new RegExp(`${ESC}\\[\\d*A`);
const ERASED = new RegExp(`\\S\\s*\\r|\\r +|${BACK}|${ESC}\\[\\d*[AK]`);
/** Bars of tqdm, Keras, rich, with counts; nothing else on the line. */
const BARS =
  /^(?:[^|%]*?\s*)?\d{1,3}%\|[^|]*\| *[\d.]+[kMG]?\/[\d.?]+[kMG]? \[[^\]]*\]$|^\d+it \[[^\]]*\]$|^\d+\/\d+ (?=\s*[━╸╺])[━╸╺\s]+ ?(?:\S+ ?(?:\d+\w+\/\w+)?)?$/u;
/** A bar that reached its end. */
const DONE = /100%|^\s*(\d+)\/\1 /;

/** What a terminal shows of a line in the end: the last redrawn state, without control sequences and trailing space. */
export function lastState(raw: string): string {
  let line = raw;
  if (line.includes("\u001b")) line = line.replace(ANSI, "");
  if (line.includes("\r")) {
    const states = line.split("\r");
    line = states.findLast((state) => state.replaceAll(BACK, "") !== "") ?? "";
  }
  if (line.includes(BACK)) line = writtenOver(line);
  return line.trimEnd();
}

/** What stands after the cursor went back some places and more was written there; back to the start is a redraw. */
function writtenOver(line: string): string {
  const [first = "", ...steps] = line.split(BACKS);
  let [shown, cursor] = [first, first.length];
  for (let at = 0; at < steps.length; at += 2) {
    const [back, next] = [steps[at]?.length ?? 0, steps[at + 1] ?? ""];
    cursor -= back;
    if (next === "") continue;
    shown = cursor <= 0 ? next : shown.slice(0, cursor) + next + shown.slice(cursor + next.length);
    cursor = Math.max(0, cursor) + next.length;
  }
  return shown;
}

/**
 * The lines of a file. Only on a terminal does a carriage return alone hide what was written before it: in a file that is
 * content, unless nothing but progress was, or the line holds what only a terminal understands.
 */
export function* writtenLines(lines: Iterable<string>): Generator<string> {
  for (const line of lines) {
    const first = line.indexOf("\r");
    const isPlain = first < 0 || first === line.length - 1 || line.includes(ESC) || line.includes(BACK);
    if (isPlain) yield line;
    else {
      const states = line.split("\r");
      const last = states.findLastIndex((state) => state !== "");
      yield* states.slice(0, Math.max(0, last)).filter((state) => state.trim() !== "" && !isProgress(state));
      yield `\r${states[last] ?? ""}${line.endsWith("\r") ? "\r" : ""}`;
    }
  }
}

/** Whether nothing but an unfinished progress bar is left of a line, or nothing at all after its bar was erased. */
export function isProgress(raw: string): boolean {
  const state = lastState(raw);
  if (state === "") return ERASED.test(raw);
  return BARS.test(state.trim()) && (!DONE.test(state) || movesUp(raw));
}

/** Whether a line goes back to lines above it, as several bars at once do. */
export function movesUp(raw: string): boolean {
  return CURSOR_UP.test(raw);
}
