import { cut, type Difference, differs, type Judge } from "../comparison.ts";
import { type Atom, atomsOf } from "./atom.ts";
import { benign, type NamedLine } from "./benign.ts";

/** How two lines compare. */
export interface LineMatch {
  readonly equal: boolean;
  /** Only the amount of white space inside the lines differs, and nothing in them explains it. */
  readonly padding: boolean;
  /** Something set aside has another width, so what stands around it may be padded differently. */
  readonly width: boolean;
  /** What was set aside: kind and both texts. */
  readonly masks: readonly string[];
  readonly difference: Difference | null;
}

/** Longer lines are no output for people: they are compared as they are. */
const LENGTH_LIMIT = 200_000;
const SAME: LineMatch = { equal: true, padding: false, width: false, masks: [], difference: null };

/** Compares two lines token by token: equal, or benign on both sides for the same reason. */
export function matchLines(a: string, b: string, judge: Judge, name?: string, headers?: readonly string[]): LineMatch {
  if (a === b) return SAME;
  if (Math.max(a.length, b.length) > LENGTH_LIMIT)
    return { ...SAME, equal: false, difference: differs("a line too long to be masked", a, b) };
  const left = lineOf(a, atomsOf(a, judge.origins.a), name, headers);
  const right = lineOf(b, atomsOf(b, judge.origins.b), name, headers);
  const walk = new Walk(left, right, judge);
  const difference = walk.run();
  const masked = walk.masks.length > 0;
  return {
    equal: difference === null && (!walk.padding || masked),
    padding: difference === null && walk.padding && !masked,
    width: walk.width,
    masks: walk.masks,
    difference: difference ?? (walk.padding && !masked ? differs("white space", a, b) : null),
  };
}

function lineOf(line: string, atoms: readonly Atom[], name?: string, headers?: readonly string[]): NamedLine {
  const columns = headers === undefined ? undefined : columnsOf(line, atoms, headers);
  return { atoms, ...(name === undefined ? {} : { name }), ...(columns === undefined ? {} : { columns }) };
}

/** Which atoms stand in which column of a table whose cells have no spaces. */
function columnsOf(line: string, atoms: readonly Atom[], headers: readonly string[]): Map<number, string> | undefined {
  if (line.trim().split(/\s+/).length !== headers.length) return undefined;
  const columns = new Map<number, string>();
  let column = 0;
  for (const [index, atom] of atoms.entries()) {
    if (atom.kind === "space") column += index === 0 ? 0 : 1;
    else columns.set(index, headers[column] ?? "");
  }
  return columns;
}

class Walk {
  readonly masks: string[] = [];
  padding = false;
  width = false;
  #i = 0;
  #j = 0;

  constructor(
    readonly left: NamedLine,
    readonly right: NamedLine,
    readonly judge: Judge,
  ) {}

  run(): Difference | null {
    const { atoms: as } = this.left;
    const { atoms: bs } = this.right;
    while (this.#i < as.length || this.#j < bs.length) {
      const a = as[this.#i];
      const b = bs[this.#j];
      if (a !== undefined && b !== undefined && this.#pair(a, b)) {
        this.#i += 1;
        this.#j += 1;
      } else if (!this.#literal(a, b) && !this.#skip(a, b) && !this.#interrupted()) return this.#difference(a, b);
    }
    return null;
  }

  #pair(a: Atom, b: Atom): boolean {
    if (a.text === b.text) return true;
    if (a.kind === "space" && b.kind === "space" && this.#i > 0) {
      // Indentation is content; space inside a line is padding, and tabs are no spaces.
      if (/[^ ]/.test(a.text + b.text)) return false;
      this.padding = true;
      return true;
    }
    const why = this.#why();
    if (why === null || (a.kind === "root" && !sameFolder(a, b, this.judge)) || !sameThing(a, b)) return false;
    this.masks.push(`${why} ${cut(a.text.trim(), 60)} / ${cut(b.text.trim(), 60)}`);
    if (a.text.length !== b.text.length) this.width = true;
    return true;
  }

  /** The same text, which is one piece (a folder, a host name) only for one of the runs. */
  #literal(a: Atom | undefined, b: Atom | undefined): boolean {
    if (a === undefined || b === undefined || a.text.length === b.text.length) return false;
    const short = a.text.length < b.text.length ? this.left.atoms : this.right.atoms;
    const long = a.text.length < b.text.length ? b.text : a.text;
    const start = short === this.left.atoms ? this.#i : this.#j;
    let end = start;
    let joined = "";
    while (joined.length < long.length && end < short.length) joined += short[end++]?.text ?? "";
    if (joined !== long) return false;
    this.#i += short === this.left.atoms ? end - start : 1;
    this.#j += short === this.left.atoms ? 1 : end - start;
    return true;
  }

  #why(i = this.#i, j = this.#j): string | null {
    const why = benign(this.left, i, this.judge.origins.a);
    return why !== null && why === benign(this.right, j, this.judge.origins.b) ? why : null;
  }

  /** `[ 9.9s]` and `[10.1s]`: the space beside something masked is padding. */
  #skip(a: Atom | undefined, b: Atom | undefined): boolean {
    const spaceA = a?.kind === "space" && !/[^ ]/.test(a.text);
    const spaceB = b?.kind === "space" && !/[^ ]/.test(b.text);
    if (spaceA === spaceB) return false;
    const behind = this.#i > 0 && this.#j > 0 && this.#why(this.#i - 1, this.#j - 1) !== null;
    const ahead = this.#why(this.#i + (spaceA ? 1 : 0), this.#j + (spaceB ? 1 : 0)) !== null;
    if (!behind && !ahead) return false;
    if (spaceA) this.#i += 1;
    else this.#j += 1;
    this.padding = true;
    return true;
  }

  /**
   * A progress bar caught in mid-course by other output on its line: where it stood is a matter of timing. One that was
   * closed ends its line and is compared: a loop that ended early is a difference.
   */
  #interrupted(): boolean {
    const ends = [barEnd(this.left.atoms), barEnd(this.right.atoms)];
    const [a, b] = ends;
    if (a === undefined || b === undefined || a === null || b === null) return false;
    if (this.#i >= a.end || this.#j >= b.end || a.total !== b.total || a.label !== b.label) return false;
    this.masks.push(`progress bar interrupted at ${a.count} / ${b.count} of ${a.total}`);
    this.#i = a.end;
    this.#j = b.end;
    this.width = true;
    return true;
  }

  #difference(a: Atom | undefined, b: Atom | undefined): Difference {
    const numbers = a?.kind === b?.kind && a?.value !== undefined && b?.value !== undefined;
    const distance = numbers ? Math.abs((a?.value ?? 0) - (b?.value ?? 0)) : null;
    return differs("", text(this.left.atoms), text(this.right.atoms), distance);
  }
}

const text = (atoms: readonly Atom[]): string => atoms.map((atom) => atom.text).join("");

/** Both folders have the same part in their runs, as far as the two lists of roots correspond. */
function sameFolder(a: Atom, b: Atom, judge: Judge): boolean {
  if (b.kind !== "root" || judge.origins.a.roots.length !== judge.origins.b.roots.length) return b.kind === "root";
  const parts = new Set(a.of?.split(","));
  return (b.of ?? "").split(",").some((part) => parts.has(part));
}

/** A rate of samples is no rate of steps. */
function sameThing(a: Atom, b: Atom): boolean {
  if (a.kind !== b.kind) return a.kind !== "rate" && b.kind !== "rate" && a.kind !== "root" && b.kind !== "root";
  return (a.kind !== "rate" && a.kind !== "progress") || thing(a) === thing(b);
}

const thing = (atom: Atom): string => (atom.of ?? "").trim().toLowerCase().replace(/s$/, "");

/** The end of an unfinished progress bar that other output follows on the same line. */
function barEnd(atoms: readonly Atom[]): { end: number; total: string; count: string; label: string } | null {
  const at = atoms.findIndex((atom) => atom.kind === "progress");
  if (at < 0) return null;
  const bar = atoms.findIndex((atom) => atom.kind === "bar");
  const counts = /(\d+)\/(\d+) $/.exec(text(atoms.slice(Math.max(0, bar), at)));
  const close = atoms.findIndex((atom, index) => index > at && atom.text === "]");
  if (counts === null || bar < 0 || close < 0 || counts[1] === counts[2]) return null;
  if (text(atoms.slice(close + 1)).trim() === "") return null;
  const label = text(atoms.slice(0, bar)).replace(/\d+%$/, "").trim();
  return { end: close + 1, total: counts[2] ?? "", count: counts[1] ?? "", label };
}
