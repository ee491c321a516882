/** A call in a line of Python: where its name begins, and what stands between its brackets. */
export interface Call {
  readonly start: number;
  readonly open: number;
  readonly close: number;
  readonly inside: string;
}

/** Skips a text in quotes that begins at `at`; gives the index of its closing quote. */
function endOfText(line: string, at: number): number {
  const quote = line[at];
  for (let i = at + 1; i < line.length; i++) {
    if (line[i] === "\\") i += 1;
    else if (line[i] === quote) return i;
  }
  return line.length;
}

/** The bracket that closes the one at `open`; -1 when it is on another line. */
function closing(line: string, open: number): number {
  let depth = 0;
  for (let i = open; i < line.length; i++) {
    const char = line[i] ?? "";
    if (char === "'" || char === '"') i = endOfText(line, i);
    else if ("([{".includes(char)) depth += 1;
    else if (")]}".includes(char)) {
      depth -= 1;
      if (depth === 0) return i;
    }
  }
  return -1;
}

/** Where the thing begins whose method is called at `start`: "Path('d')" of "Path('d').glob(…)". */
function receiver(line: string, start: number): number {
  if (line[start - 1] !== ".") return start;
  let at = start - 1;
  for (;;) {
    const before = line[at - 1] ?? "";
    if (before === ")" || before === "]") {
      const opens = [...line.slice(0, at).matchAll(/[([]/g)].map((found) => found.index);
      const open = opens.find((index) => closing(line, index) === at - 1);
      if (open === undefined) return start;
      at = open;
    } else if (/[\w.]/.test(before)) at -= 1;
    else return at;
  }
}

/** Every whole call whose name, with its dots, matches; a definition is none. */
export function callsIn(line: string, name: RegExp): Call[] {
  return [...line.matchAll(/(?<!\b(?:def|class)\s+)\b[A-Za-z_][\w.]*(?=\()/g)].flatMap((found) => {
    if (!name.test(found[0])) return [];
    const open = found.index + found[0].length;
    const close = closing(line, open);
    const inside = line.slice(open + 1, close).trim();
    return close === -1 ? [] : [{ start: receiver(line, found.index), open, close, inside }];
  });
}

/** The first of them; null when the line has none. */
export function findCall(line: string, name: RegExp): Call | null {
  return callsIn(line, name)[0] ?? null;
}

/** The line with a call's arguments replaced. */
export function withArguments(line: string, { open, close }: Call, inside: string): string {
  return `${line.slice(0, open + 1)}${inside}${line.slice(close)}`;
}

/** The line with a whole call replaced. */
export function withCall(line: string, { start, close }: Call, text: string): string {
  return `${line.slice(0, start)}${text}${line.slice(close + 1)}`;
}

/** One more argument at the end, unless it is there already; null then. */
export function withKeyword(line: string, call: Call, name: string, value: string): string | null {
  const given = new RegExp(`\\b${name}\\s*=\\s*None\\b`);
  if (given.test(call.inside)) return withArguments(line, call, call.inside.replace(given, `${name}=${value}`));
  if (new RegExp(`\\b${name}\\s*=`).test(call.inside)) return null;
  const before = call.inside.replace(/,$/, "");
  return withArguments(line, call, before === "" ? `${name}=${value}` : `${before}, ${name}=${value}`);
}

/** The thing that a `for`, a `list(…)`, a `tuple(…)` or an `enumerate(…)` goes through, sorted; null where none is. */
export function sortedLoop(line: string): string | null {
  const loop = /^(\s*(?:async\s+)?for\s+.+?\s+in\s+)(.+?)(:\s*(?:#.*)?)$/.exec(line);
  const call = findCall(line, /^(enumerate|list|tuple|iter)$/);
  if (call !== null && call.inside !== "" && !call.inside.startsWith("sorted(")) {
    const name = line.slice(call.start, call.open);
    const isCopy = name === "list" || name === "tuple";
    const text = isCopy ? `sorted(${call.inside})` : `${name}(sorted(${call.inside}))`;
    return withCall(line, call, name === "tuple" ? `tuple(${text})` : text);
  }
  if (loop !== null && !(loop[2] ?? "").startsWith("sorted(")) return `${loop[1]}sorted(${loop[2]})${loop[3]}`;
  return null;
}
