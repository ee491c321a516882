import { redactArguments, secretArguments } from "./arguments.ts";
import { assignmentRule } from "./assignment.ts";
import { EVERY_KIND, type Find, type Finding, type RedactedBytes, type Rule, type TextKind } from "./finding.ts";
import { locationRule } from "./location.ts";
import { createMatcher } from "./matcher.ts";
import { isSecretVariable } from "./name.ts";
import { type RedactedDiff, redactPatch } from "./patch.ts";
import { privateKeyRule } from "./private-key.ts";
import { providerRules } from "./provider.ts";
import { createRedactingStream, type RedactingStream } from "./stream.ts";
import { isSearchable } from "./value.ts";

/**
 * Replaces secrets by markers such as `<redacted:github-token:2>`: the same secret bears the same number within a run,
 * so that a reader sees what belongs together and a replay can ask for the value.
 */
export interface Redactor {
  redactText(text: string, kind?: TextKind): { readonly text: string; readonly count: number };
  redactBytes(bytes: Uint8Array, kind?: TextKind): RedactedBytes;
  redactArgv(argv: readonly string[]): { readonly argv: readonly string[]; readonly count: number };
  /** The output of `git diff --binary`: headers, line structure and binary hunks stay as git apply needs them. */
  redactDiff(diff: Uint8Array, current?: (path: string) => Uint8Array | null): RedactedDiff;
  createStream(): RedactingStream;
  /** The marker for a secret found by its place alone. */
  mark(secret: string, rule: string): string;
  /** True when this value holds a secret by any rule. */
  holdsSecret(text: string): boolean;
}

export interface RedactorOptions {
  /** Values of secret-named variables in here are searched for everywhere. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** So are values in here that follow a secret's name. */
  readonly argv?: readonly string[];
}

export function createRedactor({ env, argv = [] }: RedactorOptions): Redactor {
  const rules = [
    ...valueRules(environmentValues(env), "environment"),
    ...valueRules(secretArguments(argv), "argument"),
    privateKeyRule,
    locationRule,
    ...providerRules,
    assignmentRule,
  ];
  const find = createFinder(rules);
  const markers = new Map<string, string>();
  const mark = (secret: string, rule: string): string => {
    let marker = markers.get(secret);
    if (marker === undefined) {
      marker = `<redacted:${rule}:${markers.size + 1}>`;
      markers.set(secret, marker);
    }
    return marker;
  };
  const replace = (bytes: Uint8Array, findings: readonly Finding[]): RedactedBytes => replaceAll(bytes, findings, mark);
  const redactBytes = (bytes: Uint8Array, kind: TextKind = "text"): RedactedBytes => replace(bytes, find(bytes, kind));
  const redactText = (text: string, kind: TextKind = "text"): { text: string; count: number } => {
    const { bytes, count } = redactBytes(Buffer.from(text), kind);
    return count === 0 ? { text, count } : { text: Buffer.from(bytes).toString("utf8"), count };
  };
  return {
    redactText,
    redactBytes,
    redactArgv: (argv) => redactArguments(argv, redactText, mark),
    redactDiff: (diff, current = () => null) => redactPatch(diff, redactBytes, current),
    createStream: () => createRedactingStream(find, replace),
    mark,
    holdsSecret: (text) => find(Buffer.from(text), "text").length > 0,
  };
}

/** The first rule that finds something at a place has it; findings come in order and do not overlap. */
function createFinder(rules: readonly Rule[]): Find {
  const words = rules.flatMap((rule) => rule.words.map((word) => ({ rule, bytes: Buffer.from(word, "latin1") })));
  const matcher = createMatcher(words.map((word) => word.bytes));
  return (bytes, kind) => {
    const found: Finding[] = [];
    let text: string | undefined;
    matcher.scan(bytes, (index, at) => {
      const word = words[index];
      if (word === undefined || !word.rule.kinds.includes(kind)) return 0;
      if (word.rule.exact && !word.bytes.equals(bytes.subarray(at, at + word.bytes.length))) return 0;
      const whole = text ?? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
      text = whole;
      const seen = word.rule.look(whole, at, kind);
      if (seen.length === 0) return 0;
      const previous = found.at(-1)?.end ?? 0;
      const news = seen.filter(({ start, end, open }) => start >= previous && (end > start || open === true));
      found.push(...news);
      return news.at(-1)?.end ?? 0;
    });
    return found;
  };
}

function replaceAll(bytes: Uint8Array, all: readonly Finding[], mark: Redactor["mark"]): RedactedBytes {
  const findings = all.filter(({ start, end }) => end > start);
  if (findings.length === 0) return { bytes, count: 0 };
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const finding of findings) {
    const secret = finding.whole ?? Buffer.from(bytes.subarray(finding.start, finding.end)).toString("utf8");
    pieces.push(bytes.subarray(at, finding.start), Buffer.from(mark(secret, finding.rule)));
    at = finding.end;
  }
  pieces.push(bytes.subarray(at));
  return { bytes: Buffer.concat(pieces), count: findings.filter((finding) => finding.further !== true).length };
}

function environmentValues(env: RedactorOptions["env"]): string[] {
  return Object.entries(env).flatMap(([name, value]) => {
    if (value === undefined || !isSecretVariable(name)) return [];
    return [value, ...(value.includes("\n") ? value.split("\n").filter((part) => part.length >= 16) : [])];
  });
}

/** One rule per secret value, found wherever it appears: as it is, in a URL, in a JSON string. */
function valueRules(secrets: readonly string[], rule: string): Rule[] {
  const searched = secrets.map((secret) => secret.trim()).filter(isSearchable);
  return [...new Set(searched.flatMap(formsOf))].map((value) => {
    // A short word is only the secret when it stands alone.
    const alone = /^[A-Za-z0-9]{1,11}$/.test(value);
    const isWord = (char: string | undefined): boolean => char !== undefined && /[A-Za-z0-9]/.test(char);
    return {
      words: [value],
      exact: true,
      kinds: EVERY_KIND,
      look: (text, at) => {
        const end = at + value.length;
        if (alone && (isWord(text[at - 1]) || isWord(text[end]))) return [];
        return [{ from: at, start: at, end, rule }];
      },
    };
  });
}

/** As latin1 views of the UTF-8 bytes. */
function formsOf(value: string): string[] {
  const forms = [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)];
  return forms.map((form) => Buffer.from(form).toString("latin1"));
}
