import { RepriseError } from "#record";
import { quoted } from "./engine.ts";
import { headOf } from "./head.ts";
import { fileOf } from "./source.ts";

/** How a table's text is laid out, where its file does not say. */
export interface CsvLayout {
  /** Lines before the head. */
  readonly skip?: number;
  /** The first row is one of values; columns are named by their numbers. */
  readonly noHeader?: boolean;
  /** Rows that end early have missing values. */
  readonly padRows?: boolean;
  readonly delimiter?: string;
  readonly encoding?: string;
}

/** What pandas takes for missing when it reads CSV: figures are to agree. */
const MISSING = [
  "",
  "#N/A",
  "#N/A N/A",
  "#NA",
  "-1.#IND",
  "-1.#QNAN",
  "-NaN",
  "-nan",
  "1.#IND",
  "1.#QNAN",
  "<NA>",
  "N/A",
  "NA",
  "NULL",
  "NaN",
  "None",
  "n/a",
  "nan",
  "null",
];

/** As pandas names columns: of two of one name the second is `x.1`, one without a name `Unnamed: 3`. */
function namesOf(cells: readonly string[]): string[] {
  const taken = new Set<string>();
  const said = new Set(cells);
  return cells.map((cell, index) => {
    const name = cell === "" ? `Unnamed: ${index}` : cell;
    let free = name;
    for (let count = 1; taken.has(free) || (free !== cell && said.has(free)); count++) free = `${name}.${count}`;
    taken.add(free);
    return free;
  });
}

const MOST_COLUMNS = 5000;

/** Columns as text, by their place: c0, c1, … Names may be the same to SQL, which knows no small and capital letters. */
export interface RawTable {
  readonly source: string;
  readonly names: readonly string[];
}

/** A text table without a single type guessed. Throws TABLE_UNREADABLE. */
export function csvTable(path: string, shown: string, tab: boolean, layout: CsvLayout): RawTable {
  const { skip = 0, noHeader = false, padRows = false } = layout;
  const head = headOf(path, { shown, skip, delimiter: layout.delimiter ?? (tab ? "\t" : undefined) });
  const names = noHeader ? head.cells.map((_, index) => String(index)) : namesOf(head.cells);
  if (names.length > MOST_COLUMNS)
    throw new RepriseError(
      "TABLE_UNREADABLE",
      "usage",
      `${shown}: its first line has ${names.length} cells; tables of up to ${MOST_COLUMNS} columns are told of`,
      "reprise data stats --help",
    );
  const missing = MISSING.filter((word) => !word.includes(head.delimiter)).map(quoted);
  const columns = names.map((_, index) => `c${index}: 'VARCHAR'`).join(", ");
  const options = [
    "auto_detect = false",
    "header = false",
    `skip = ${noHeader ? head.before : head.before + 1}`,
    `columns = {${columns}}`,
    `delim = ${quoted(head.delimiter)}`,
    `quote = '"'`,
    `escape = '"'`,
    `nullstr = [${names.length === 1 ? "''" : missing.join(", ")}]`,
    `null_padding = ${padRows}`,
    "max_line_size = 67108864",
    // With it a row's quoted line ends are only seen in order.
    ...(padRows ? ["parallel = false"] : []),
  ];
  const source = `read_csv(${fileOf(path)}, ${options.join(", ")})`;
  if (names.length > 1) return { source, names };
  // A line that is empty is no row; one that says NA is.
  const value = `CASE WHEN c0 NOT IN (${missing.join(", ")}) THEN c0 END AS c0`;
  return { source: `(SELECT ${value} FROM ${source} WHERE c0 IS NOT NULL)`, names };
}
