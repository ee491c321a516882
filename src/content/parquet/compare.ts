import { schemaNode } from "../arrow/compare.ts";
import { type Difference, differentNames, differs, type Judge } from "../comparison.ts";
import { compareTrees } from "../tree/compare.ts";
import { metadataNode } from "../tree/metadata.ts";
import { dictionary, type Node, text } from "../tree/node.ts";
import { Unreadable, Unseen } from "../unseen.ts";
import { ColumnCursor } from "./column.ts";
import { type Footer, type Leaf, readFooter } from "./footer.ts";
import { nodeOf } from "./node.ts";
import { pagesOf } from "./page.ts";

/**
 * Compares two Parquet files by schema and values, a page of each at a time. A file that is not understood is no
 * difference: its values were not seen, and that is what is said.
 */
export function compareParquets(a: Uint8Array, b: Uint8Array, judge: Judge): Difference | null {
  try {
    return new Files(a, b, judge).compare();
  } catch (error) {
    if (error instanceof Unreadable || error instanceof RangeError) throw new Unseen(messageOf(error));
    throw error;
  }
}

const messageOf = ({ message }: Error): string => (message.startsWith("Parquet") ? message : `Parquet: ${message}`);

interface Found {
  readonly name: string;
  readonly row: number;
  readonly first: Difference;
  readonly count: number;
  readonly distance: number | null;
}

class Files {
  readonly #left: Footer;
  readonly #right: Footer;

  constructor(
    readonly a: Uint8Array,
    readonly b: Uint8Array,
    readonly judge: Judge,
  ) {
    this.#left = readFooter(a, judge);
    this.#right = readFooter(b, judge);
  }

  compare(): Difference | null {
    const [left, right] = [this.#left, this.#right];
    this.judge.setAside("Parquet: writer, row groups, pages, compression, encodings and statistics");
    const apart = compareSchemas(left, right);
    if (apart !== null) return apart;
    // Not before the values: these say more.
    const metadata = compareMetadata(left, right, this.judge);
    const found = left.leaves.map((leaf, index) => this.#column(leaf, index)).filter((column) => column !== null);
    const [first, ...others] = found;
    if (left.rows !== right.rows && first === undefined)
      return differs("number of rows", String(left.rows), String(right.rows));
    if (first === undefined) return metadata;
    const more = others.length === 0 ? "" : `; columns that differ too: ${others.map(({ name }) => name).join(", ")}`;
    const rows = left.rows === right.rows ? "" : `; ${left.rows} rows and ${right.rows}`;
    const where = `row ${first.row}, column ${first.name} (${first.count} of ${left.rows} rows differ${more}${rows})`;
    return { ...first.first, where: where.slice(0, 1000), distance: first.distance };
  }

  #column(leaf: Leaf, index: number): Found | null {
    const a = new ColumnCursor(pagesOf(this.a, this.#left, index, this.judge), leaf);
    const b = new ColumnCursor(pagesOf(this.b, this.#right, index, this.judge), leaf);
    let first: { readonly row: number; readonly difference: Difference } | null = null;
    let count = 0;
    let distance: number | null = null;
    for (let row = 1; !a.ended && !b.ended; row += 1) {
      const difference = this.#row(a, b, leaf);
      if (difference === null) continue;
      first ??= { row, difference };
      count += 1;
      if (difference.distance !== null) distance = Math.max(distance ?? 0, difference.distance);
    }
    // What is behind the end of the shorter one is read too: it may be damaged.
    for (const cursor of [a, b]) while (!cursor.ended) cursor.next();
    return first && { name: leaf.name, row: first.row, first: first.difference, count, distance };
  }

  /** Compares one row and leaves both behind it. A row of a list has several entries. */
  #row(a: ColumnCursor, b: ColumnCursor, leaf: Leaf): Difference | null {
    let difference: Difference | null = null;
    do {
      if (difference === null && !a.equals(b)) difference = this.#entries(a, b, leaf);
      a.next();
      b.next();
    } while (!a.atRowStart && !b.atRowStart);
    if (a.atRowStart !== b.atRowStart)
      difference ??= differs("", a.atRowStart ? "ends" : "goes on", b.atRowStart ? "ends" : "goes on");
    for (const cursor of [a, b]) while (!cursor.atRowStart) cursor.next();
    return difference;
  }

  #entries(a: ColumnCursor, b: ColumnCursor, leaf: Leaf): Difference | null {
    const [x, y] = [a.bits, b.bits];
    const shown = (bits: Uint8Array | null, level: number): string => {
      if (bits !== null) return shortly(nodeOf(bits, leaf));
      return leaf.maxRepetition === 0 ? "null" : `nothing at level ${level} of ${leaf.maxDefinition}`;
    };
    if (x === null || y === null) return differs("", shown(x, a.level), shown(y, b.level));
    if (!a.sameLevels(b)) return differs("place in a nested list", shown(x, a.level), shown(y, b.level));
    const trial = this.judge.trial();
    const name = leaf.name.replace(/\.list\.(?:element|item)$/, "").replace(/^.*\./, "");
    const difference = compareTrees(nodeOf(x, leaf), nodeOf(y, leaf), trial, name);
    if (difference === null) this.judge.adopt(trial.under(`column ${leaf.name}`));
    return difference;
  }
}

const shortly = (node: Node): string => (node.kind === "scalar" || node.kind === "text" ? node.text : "bytes");

function compareSchemas(a: Footer, b: Footer): Difference | null {
  const names = ({ leaves }: Footer): string[] => leaves.map(({ name }) => name);
  const apart = differentNames("columns", names(a), names(b));
  if (apart !== null) return apart;
  const at = Array.from({ length: Math.max(a.schema.length, b.schema.length) }).findIndex(
    (_, index) => a.schema[index] !== b.schema[index],
  );
  if (at < 0) return null;
  const column = (a.schema[at] ?? b.schema[at] ?? "").replace(/ \{.*$/s, "");
  return differs(`type of column ${column}`, a.schema[at] ?? "none", b.schema[at] ?? "none");
}

/** What programs keep beside the values, such as the index of pandas. Versions of tools are no content. */
function compareMetadata(a: Footer, b: Footer, judge: Judge): Difference | null {
  const trial = judge.trial();
  const difference = compareTrees(metadataOf(a, trial), metadataOf(b, trial), trial, "");
  if (difference === null) judge.adopt(trial.under("metadata"));
  return difference && { ...difference, where: `metadata${difference.where}` };
}

/** pyarrow keeps the schema of Arrow beside its own, which holds all other metadata once more. */
function metadataOf(footer: Footer, judge: Judge): Node {
  const schema = schemaNode(footer.metadata.get(ARROW) ?? "", judge);
  const rest = [...footer.metadata].filter(([key]) => key !== ARROW || schema === null);
  const own = metadataNode(new Map(rest));
  return dictionary(
    "object",
    [[text("own"), own], ...(schema === null ? [] : [[text(ARROW), schema] as [Node, Node]])],
    false,
  );
}

const ARROW = "ARROW:schema";
