import { equalBytes, latin1 } from "../bytes.ts";
import { type Difference, differs, type Judge, within } from "../comparison.ts";
import { nameClass } from "../name-class.ts";
import { isMoment } from "../origin.ts";
import { compareTrees } from "../tree/compare.ts";
import type { Node } from "../tree/node.ts";
import { holdsId, type Identities } from "./identity.ts";
import type { Row } from "./pages.ts";
import { valuesOf } from "./record.ts";
import type { Columns } from "./schema.ts";

export interface Table {
  readonly name: string;
  readonly columns: Columns;
  readonly encoding: number;
}

/** Rows that may be left over once equal ones are paired, for each of which a partner is looked for. */
const LEFTOVER_LIMIT = 400;

/** Compares rows in their order; where ids of rows are no content, they may also come in another one. */
export function compareTable(
  table: Table,
  a: readonly Row[],
  b: readonly Row[],
  identities: Identities,
  judge: Judge,
): Difference | null {
  if (a.length !== b.length) return differs("number of rows", String(a.length), String(b.length));
  const mark = identities.mark;
  const inOrder = judge.trial();
  const first = new RowWalk(table, identities, inOrder).inOrder(a, b);
  if (first === null) {
    judge.adopt(inOrder);
    return null;
  }
  if (table.columns.hasId) return first;
  identities.backTo(mark);
  const moved = judge.trial();
  if (!new RowWalk(table, identities, moved).inAnyOrder(a, b)) return first;
  judge.adopt(moved);
  judge.setAside(`SQLite: order of rows in table ${table.name}`);
  return null;
}

class RowWalk {
  constructor(
    readonly table: Table,
    readonly identities: Identities,
    readonly judge: Judge,
  ) {}

  inOrder(a: readonly Row[], b: readonly Row[]): Difference | null {
    for (const [index, row] of a.entries()) {
      const other = b[index];
      const difference = other === undefined ? null : this.#rows(row, other);
      if (difference !== null) return within(`row ${index + 1}`, difference);
    }
    return null;
  }

  inAnyOrder(a: readonly Row[], b: readonly Row[]): boolean {
    const rest = Map.groupBy(b, (row) => latin1(row.record));
    const left = a.filter((row) => {
      const same = rest.get(latin1(row.record))?.shift();
      return same === undefined || !this.#would(row, same);
    });
    const right = [...rest.values()].flat();
    if (left.length > LEFTOVER_LIMIT || left.length !== right.length) return false;
    return left.every((row) => {
      const at = right.findIndex((other) => this.#would(row, other));
      if (at >= 0) right.splice(at, 1);
      return at >= 0;
    });
  }

  #would(a: Row, b: Row): boolean {
    const mark = this.identities.mark;
    const trial = this.judge.trial();
    const difference = new RowWalk(this.table, this.identities, trial).#rows(a, b);
    if (difference === null) this.judge.adopt(trial);
    else this.identities.backTo(mark);
    this.judge.spendSteps(10, "SQLite");
    return difference === null;
  }

  #rows(a: Row, b: Row): Difference | null {
    this.judge.spendSteps(1, "SQLite");
    const { columns, encoding } = this.table;
    if (columns.hasId && a.id !== b.id) return differs("id of the row", String(a.id), String(b.id));
    const same = equalBytes(a.record, b.record);
    if (same && encoding === 1 && !holdsId(latin1(a.record))) return null;
    const [left, right] = [valuesOf(a.record, encoding), valuesOf(b.record, encoding)];
    this.judge.spendSteps(left.length, "SQLite");
    if (left.length !== right.length) return differs("number of values", String(left.length), String(right.length));
    for (const [index, value] of left.entries()) {
      const other = right[index] ?? value;
      const difference = same ? null : this.#values(value, other, this.#nameOf(index, left, right));
      const column = columns.names[index] ?? String(index + 1);
      if (difference !== null) return within(`column ${column}`, difference);
      if (value.kind !== "text" || other.kind !== "text" || this.identities.join(value.text, other.text)) continue;
      return differs(`column ${column}: an id that stands for another one elsewhere`, value.text, other.text);
    }
    return null;
  }

  #values(a: Node, b: Node, name: string): Difference | null {
    const trial = this.judge.trial();
    const difference = this.#value(a, b, name, trial);
    if (difference === null) this.judge.adopt(trial.under(`table ${this.table.name}, ${name}`));
    return difference;
  }

  #value(a: Node, b: Node, name: string, judge: Judge): Difference | null {
    if (a.kind === "bytes" && b.kind === "bytes" && a.type === b.type && judge.inside !== null)
      return judge.inside("blob", a.bytes, b.bytes, judge);
    const difference = compareTrees(a, b, judge, name);
    if (difference === null || a.kind !== "scalar" || b.kind !== "scalar" || a.type !== b.type) return difference;
    const [left, right] = [a.value ?? 0, b.value ?? 0];
    if (name === "" || nameClass(name) !== null || left < 1e9 || right < 1e9) return difference;
    if (!isMoment(judge.origins.a, left) || !isMoment(judge.origins.b, right)) return difference;
    judge.mask(`time ${a.text} / ${b.text}`);
    return null;
  }

  /** What a value is called: its column, or, where a table has keys and values, its key. */
  #nameOf(index: number, a: readonly Node[], b: readonly Node[]): string {
    const { names } = this.table.columns;
    const own = names.length >= a.length ? (names[index] ?? "") : "";
    if (own === "name" && /(?:^|_)runs?$/i.test(this.table.name)) return "run_name";
    if (!/(?:^|_)value$/i.test(own)) return own;
    for (const word of ["key", "name"]) {
      const at = names.indexOf(own.replace(/value$/i, word));
      const [left, right] = [a[at], b[at]];
      if (left?.kind === "text" && right?.kind === "text") return left.text === right.text ? left.text : own;
    }
    return own;
  }
}
