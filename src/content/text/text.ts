import { type Comparison, type Difference, differs, Judge, within } from "../comparison.ts";
import type { Origins } from "../origin.ts";
import { type LineMatch, matchLines } from "./line.ts";
import { isProgress, lastState, movesUp, writtenLines } from "./redraw.ts";
import { joinings, LOOKED_AHEAD } from "./wrapped.ts";

export interface TextOptions {
  /**
   * Lines come from several writers (threads, processes) that may interleave. When the lines do not agree in their
   * order, they are put into groups by their first word (masked, so a `[rank0]`, a `Worker-3:`, a time stamp is one) and
   * each group must agree in its own order. So no line may be missing, added or changed, and lines that begin alike
   * keep their order; only the order between lines that begin differently is set aside.
   */
  readonly interleaved?: boolean;
}

/** Lines of a table within which a changed width may explain a changed padding. */
const TABLE = 40;
/** Lines looked ahead for one that is only on one side. */
const AHEAD = 200;
/** What a column of time is headed by; and any column, which no value is. */
const TIMED = /dur|time|secs|seconds|elapsed/i;
const HEADING = /^(?!(?:nan|inf|none|null|n\/a|na|true|false)$)[^\s\d]*\p{L}/iu;
const GROUPED_LIMIT = 2_000_000;

/** Compares two texts line by line. Lines come without their end; neither text is held in memory as a whole. */
export function compareText(
  a: Iterable<string>,
  b: Iterable<string>,
  origins: Origins,
  options: TextOptions = {},
): Comparison {
  const judge = new Judge(origins);
  if (options.interleaved !== true) return judge.result(matchOutput(a, b, judge));
  // Both orders need the lines twice.
  const left = held(a);
  const right = held(b);
  if (left === null || right === null) return judge.result(null, `more than ${GROUPED_LIMIT} lines of several writers`);
  const inOrder = judge.trial();
  const difference = matchOutput(left, right, inOrder);
  if (difference !== null) {
    const grouped = judge.trial();
    if (matchGroups(left, right, grouped) === null) {
      judge.adopt(grouped);
      judge.setAside("order of lines from several writers");
      return judge.result(null);
    }
  }
  judge.adopt(inOrder);
  return judge.result(difference);
}

function held(lines: Iterable<string>): string[] | null {
  const all: string[] = [];
  for (const line of lines) {
    if (all.length >= GROUPED_LIMIT) return null;
    all.push(line);
  }
  return all;
}

function matchGroups(a: readonly string[], b: readonly string[], judge: Judge): Difference | null {
  const left = grouped(a);
  const right = grouped(b);
  if (left.size !== right.size) return differs("lines", String(left.size), String(right.size));
  for (const [first, lines] of left) {
    const difference = matchOutput(lines, right.get(first) ?? [], judge);
    if (difference !== null) return difference;
  }
  return null;
}

function grouped(lines: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const line of lines) {
    const first = /^\s*\S+/.exec(lastState(line))?.[0].trim() ?? "";
    // A time stamp or a pid at the beginning differs between the runs: all such lines are one group.
    const key = /\d{2}:\d{2}|\d{4}-\d{2}|0x/.test(first) ? "<stamp>" : first;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [line]);
    else group.push(line);
  }
  return groups;
}

/** A line source that can look ahead and counts. */
class Source {
  #ahead: string[] = [];
  #lines: Iterator<string>;
  at = 0;

  constructor(lines: Iterable<string>) {
    this.#lines = lines[Symbol.iterator]();
  }

  peek(offset = 0): string | null {
    while (this.#ahead.length <= offset) {
      const next = this.#lines.next();
      if (next.done === true) return null;
      this.#ahead.push(next.value);
    }
    return this.#ahead[offset] ?? null;
  }

  take(): void {
    this.at += 1;
    this.#ahead.shift();
  }
}

/** The comparison of lines with a judge of one's own: for files and texts inside other contents. */
export function matchText(a: Iterable<string>, b: Iterable<string>, judge: Judge, name?: string): Difference | null {
  return matchOutput(writtenLines(a), writtenLines(b), judge, name);
}

/** The same for what was drawn on a terminal: only the last state of a line counts. */
export function matchOutput(a: Iterable<string>, b: Iterable<string>, judge: Judge, name?: string): Difference | null {
  return new TextWalk(new Source(a), new Source(b), judge, name).run();
}

class TextWalk {
  #headers: readonly string[] | undefined;
  #widthAt = Number.NEGATIVE_INFINITY;
  #pending: { at: number; difference: Difference } | null = null;

  constructor(
    readonly a: Source,
    readonly b: Source,
    readonly judge: Judge,
    readonly name: string | undefined,
  ) {}

  run(): Difference | null {
    for (;;) {
      const rawA = this.a.peek();
      const rawB = this.b.peek();
      if (rawA === null && rawB === null) return this.#pending?.difference ?? null;
      if (rawA !== null && rawA === rawB) {
        this.#header(rawA);
        this.#both();
      } else {
        const difference = this.#step(rawA, rawB);
        if (difference !== null) return difference;
      }
      if (this.#pending !== null && this.a.at - this.#pending.at > TABLE) return this.#pending.difference;
    }
  }

  #step(rawA: string | null, rawB: string | null): Difference | null {
    if (rawA === null || rawB === null) return this.#skip(rawA, rawB) ? null : this.#extra(rawA, rawB);
    const a = lastState(rawA);
    const b = lastState(rawB);
    const match = matchLines(a, b, this.judge, this.name, this.#headers);
    if (match.equal) {
      this.#accept(match);
      if (a === b) this.judge.setAside("redrawn lines and white space at line ends");
      this.#header(a);
      this.#both();
      return null;
    }
    if (this.#rejoin()) return null;
    if (this.#skip(rawA, rawB)) return null;
    if (match.padding || isRuler(a, b)) {
      this.#pad(match.difference ?? differs("", a, b));
      this.#both();
      return null;
    }
    return this.#extraNear(a, b) ?? within(this.#where(), match.difference);
  }

  /** A line broken elsewhere because a folder's name is longer than the other's. */
  #rejoin(): boolean {
    const ahead = (source: Source): string[] =>
      Array.from({ length: LOOKED_AHEAD }, (_, offset) => source.peek(offset)).flatMap((line) =>
        line === null ? [] : [lastState(line)],
      );
    const { origins } = this.judge;
    for (const joined of joinings([ahead(this.a), ahead(this.b)], [origins.a, origins.b])) {
      const match = matchLines(joined.a, joined.b, this.judge, this.name);
      if (!match.equal || match.masks.length === 0) continue;
      this.#accept(match);
      this.judge.mask(`${this.#where()}: line broken elsewhere for the length of a folder's name`);
      for (let taken = 0; taken < joined.takenA; taken += 1) this.a.take();
      for (let taken = 0; taken < joined.takenB; taken += 1) this.b.take();
      return true;
    }
    return false;
  }

  #accept(match: LineMatch): void {
    for (const words of match.masks) this.judge.mask(`${this.#where()}: ${words}`);
    if (!match.width) return;
    this.#widthAt = this.a.at;
    if (this.#pending !== null) this.judge.mask(`${this.#pending.difference.where}: padding of a table`);
    this.#pending = null;
  }

  /** Padding alone is benign only near something masked whose width changed; that may still come. */
  #pad(difference: Difference): void {
    if (this.a.at - this.#widthAt <= TABLE) this.judge.mask(`${this.#where()}: padding of a table`);
    else this.#pending ??= { at: this.a.at, difference: { ...difference, where: this.#where() } };
  }

  /** A line that holds nothing but progress may be on one side only: redraws of several bars, a bar caught midway. */
  #skip(rawA: string | null, rawB: string | null): boolean {
    const a = rawA !== null && isProgress(rawA);
    const b = rawB !== null && isProgress(rawB);
    if (!a && !b) return false;
    if (a && b && !movesUp(`${rawA}${rawB}`)) return false;
    if (a) this.a.take();
    if (b) this.b.take();
    this.judge.mask(`${this.#where()}: line of progress only`);
    return true;
  }

  #extra(a: string | null, b: string | null): Difference {
    const line = Math.max(this.a.at, this.b.at) + 1;
    return differs(`line ${line} is only in ${a === null ? "b" : "a"}`, a ?? "", b ?? "");
  }

  /** Whether the difference is better told as a line that only one side has. */
  #extraNear(a: string, b: string): Difference | null {
    for (let offset = 1; offset <= AHEAD; offset += 1) {
      const laterA = this.a.peek(offset);
      const laterB = this.b.peek(offset);
      if (laterA === null && laterB === null) return null;
      if (laterB !== null && a !== "" && this.#alike(a, laterB))
        return differs(`line ${this.b.at + 1} is only in b`, "", b);
      if (laterA !== null && b !== "" && this.#alike(laterA, b))
        return differs(`line ${this.a.at + 1} is only in a`, a, "");
    }
    return null;
  }

  #alike(a: string, b: string): boolean {
    return a[0] === b[0] && matchLines(lastState(a), lastState(b), this.judge.trial(), this.name).equal;
  }

  #both(): void {
    this.a.take();
    this.b.take();
  }

  #where(): string {
    return this.a.at === this.b.at ? `line ${this.a.at + 1}` : `line ${this.a.at + 1} / ${this.b.at + 1}`;
  }

  /** A row of words alone with a column of time: header of the rows that follow, as long as they have as many words. */
  #header(line: string): void {
    const isTimed = TIMED.test(line);
    if ((!isTimed && this.#headers === undefined) || /\d/.test(line) || line.length > 2000) return;
    const words = line.trim().split(/\s+/);
    if (isTimed && words.length > 2) this.#headers = words;
    // Another table of as many columns begins.
    else if (words.length === this.#headers?.length && words.every((word) => HEADING.test(word)))
      this.#headers = undefined;
  }
}

/** Lines that only draw the frame of a table. */
function isRuler(a: string, b: string): boolean {
  return (
    /^[\s+|=─━═┏┓┗┛┃│┌┐└┘├┤┬┴┼╇╞╪╡┡┩┳-]{3,}$/.test(a) &&
    /^[\s+|=─━═┏┓┗┛┃│┌┐└┘├┤┬┴┼╇╞╪╡┡┩┳-]{3,}$/.test(b) &&
    squeeze(a) === squeeze(b)
  );
}

const squeeze = (ruler: string): string => ruler.replace(/(.)\1+/g, "$1");
