import { sortedLoop } from "./rewrite.ts";

const MADE = /^\s*(\w+)\s*(?::[^=]+)?=\s*(?:\{|set\(|frozenset\()/;
const RETURNED = /^(\s*(?:return|yield)\s+)((?:\{|set\(|frozenset\().*[})])\s*$/;
/** These ask a set for what has no order. */
const UNORDERED = /\b(?:len|sorted|min|max|sum|any|all|set|frozenset|sorted)\(\s*$/;

/** A use of the variable as a whole, as an argument or unpacked: that is where an order comes of it. */
function usedIn(line: string, name: string): string | null {
  for (const found of line.matchAll(new RegExp(`(?<=[(,*\\s])${name}(?=\\s*[,)])`, "g"))) {
    const before = line.slice(0, found.index);
    if (UNORDERED.test(before) || /\b(?:not\s+)?in\s+$/.test(before) || /^\s*(?:def|lambda)\b/.test(line)) continue;
    return `${before}sorted(${name})${line.slice(found.index + name.length)}`;
  }
  return null;
}

/**
 * For a line that makes a set: the line further down that goes through it, sorted, or the returned set itself, sorted; null
 * where it is no such line, or no such use is found.
 */
export function sortedUse(source: string, text: string | null): string | null {
  const returned = RETURNED.exec(source);
  if (returned !== null) return `${returned[1]}sorted(${returned[2]})`.trim();
  const name = MADE.exec(source)?.[1];
  const lines = text?.split("\n") ?? [];
  const made = lines.indexOf(source);
  if (name === undefined || made === -1) return null;
  const whole = new RegExp(`sorted\\(\\s*${name}\\s*\\)`);
  for (const [at, line] of lines.entries()) {
    if (at <= made || !new RegExp(`\\b${name}\\b`).test(line)) continue;
    const loop = sortedLoop(line);
    const used = loop !== null && whole.test(loop) ? loop : usedIn(line, name);
    if (used !== null) return `${used.trim()}  # line ${at + 1}`;
  }
  return null;
}
