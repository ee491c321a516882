const QUOTE = '"';

/** The cells of one row. A quote that does not begin a cell is a character like others, as pandas and DuckDB have it. */
export function cellsOf(line: string, delimiter: string): string[] {
  if (!line.includes(QUOTE)) return line.split(delimiter);
  const cells: string[] = [];
  for (let at = 0; ; ) {
    let cell = "";
    if (line[at] === QUOTE) {
      at += 1;
      for (;;) {
        const end = line.indexOf(QUOTE, at);
        cell += line.slice(at, end === -1 ? undefined : end);
        if (end === -1) return [...cells, cell];
        at = end + 1;
        if (line[at] !== QUOTE) break;
        cell += QUOTE;
        at += 1;
      }
    }
    const next = line.indexOf(delimiter, at);
    cells.push(cell + line.slice(at, next === -1 ? undefined : next));
    if (next === -1) return cells;
    at = next + delimiter.length;
  }
}

const DELIMITERS = [",", ";", "\t", "|"] as const;

/** The character that parts the cells of a table's first line most often; a comma where none does. */
export function delimiterIn(head: string): string {
  const bare = head.replace(/"[^"]*"/g, "");
  const counted = DELIMITERS.map((delimiter) => [delimiter, bare.split(delimiter).length] as const);
  return counted.toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? ",";
}

/** Whether a row goes on in the next line: a quoted cell of it is not closed. */
export function isOpen(line: string, delimiter: string): boolean {
  let at = 0;
  while (at !== -1 && at < line.length) {
    if (line[at] === QUOTE) {
      do {
        at = line.indexOf(QUOTE, at + 1);
        if (at === -1) return true;
        at += 1;
      } while (line[at] === QUOTE);
    }
    const next = line.indexOf(delimiter, at);
    at = next === -1 ? -1 : next + delimiter.length;
  }
  return false;
}

/** The same of a line that begins within a quoted cell: rows of many lines are looked at once. */
export const staysOpen = (line: string, delimiter: string): boolean => isOpen(QUOTE + line, delimiter);
