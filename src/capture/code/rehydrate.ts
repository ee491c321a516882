import { readFileSync } from "node:fs";
import { join } from "node:path";
import { headerOf, sectionsOf } from "./patch-section.ts";
import { isSafePath } from "./safe-path.ts";

export const MARKER = /<redacted:[a-z0-9-]+:\d+>/g;

export interface Rehydrated {
  readonly diff: Uint8Array;
  /** Markers whose secret stands in the commit itself, with that secret (latin1 view). */
  readonly secrets: ReadonlyMap<string, string>;
}

/**
 * A redacted diff does not apply where a secret stands in the commit: its context and removed lines hold markers. Those
 * lines are known from the checked-out files, so they are put back, and added lines get the secrets learned that way.
 */
export function rehydrate(diff: Uint8Array, checkedOut: string): Rehydrated {
  const secrets = new Map<string, string>();
  const sections = sectionsOf(diff).map((section) => restoreOldSide(section, checkedOut, secrets));
  const text = sections.map((section) => fillAdded(section, secrets));
  return { diff: Buffer.from(text.join(""), "latin1"), secrets };
}

/** Puts secrets back where their markers stand. */
export function fill(text: string, secrets: ReadonlyMap<string, string>): string {
  return text.replace(MARKER, (marker) => secrets.get(marker) ?? marker);
}

function restoreOldSide(section: Uint8Array, root: string, secrets: Map<string, string>): string {
  const text = Buffer.from(section).toString("latin1");
  const { body, binary, oldPath } = headerOf(section);
  if (binary || text.search(MARKER) < 0 || !isSafePath(oldPath)) return text;
  let old: string[];
  try {
    old = readFileSync(join(root, oldPath)).toString("latin1").split("\n");
  } catch {
    return text;
  }
  let at = 0;
  const lines = text
    .slice(body)
    .split("\n")
    .map((line) => {
      const hunk = /^@@ -(\d+)/.exec(line);
      if (hunk !== null) {
        at = Number(hunk[1]) - 1;
        return line;
      }
      if (line[0] !== " " && line[0] !== "-") return line;
      const before = old[at++];
      if (before === undefined || line.search(MARKER) < 0) return line;
      learn(line.slice(1), before, secrets);
      return line[0] + before;
    });
  return text.slice(0, body) + lines.join("\n");
}

/** The parts between the markers show where each secret lies in the original line. */
function learn(redacted: string, original: string, secrets: Map<string, string>): void {
  const markers = redacted.match(MARKER) ?? [];
  const literal = redacted.split(MARKER).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const match = new RegExp(`^${literal.join("(.+?)")}$`).exec(original);
  for (const [index, marker] of markers.entries()) {
    const secret = match?.[index + 1];
    if (secret !== undefined && !secrets.has(marker)) secrets.set(marker, secret);
  }
}

function fillAdded(section: string, secrets: ReadonlyMap<string, string>): string {
  if (secrets.size === 0 || section.search(MARKER) < 0) return section;
  return section.replace(/^\+.*$/gm, (line) => (line.startsWith("+++ ") ? line : fill(line, secrets)));
}
