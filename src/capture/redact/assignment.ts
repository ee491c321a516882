import { EVERY_KIND, type Finding, type Rule, type TextKind } from "./finding.ts";
import { judgeName, NAME_WORDS, type NameVerdict } from "./name.ts";
import { isNumber, isPlain, looksRandom, looksRandomForName } from "./value.ts";

/**
 * The name rule: `--api-key X`, `--password=X`, `api_key: "X"`, `"token": "X"`, `X_TOKEN=Y`, `Authorization: Bearer X`.
 * From a suspicious word the name is read to both sides, then the separator, then the value.
 */
export const assignmentRule: Rule = {
  words: NAME_WORDS,
  exact: false,
  kinds: EVERY_KIND.filter((kind) => kind !== "binary"),
  look: lookAtName,
};

const NOTHING: readonly Finding[] = [];
const LONGEST_NAME = 128;
const LONGEST_VALUE = 8192;

interface Name {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly flag: boolean;
}

interface Value {
  readonly start: number;
  readonly end: number;
  readonly quoted: boolean;
  /** A bare word that may as well be the name of a variable. */
  readonly ambiguous: boolean;
  /** After == or !=. */
  readonly compared?: boolean;
}

function lookAtName(text: string, at: number, kind: TextKind): readonly Finding[] {
  const name = nameAround(text, at);
  const verdict = judgeName(name.text);
  if (verdict.suspicion === null) return NOTHING;
  const value = headerValue(text, name, verdict) ?? valueAfter(text, name);
  if (value === null || !isSecret(text.slice(value.start, value.end), value, name, verdict, kind)) return NOTHING;
  return [{ from: name.start, start: value.start, end: value.end, rule: verdict.rule }];
}

function isNameChar(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 45 ||
    code === 46
  );
}

function nameAround(text: string, at: number): Name {
  let start = at;
  while (start > 0 && at - start < LONGEST_NAME && isNameChar(text.charCodeAt(start - 1))) start--;
  let end = at;
  while (end < text.length && end - at < LONGEST_NAME && isNameChar(text.charCodeAt(end))) end++;
  const flag = text.charCodeAt(start) === 45;
  while (text.charCodeAt(start) === 45 && start < at) start++;
  // The last part of a dotted name says what the value is: cfg.wandb.api_key.
  for (let dot = at - 1; dot >= start; dot--) {
    if (text.charCodeAt(dot) !== 46) continue;
    start = dot + 1;
    break;
  }
  return { start, end, text: text.slice(start, end), flag };
}

/** Authorization: Bearer X; Cookie: a=b; c=d; X-Api-Key: X — a header's value goes to the end of the line. */
function headerValue(text: string, name: Name, verdict: NameVerdict): Value | null {
  const header = /["']?\s*[:=]\s*["']?/y;
  header.lastIndex = name.end;
  const separator = header.exec(text);
  if (separator === null) return null;
  const start = name.end + separator[0].length;
  const scheme = /(?:bearer|basic|token|digest|apikey|negotiate)[ \t]+/iy;
  scheme.lastIndex = start;
  const word = scheme.exec(text);
  if (word !== null && /auth/i.test(name.text)) {
    const end = runEnd(text, start + word[0].length, /[^\s"'`,;\\]*/y);
    return { start: start + word[0].length, end, quoted: true, ambiguous: false };
  }
  if (verdict.rule === "cookie" && /^(?:set-)?cookie$/i.test(name.text)) {
    const end = runEnd(text, start, /[^\r\n"']*/y);
    const isHeader = separator[0].includes(":") && /^[\w.-]+=[^\s=]/.test(text.slice(start, end));
    return isHeader ? { start, end, quoted: true, ambiguous: false } : null;
  }
  return null;
}

/** Between name and value: closing quote and bracket, blanks, one of = : := =>, an annotation of type, opening quote. */
const SEPARATOR =
  /\\?["'`]?[\])]?[ \t]{0,8}(?::[ \t]*(?:str|bytes|string|SecretStr|Optional\[str\]|str[ \t]*\|[ \t]*None)[ \t]*=|:=|=>|===?|!=|[:=])(?!:)[ \t]{0,40}/y;
const BESIDE_FLAG = /["']?(?:[ \t]{1,8}|,[ \t]{0,8}(?=["']))/y;
const NETRC = /(?:login|user(?:name)?|account)[ \t]+\S{1,256}[ \t\r\n]+(?:account[ \t]+\S+[ \t\r\n]+)?$/i;

function valueAfter(text: string, name: Name): Value | null {
  SEPARATOR.lastIndex = name.end;
  let at = name.end;
  let tight = false;
  let spaced = false;
  let compared = false;
  const separator = SEPARATOR.exec(text);
  if (separator !== null) {
    at += separator[0].length;
    tight = separator[0] === "=";
    spaced = /^[ \t]/.test(separator[0]);
    compared = /[=!]=/.test(separator[0]);
    // A part of a longer name: urn:ietf:params:oauth:…
    if (separator[0] === ":" && /[:/]/.test(text[name.start - 1] ?? "")) return null;
  } else if (name.flag) {
    BESIDE_FLAG.lastIndex = at;
    const gap = BESIDE_FLAG.exec(text);
    if (gap === null) return null;
    at += gap[0].length;
    if (text[at] === "-" || isSentence(text, at)) return null;
    tight = true;
  } else if (
    name.text.toLowerCase() === "password" &&
    NETRC.test(text.slice(Math.max(0, name.start - 300), name.start))
  ) {
    at = runEnd(text, at, /[ \t]+/y);
    tight = true;
  } else return null;
  const quoted = quotedValue(text, at);
  if (quoted !== null) return { ...quoted, compared };
  return bareValue(text, at, name, tight, spaced);
}

/** "the --password option is …": on a command line another flag, a quote or the end would follow. */
function isSentence(text: string, at: number): boolean {
  const word = /[a-z]+(?=[ \t.,]+[A-Za-z]|\n)/y;
  word.lastIndex = at;
  return word.test(text);
}

function quotedValue(text: string, at: number): Value | null {
  const opening = /(?:[rbuf]{0,2})(\\?(?:"""|'''|["'`]))/iy;
  opening.lastIndex = at;
  const quote = opening.exec(text);
  if (quote === null) return null;
  if (/^[a-z]*f/i.test(quote[0]) && quote[0].length > (quote[1]?.length ?? 0)) return null;
  const start = at + quote[0].length;
  const mark = quote[1] ?? '"';
  let end = start;
  while (end < text.length && end - start < LONGEST_VALUE) {
    if (text.startsWith(mark, end)) break;
    const char = text[end];
    if (char === "\n" || char === "\r") break;
    end += char === "\\" && !mark.startsWith("\\") ? 2 : 1;
  }
  return { start, end: Math.min(end, text.length), quoted: true, ambiguous: false };
}

function bareValue(text: string, at: number, name: Name, tight: boolean, spaced: boolean): Value | null {
  const atLineStart = /(?:^|[\r\n])[+\- ]?[ \t]*(?:export[ \t]+|set[ \t]+|ENV[ \t]+|-[ \t]+)?$/.test(
    text.slice(Math.max(0, name.start - 12), name.start),
  );
  const environmentLine = tight && atLineStart && name.text === name.text.toUpperCase();
  let end = runEnd(text, at, environmentLine ? /[^\s"'`]*/y : /(?:[^\s"'`,;&(){}[\]<>|\\]|\\(?![nrt"'\\]))*/y);
  const next = text[end] ?? "\n";
  // A call, an index, a template.
  if (end === at || "([{".includes(next)) return null;
  if (!environmentLine) while (end > at && ":.?!".includes(text[end - 1] ?? "")) end--;
  const value = text.slice(at, end);
  const identifier = /^[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)*$/.test(value);
  const quotedName = /["'`]/.test(text[name.end] ?? "");
  const codeLike = identifier && !environmentLine && !(name.flag && tight);
  // `password: Type`, `f(token=token)`, `key = value` and `{"token": token}` are code; `password: hunter` is YAML.
  const inCall = next === "," || next === ")" || next === ";";
  const ambiguous = codeLike && (quotedName || inCall || spaced || value.includes(".") || /^[A-Z][a-z]/.test(value));
  return { start: at, end, quoted: false, ambiguous };
}

function runEnd(text: string, at: number, pattern: RegExp): number {
  pattern.lastIndex = at;
  return at + Math.min(pattern.exec(text)?.[0].length ?? 0, LONGEST_VALUE);
}

function isSecret(value: string, where: Value, name: Name, verdict: NameVerdict, kind: TextKind): boolean {
  if (value.length < 3 || isPlain(value) || value.includes("redacted:") || !/[A-Za-z0-9]/.test(value)) return false;
  const maybeName = !where.quoted && (where.ambiguous || (kind === "code" && !name.flag));
  if (verdict.suspicion === "weak") return maybeName ? looksRandomForName(value) : looksRandom(value);
  // The name of a secret is none: ACCESS_KEY = "access_key".
  if (/^[A-Za-z]+(?:[_-][A-Za-z]+)+$/.test(value) && judgeName(value).suspicion !== null) return false;
  if (isNumber(value)) return /secret|password/.test(verdict.rule) && /^\d{6,}$/.test(value);
  if (maybeName) return looksRandomForName(value);
  return value.length >= 4 && !isProse(value, where, name, verdict, kind);
}

/** Words where a secret could stand: "Enter the password", tokens of a language, names of modes and styles. */
function isProse(value: string, where: Value, name: Name, verdict: NameVerdict, kind: TextKind): boolean {
  if (/^\s/.test(value)) return true;
  const words = value.trim().split(/\s+/).length;
  if (words > 1 && verdict.rule !== "cookie" && !/phrase|dsn/i.test(name.text)) {
    return words > 3 || /^[A-Za-z\s.,;:!?'"()-]*$/.test(value);
  }
  if (!/^[A-Za-z][A-Za-z.:_-]*$/.test(value) || value.length >= 20) return false;
  if (where.compared) return true;
  const plainName = /^(?:pass|.*[_-]pass|token)$/i.test(name.text) && name.text !== name.text.toUpperCase();
  return (plainName && !name.flag) || (kind === "code" && !/passw|pwd|passphrase|secret/i.test(name.text));
}
