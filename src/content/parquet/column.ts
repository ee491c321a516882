import type { Leaf } from "./footer.ts";
import type { Page } from "./page.ts";
import { bitsAt, sameBits, type Values } from "./values.ts";

const NOTHING: Values = { bytes: new Uint8Array(), width: 0, starts: null, indices: null, count: 0 };
const END: Page = { count: 0, definition: null, repetition: null, values: NOTHING };

/** Walks through one column, entry by entry. An entry is a value, or says that there is none and at what level. */
export class ColumnCursor {
  #page: Page = END;
  #at = 0;
  #valueAt = 0;
  ended = false;

  constructor(
    readonly pages: Iterator<Page>,
    readonly leaf: Leaf,
  ) {
    this.#turn();
  }

  /** Whether a new row begins here, or nothing is left. */
  get atRowStart(): boolean {
    return this.ended || this.#repetition === 0;
  }

  get level(): number {
    return this.#page.definition?.[this.#at] ?? this.leaf.maxDefinition;
  }

  get #repetition(): number {
    return this.#page.repetition?.[this.#at] ?? 0;
  }

  get hasValue(): boolean {
    return this.level === this.leaf.maxDefinition;
  }

  /** The bits of the value here; null where there is none. */
  get bits(): Uint8Array | null {
    return this.hasValue ? bitsAt(this.#page.values, this.#valueAt) : null;
  }

  equals(other: ColumnCursor): boolean {
    if (this.ended || other.ended) return this.ended === other.ended;
    return this.sameLevels(other) && this.#sameValue(other);
  }

  /** Whether both entries are at the same place of a nested value. */
  sameLevels(other: ColumnCursor): boolean {
    return this.level === other.level && this.#repetition === other.#repetition;
  }

  #sameValue(other: ColumnCursor): boolean {
    return !this.hasValue || sameBits(this.#page.values, this.#valueAt, other.#page.values, other.#valueAt);
  }

  next(): void {
    if (this.hasValue) this.#valueAt += 1;
    this.#at += 1;
    if (this.#at >= this.#page.count) this.#turn();
  }

  #turn(): void {
    const next = this.pages.next();
    this.ended = next.done === true;
    this.#page = next.done === true ? END : next.value;
    this.#at = 0;
    this.#valueAt = 0;
  }
}
