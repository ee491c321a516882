import { ClaimError } from "./tree.ts";

export interface Token {
  readonly kind: "number" | "name" | "quoted" | "sign" | "end";
  readonly text: string;
  readonly column: number;
}

const PATTERN =
  /\s*(?:(?<number>(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?%?)|(?<name>[\p{L}_][\p{L}\p{N}_.@]*)|"(?<quoted>[^"]*)"|`(?<ticked>[^`]*)`|(?<sign><=|>=|==|!=|\+\/-|\+-|[-<>=≤≥≠±+*/(),−]))/uy;

/** One sign has several spellings. */
const SPELLED: Readonly<Record<string, string>> = {
  "=": "==",
  "≤": "<=",
  "≥": ">=",
  "≠": "!=",
  "+/-": "±",
  "+-": "±",
  "−": "-",
};

/** Longer ones are no claims that anybody reads. */
const MOST = 1000;

/** The words of a claim. Throws ClaimError. */
export function tokensOf(text: string): Token[] {
  if (text.length > MOST) throw new ClaimError(MOST, `a claim has ${MOST} characters at most`);
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  PATTERN.lastIndex = 0;
  while (PATTERN.lastIndex < end) {
    const from = PATTERN.lastIndex;
    const found = PATTERN.exec(text);
    const groups = found?.groups;
    if (found === null || groups === undefined) {
      const column = from + (/^\s*/.exec(text.slice(from))?.[0].length ?? 0) + 1;
      const sign = String.fromCodePoint(text.codePointAt(column - 1) ?? 32);
      throw new ClaimError(
        column,
        sign === '"' || sign === "`" ? "a quote is not closed" : `'${sign}' is no part of a claim`,
      );
    }
    const { number, name, sign } = groups;
    const quoted = groups["quoted"] ?? groups["ticked"];
    const column = PATTERN.lastIndex - found[0].trimStart().length + 1;
    if (number !== undefined) tokens.push({ kind: "number", text: number, column });
    else if (name !== undefined) tokens.push({ kind: "name", text: name, column });
    else if (quoted !== undefined) tokens.push({ kind: "quoted", text: quoted, column });
    else if (sign !== undefined) tokens.push({ kind: "sign", text: SPELLED[sign] ?? sign, column });
  }
  return [...tokens, { kind: "end", text: "the end", column: end + 1 }];
}
