import { Cursor, latin1 } from "../bytes.ts";
import type { Judge } from "../comparison.ts";
import { Unreadable, Unseen } from "../unseen.ts";
import { readStruct, type Struct } from "./thrift.ts";

/** A column that holds values; lists and structures are made of such. */
export interface Leaf {
  /** Names from the outermost to its own, with dots between. */
  readonly name: string;
  /** By the number of the format: 0 boolean, 1 int32, 2 int64, 3 int96, 4 float, 5 double, 6 bytes, 7 fixed bytes. */
  readonly physical: number;
  /** Bytes of a value of fixed length. */
  readonly width: number;
  readonly meaning: Meaning;
  /** Levels that say how much of a nested value is there, and where a list goes on. */
  readonly maxDefinition: number;
  readonly maxRepetition: number;
}

/** What values stand for, as far as it matters for showing them. */
type Meaning = "plain" | "text" | "unsigned" | "half" | "decimal";

export interface Chunk {
  readonly codec: number;
  readonly count: number;
  /** Where its first page begins. */
  readonly start: number;
}

export interface Footer {
  /** Every element of the schema, in words. */
  readonly schema: readonly string[];
  readonly leaves: readonly Leaf[];
  readonly rows: number;
  /** By row group, then by leaf. */
  readonly groups: readonly { readonly rows: number; readonly chunks: readonly Chunk[] }[];
  readonly metadata: ReadonlyMap<string, string>;
}

const MARK = "PAR1";
const WIDTHS = [1, 4, 8, 12, 4, 8, 0];
const DEPTH = 64;

export function readFooter(bytes: Uint8Array, judge: Judge): Footer {
  const end = bytes.length - 8;
  if (end < 4 || latin1(bytes.subarray(0, 4)) !== MARK) throw new Unreadable("Parquet: no header");
  if (latin1(bytes.subarray(end + 4)) === "PARE") throw new Unseen("Parquet: encrypted");
  if (latin1(bytes.subarray(end + 4)) !== MARK) throw new Unreadable("Parquet: no end");
  const length = new Cursor(bytes.subarray(end, end + 4)).u32();
  if (length > end - 4) throw new Unreadable("Parquet: a footer longer than the file");
  const file = readStruct(new Cursor(bytes.subarray(end - length, end)), judge);
  const elements = file.structs(2);
  const leaves = leavesOf(elements);
  const groups = file.structs(4).map((group) => groupOf(group, leaves));
  const rows = file.int(3);
  if (groups.reduce((sum, group) => sum + group.rows, 0) !== rows)
    throw new Unreadable("Parquet: row groups of another length than stated");
  const metadata = new Map(file.structs(5).map((pair) => [pair.text(1), pair.has(2) ? pair.text(2) : ""]));
  // The first element is the root: a name that the writer chose.
  const schema = elements.slice(1).map((element) => `${element.text(4)} ${element.words()}`);
  return { schema, leaves, rows, groups, metadata };
}

function leavesOf(elements: readonly Struct[]): readonly Leaf[] {
  const leaves: Leaf[] = [];
  let at = 0;
  const walk = (path: readonly string[], definition: number, repetition: number): void => {
    const element = elements[at];
    if (element === undefined || path.length > DEPTH) throw new Unreadable("Parquet: a schema that does not end");
    at += 1;
    const isRoot = at === 1;
    const kind = isRoot ? 0 : element.int(3, 0);
    const levels = [definition + (kind === 0 ? 0 : 1), repetition + (kind === 2 ? 1 : 0)] as const;
    const own = isRoot ? [] : [...path, element.text(4)];
    if (element.has(1) && !isRoot) leaves.push(leafOf(element, own.join("."), levels[0], levels[1]));
    else for (let child = 0; child < element.int(5, 0); child += 1) walk(own, levels[0], levels[1]);
  };
  walk([], 0, 0);
  if (at !== elements.length) throw new Unreadable("Parquet: a schema with more than it says");
  return leaves;
}

function leafOf(element: Struct, name: string, maxDefinition: number, maxRepetition: number): Leaf {
  const physical = element.int(1);
  const width = physical === 7 ? element.int(2) : WIDTHS[physical];
  if (width === undefined || width < 0 || width > 2 ** 24) throw new Unreadable("Parquet: a type that is unknown");
  return { name, physical, width, meaning: meaningOf(element), maxDefinition, maxRepetition };
}

function meaningOf(element: Struct): Meaning {
  const converted = element.int(6, -1);
  const logical = element.has(10) ? element.struct(10) : null;
  if (converted === 0 || converted === 4 || converted === 19) return "text";
  if (logical !== null && [1, 4, 12].some((id) => logical.has(id))) return "text";
  if (converted === 5 || logical?.has(5) === true) return "decimal";
  if (converted >= 11 && converted <= 14) return "unsigned";
  if (logical?.has(10) === true && !logical.struct(10).flag(2, true)) return "unsigned";
  return logical?.has(15) === true ? "half" : "plain";
}

function groupOf(group: Struct, leaves: readonly Leaf[]): Footer["groups"][number] {
  const columns = group.structs(1);
  if (columns.length !== leaves.length) throw new Unreadable("Parquet: a row group without all columns");
  const chunks = columns.map((column, index) => {
    if (column.has(8) || column.has(9)) throw new Unseen("Parquet: an encrypted column");
    if (column.has(1)) throw new Unseen("Parquet: a column in another file");
    const about = column.struct(3);
    if (about.texts(3).join(".") !== leaves[index]?.name || about.int(1) !== leaves[index]?.physical)
      throw new Unreadable("Parquet: columns in another order than in the schema");
    const [data, dictionary] = [about.int(9), about.int(11, 0)];
    const start = dictionary > 0 && dictionary < data ? dictionary : data;
    const count = about.int(5);
    if (count < 0 || start < 4) throw new Unreadable("Parquet: a column at an impossible place");
    return { codec: about.int(4), count, start };
  });
  const rows = group.int(3);
  if (rows < 0) throw new Unreadable("Parquet: a row group of a negative length");
  return { rows, chunks };
}
