import { type Token, tokensOf } from "./token.ts";
import { type Claim, ClaimError, type Comparator, type Of, type Step, type Term } from "./tree.ts";

const OF: Readonly<Record<string, Of>> = {
  last: "last",
  final: "last",
  first: "first",
  min: "min",
  max: "max",
  mean: "mean",
  steps: "steps",
};
const COMPARATORS: readonly Comparator[] = ["<", "<=", ">", ">=", "==", "!="];
/** Deeper ones are made to break a parser. */
const DEEPEST = 50;

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  get #next(): Token {
    // There is always an end.
    return this.#tokens[this.#at] ?? { kind: "end", text: "the end", column: 1 };
  }

  #take(): Token {
    const token = this.#next;
    if (token.kind !== "end") this.#at += 1;
    return token;
  }

  #accept(...texts: readonly string[]): Token | null {
    const { kind, text } = this.#next;
    return (kind === "sign" || kind === "name") && texts.includes(text) ? this.#take() : null;
  }

  #fail(wanted: string): never {
    const { kind, text, column } = this.#next;
    throw new ClaimError(column, `${wanted} was expected, and there is ${kind === "end" ? text : `'${text}'`}`);
  }

  #expect(text: string): void {
    if (this.#accept(text) === null) this.#fail(`'${text}'`);
  }

  /** Both words bind all they stand between; `and` binds closer. */
  whole(): Claim {
    const claim = this.#joined("or", () => this.#joined("and", () => this.#comparison()));
    if (this.#next.kind !== "end") this.#fail("a comparison, 'and', 'or' or the end");
    return claim;
  }

  #joined(word: "and" | "or", part: () => Claim): Claim {
    const parts = [part()];
    while (this.#accept(word) !== null) parts.push(part());
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind: word, parts };
  }

  #comparison(): Claim {
    const left = this.#sum();
    const steps: Step[] = [];
    for (;;) {
      const found = this.#accept(...COMPARATORS);
      const by = COMPARATORS.find((one) => one === found?.text);
      if (found === null || by === undefined) break;
      const right = this.#sum();
      const bound = this.#accept("±");
      if (bound !== null && by !== "==")
        throw new ClaimError(bound.column, "± goes with ==, such as auc == 0.93 ± 0.01");
      steps.push({ by, right, within: bound === null ? null : this.#sum() });
    }
    if (steps.length === 0) this.#fail("a comparison, such as > or ==,");
    return { kind: "compare", left, steps };
  }

  #sum(): Term {
    let left = this.#product();
    for (;;) {
      const sign = this.#accept("+", "-")?.text;
      if (sign !== "+" && sign !== "-") return left;
      left = { kind: sign, left, right: this.#product() };
    }
  }

  #product(): Term {
    let left = this.#factor();
    for (;;) {
      const sign = this.#accept("*", "/")?.text;
      if (sign !== "*" && sign !== "/") return left;
      left = { kind: sign, left, right: this.#factor() };
    }
  }

  #factor(): Term {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw new ClaimError(this.#next.column, `${DEEPEST} levels are the most`);
    try {
      if (this.#accept("-") !== null) return { kind: "negative", of: this.#factor() };
      if (this.#accept("(") !== null) {
        const inner = this.#sum();
        this.#expect(")");
        return inner;
      }
      return this.#leaf();
    } finally {
      this.#depth -= 1;
    }
  }

  #leaf(): Term {
    const { kind, text, column } = this.#next;
    if (kind === "number") {
      this.#take();
      return { kind: "number", value: text.endsWith("%") ? Number(text.slice(0, -1)) / 100 : Number(text) };
    }
    if (kind !== "name" && kind !== "quoted") this.#fail("a number, a metric or '('");
    if (kind === "name" && (text === "and" || text === "or")) this.#fail("a number, a metric or '('");
    const isCall = this.#tokens[this.#at + 1]?.text === "(" && this.#tokens[this.#at + 1]?.kind === "sign";
    if (kind === "name" && isCall && text === "abs") {
      this.#take();
      return { kind: "absolute", of: this.#factor() };
    }
    const of = kind === "name" && isCall && Object.hasOwn(OF, text) ? OF[text] : undefined;
    if (of === undefined) return this.#series("last");
    this.#take();
    this.#expect("(");
    if (this.#next.kind !== "name" && this.#next.kind !== "quoted")
      throw new ClaimError(this.#next.column, `${text}(…) takes a metric, such as ${text}(loss)`);
    const series = this.#series(of);
    this.#expect(")");
    return { ...series, column };
  }

  /** A metric of the run that is asked about, or of another one: accuracy(big). */
  #series(of: Of): Term & { readonly kind: "series" } {
    const { text: name, column } = this.#take();
    if (this.#accept("(") === null) return { kind: "series", name, run: null, of, column };
    const run = this.#next;
    if (run.kind === "sign" || run.kind === "end") this.#fail(`the name of a run, as in ${name}(baseline),`);
    this.#take();
    this.#expect(")");
    return { kind: "series", name, run: run.text, of, column };
  }
}

/** A claim as a tree: read, never run. Throws ClaimError. */
export const parseClaim = (text: string): Claim => new Parser(text).whole();
