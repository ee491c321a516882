import { type Difference, differentNames, differs, type Judge, within } from "../comparison.ts";
import { compareTrees } from "../tree/compare.ts";
import { metadataNode } from "../tree/metadata.ts";
import { dictionary, list, type Node, text } from "../tree/node.ts";
import { Unreadable, Unseen } from "../unseen.ts";
import { type Column, sameValue } from "./column.ts";
import { nodeAt } from "./node.ts";
import type { Schema } from "./schema.ts";
import { ArrowFile, type Batch, readSchema } from "./stream.ts";

/**
 * Compares two Arrow files or streams, Feather among them, by schema and values, a batch of each at a time. What is not
 * understood is no difference: its values were not seen, and that is what is said.
 */
export function compareArrows(a: Uint8Array, b: Uint8Array, judge: Judge): Difference | null {
  try {
    const [left, right] = [new ArrowFile(a, judge), new ArrowFile(b, judge)];
    judge.setAside("Arrow: batches, order of dictionaries, compression and padding");
    const apart = compareSchemas(left.schema, right.schema);
    if (apart !== null) return apart;
    const trial = judge.trial();
    const metadata = compareTrees(metadataNode(left.schema.metadata), metadataNode(right.schema.metadata), trial);
    const rows = new RowWalk(left, right, judge).compare();
    if (metadata === null) judge.adopt(trial.under("metadata"));
    return rows ?? (metadata && { ...metadata, where: `metadata${metadata.where}` });
  } catch (error) {
    if (!(error instanceof Unreadable) && !(error instanceof RangeError)) throw error;
    throw new Unseen(error.message.startsWith("Arrow") ? error.message : `Arrow: ${error.message}`);
  }
}

function compareSchemas(a: Schema, b: Schema): Difference | null {
  const names = ({ fields }: Schema): string[] => fields.map(({ name }) => name);
  const apart = differentNames("columns", names(a), names(b));
  if (apart !== null) return apart;
  for (const [index, field] of a.fields.entries()) {
    const other = b.fields[index] ?? field;
    if (field.words !== other.words) return differs(`type of column ${field.name}`, field.words, other.words);
  }
  return null;
}

/** A schema in base64, as Parquet keeps it, to be compared; null where it is none. */
export function schemaNode(base64: string, judge: Judge): Node | null {
  try {
    const { fields, metadata } = readSchema(Buffer.from(base64, "base64"), judge);
    const columns = fields.map(({ name, words }) => text(`${name}: ${words}`));
    return dictionary(
      "object",
      [
        [text("columns"), list("list", columns)],
        [text("metadata"), metadataNode(metadata)],
      ],
      false,
    );
  } catch (error) {
    if (error instanceof Unreadable || error instanceof Unseen || error instanceof RangeError) return null;
    throw error;
  }
}

interface Found {
  readonly name: string;
  readonly row: number;
  readonly first: Difference;
  count: number;
  distance: number | null;
}

/** The rows of one side, batch by batch. */
class Rows {
  #batch: Batch | null = null;
  at = 0;
  total = 0;

  constructor(readonly batches: Iterator<Batch>) {}

  /** Rows left in the batch at hand, or in the next one that has any; 0 at the end. */
  left(): number {
    while (this.#batch === null || this.at >= this.#batch.length) {
      const next = this.batches.next();
      if (next.done === true) return 0;
      this.#batch = next.value;
      this.at = 0;
      this.total += next.value.length;
    }
    return this.#batch.length - this.at;
  }

  get columns(): readonly Column[] {
    return this.#batch?.columns ?? [];
  }
}

class RowWalk {
  readonly #found = new Map<number, Found>();

  constructor(
    readonly a: ArrowFile,
    readonly b: ArrowFile,
    readonly judge: Judge,
  ) {}

  compare(): Difference | null {
    const [a, b] = [new Rows(this.a.batches()), new Rows(this.b.batches())];
    let row = 1;
    for (;;) {
      const count = Math.min(a.left(), b.left());
      if (count === 0) break;
      this.#stretch(a, b, row, count);
      a.at += count;
      b.at += count;
      row += count;
    }
    // What is behind the end of the shorter one is read too: it may be damaged.
    for (const side of [a, b]) for (let left = side.left(); left > 0; left = side.left()) side.at += left;
    return this.#told(a.total, b.total);
  }

  #stretch(a: Rows, b: Rows, row: number, count: number): void {
    for (const [index, column] of a.columns.entries()) {
      const other = b.columns[index] ?? column;
      this.judge.spendSteps(Math.ceil(count / 16), "Arrow");
      for (let at = 0; at < count; at += 1)
        if (!sameValue(column, a.at + at, other, b.at + at, this.judge))
          this.#note(index, row + at, column.field.name, this.#values(column, a.at + at, other, b.at + at));
    }
  }

  #values(a: Column, i: number, b: Column, j: number): Difference | null {
    const trial = this.judge.trial();
    const difference = compareTrees(nodeAt(a, i, trial), nodeAt(b, j, trial), trial, a.field.name);
    if (difference === null) this.judge.adopt(trial.under(`column ${a.field.name}`));
    return difference;
  }

  #note(index: number, row: number, name: string, difference: Difference | null): void {
    if (difference === null) return;
    const found = this.#found.get(index) ?? { name, row, first: difference, count: 0, distance: null };
    this.#found.set(index, found);
    found.count += 1;
    if (difference.distance !== null) found.distance = Math.max(found.distance ?? 0, difference.distance);
  }

  #told(left: number, right: number): Difference | null {
    const [first, ...others] = [...this.#found].toSorted(([a], [b]) => a - b).map(([, found]) => found);
    if (first === undefined) return left === right ? null : differs("number of rows", String(left), String(right));
    const more = others.length === 0 ? "" : `; columns that differ too: ${others.map(({ name }) => name).join(", ")}`;
    const rows = left === right ? "" : `; ${left} rows and ${right}`;
    const where = `row ${first.row}, column ${first.name} (${first.count} of ${left} rows differ${more}${rows})`;
    return within(where.slice(0, 1000), { ...first.first, distance: first.distance });
  }
}
