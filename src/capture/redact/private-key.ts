import { EVERY_KIND, type Finding, type Rule } from "./finding.ts";

const LONGEST_KEY = 65_536;
const BODY_LINE = /^([+\- ]?[ \t#*>|"']*)([A-Za-z0-9+/=]{1,200})([ \t"',;\\]*(?:\\n)?["',;+\\ \t]*)$/;
const HEADER_LINE = /^[+\- ]?\s*(?:[A-Za-z-]{1,40}: .{0,200})?["',]*$/;

/**
 * A private key in PEM form, on lines of its own (also inside a diff: the first character of each line stays) or inside
 * a string with "\n" for its line ends. Only the body is replaced, so that the number of lines stays.
 */
export const privateKeyRule: Rule = {
  words: ["BEGIN "],
  exact: true,
  kinds: EVERY_KIND,
  look(text, at): readonly Finding[] {
    if (!text.startsWith("-----", at - 5)) return [];
    const head = /BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y;
    head.lastIndex = at;
    const match = head.exec(text);
    if (match === null) return [];
    const start = at + match[0].length;
    const next = text[start];
    return next === "\n" || next === "\r" || next === undefined
      ? lines(text, at - 5, start)
      : inString(text, at - 5, start);
  },
};

/** In a string, or in one string per line as notebooks have it: line ends are escapes, and those stay. */
function inString(text: string, from: number, start: number): Finding[] {
  const rest = text.slice(start, start + LONGEST_KEY);
  const region = /^[A-Za-z0-9+/=\\\s:,"'[\]-]*?(?=-----END)/.exec(rest) ?? /^[A-Za-z0-9+/=\\ ]*/.exec(rest);
  const found: { start: number; end: number }[] = [];
  // Prose about keys has no long line of base 64.
  if (!/[A-Za-z0-9+/=]{40}/.test(region?.[0] ?? "")) return [];
  for (const run of (region?.[0] ?? "").matchAll(/\\+[nrt]|[A-Za-z0-9+/=]{4,}/g)) {
    if (!run[0].startsWith("\\")) found.push({ start: start + run.index, end: start + run.index + run[0].length });
  }
  return findingsOf(text, from, found, false);
}

function lines(text: string, from: number, start: number): Finding[] {
  const found: { start: number; end: number }[] = [];
  let at = afterLineEnd(text, start);
  let open = true;
  while (at < text.length && at - start < LONGEST_KEY) {
    const newline = text.indexOf("\n", at);
    const lineEnd = newline < 0 ? text.length : newline;
    const line = text.slice(at, Math.min(lineEnd, at + 1000)).replace(/\r$/, "");
    if (line.includes("-----END")) {
      open = false;
      break;
    }
    const body = BODY_LINE.exec(line);
    if (body !== null) {
      const left = at + (body[1]?.length ?? 0);
      found.push({ start: left, end: left + (body[2]?.length ?? 0) });
    } else if (!HEADER_LINE.test(line)) {
      open = false;
      break;
    }
    if (newline < 0) break;
    at = newline + 1;
  }
  if (at - start >= LONGEST_KEY) open = false;
  // Nothing of the body is here yet: a stream must wait for it.
  if (open && found.length === 0) return [{ from, start: text.length, end: text.length, rule: "private-key", open }];
  return findingsOf(text, from, found, open);
}

/** The parts of one key: they share a marker and count once. */
function findingsOf(
  text: string,
  from: number,
  parts: readonly { start: number; end: number }[],
  open: boolean,
): Finding[] {
  const whole = parts.map((part) => text.slice(part.start, part.end)).join("");
  return parts.map((part, index) => ({
    from: index === 0 ? from : part.start,
    ...part,
    rule: "private-key",
    whole,
    ...(index > 0 ? { further: true } : {}),
    ...(open && index === parts.length - 1 ? { open: true } : {}),
  }));
}

function afterLineEnd(text: string, at: number): number {
  const newline = text.indexOf("\n", at);
  return newline < 0 ? text.length : newline + 1;
}
