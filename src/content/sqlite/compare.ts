import { type Difference, differs, type Judge, within } from "../comparison.ts";
import { Unreadable, Unseen } from "../unseen.ts";
import { Identities } from "./identity.ts";
import { Pages } from "./pages.ts";
import { columnsOf, type Entry, schemaOf } from "./schema.ts";
import { compareTable } from "./table.ts";

/**
 * Compares two SQLite databases table by table. A database that is not understood is no difference: its rows were not
 * seen, and that is what is said.
 */
export function compareDatabases(a: Uint8Array, b: Uint8Array, judge: Judge): Difference | null {
  try {
    const [left, right] = [new Pages(a, judge), new Pages(b, judge)];
    const difference = comparePages(left, right, judge);
    if (difference !== null && (left.writesAhead || right.writesAhead))
      throw new Unseen(
        `SQLite: in WAL mode, rows may still lie in its -wal file; as it is, ${difference.where} differs`,
      );
    return difference;
  } catch (error) {
    if (error instanceof Unreadable || error instanceof RangeError) throw new Unseen(`SQLite: ${error.message}`);
    throw error;
  }
}

function comparePages(a: Pages, b: Pages, judge: Judge): Difference | null {
  judge.setAside("SQLite: layout of pages, free pages, counters of changes, library version");
  const about = ({ userVersion, applicationId, encoding }: Pages): string =>
    `user_version ${userVersion}, application_id ${applicationId}, encoding ${encoding}`;
  if (about(a) !== about(b)) return differs("pragmas", about(a), about(b));
  const [left, right] = [schemaOf(a), schemaOf(b)];
  const apart = compareSchemas(left, right, judge);
  if (apart !== null) return apart;
  if (left.some(isIndex)) judge.setAside("SQLite: indices, which follow from the rows");
  // Read none the less: pages that belong to them and to a table at once say that the file is damaged.
  for (const [pages, entries] of [[a, left] as const, [b, right] as const])
    for (const entry of entries.filter(isIndex)) pages.rows(entry.root);
  const identities = new Identities(judge.origins);
  const others = new Map(right.filter(isTable).map((entry) => [entry.name, entry]));
  for (const entry of left.filter(isTable)) {
    const other = others.get(entry.name);
    if (other === undefined) throw new Unreadable(`table ${entry.name} has no page`);
    const sides = [a.rows(entry.root), b.rows(other.root)] as const;
    const inOrder = a.hasRowIds(entry.root) && b.hasRowIds(other.root);
    const columns = inOrder ? columnsOf(entry.sql) : { ...columnsOf(entry.sql), names: [] };
    const table = { name: entry.name, columns, encoding: a.encoding };
    const difference = compareTable(table, sides[0], sides[1], identities, judge);
    if (difference !== null) return within(`table ${entry.name}`, difference);
  }
  return null;
}

const isIndex = (entry: Entry): boolean => entry.type === "index";
/** A virtual table has no page of its own: its rows are in other tables. */
const isTable = (entry: Entry): boolean => entry.type === "table" && entry.root > 0;

const CONSTRAINT = /^(?:\\t| )*CONSTRAINT /;

/** A statement, here a JSON string, with the lines that name constraints in one order. */
function ordered(words: string): string {
  const lines = words.split("\\n").map((line) => line.replace(/, *$/, ""));
  const constraints = lines.filter((line) => CONSTRAINT.test(line)).toSorted();
  return lines.map((line) => (CONSTRAINT.test(line) ? (constraints.shift() ?? "") : line)).join("\\n");
}

function compareSchemas(a: readonly Entry[], b: readonly Entry[], judge: Judge): Difference | null {
  const words = (entries: readonly Entry[]): string[] => entries.map((entry) => entry.words);
  let [left, right] = [words(a), words(b)];
  if (left.toSorted().join("\n") !== right.toSorted().join("\n")) {
    // Programs that keep constraints in sets write them in the order of hashes or addresses.
    [left, right] = [left.map(ordered), right.map(ordered)];
    judge.setAside("SQLite: order of constraints in a schema");
  }
  const [all, others] = [left.toSorted(), right.toSorted()];
  const at = Array.from({ length: Math.max(all.length, others.length) }).findIndex(
    (_, index) => all[index] !== others[index],
  );
  if (at >= 0) return differs("schema", all[at] ?? "no more", others[at] ?? "no more");
  if (new Set(all).size !== all.length) throw new Unreadable("two tables of one name");
  if (left.join("\n") !== right.join("\n")) judge.setAside("SQLite: order of tables");
  return null;
}
