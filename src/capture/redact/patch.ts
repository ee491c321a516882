import { inflateSync } from "node:zlib";
import { decodeBase85 } from "../code/base85.ts";
import { headerOf, sectionsOf } from "../code/patch-section.ts";
import type { RedactedBytes, TextKind } from "./finding.ts";
import { textKindOf } from "./text-kind.ts";

export interface RedactedDiff extends RedactedBytes {
  /** Binary files left out because their content holds a secret: there it cannot be cut out. */
  readonly withheld: readonly string[];
}

/**
 * Redacts the hunks of a `git diff --binary`, section by section. Headers stay, and so does the number of lines.
 * `current` gives a file's content for binary hunks that are only a difference.
 */
export function redactPatch(
  diff: Uint8Array,
  redactBytes: (bytes: Uint8Array, kind: TextKind) => RedactedBytes,
  current: (path: string) => Uint8Array | null,
): RedactedDiff {
  const pieces: Uint8Array[] = [];
  const withheld: string[] = [];
  let count = 0;
  for (const section of sectionsOf(diff)) {
    const { path, body, binary } = headerOf(section);
    if (binary) {
      const content = literalOf(section.subarray(body)) ?? current(path);
      const found = content === null ? 0 : redactBytes(content, textKindOf(path, content)).count;
      count += found;
      if (found > 0) withheld.push(path);
      else pieces.push(section);
      continue;
    }
    const result = redactBytes(section.subarray(body), textKindOf(path));
    count += result.count;
    pieces.push(section.subarray(0, body), result.bytes);
  }
  return count === 0 ? { bytes: diff, count, withheld } : { bytes: Buffer.concat(pieces), count, withheld };
}

/** The new content of a binary section, when it is written out as a whole. */
function literalOf(body: Uint8Array): Uint8Array | null {
  const text = Buffer.from(body).toString("latin1");
  const hunk = /literal (\d+)\n([\s\S]*?)\n\n/.exec(text);
  if (hunk === null || hunk.index !== text.indexOf("\n") + 1) return null;
  try {
    return inflateSync(decodeBase85(hunk[2] ?? ""), { maxOutputLength: 64 * 1024 * 1024 });
  } catch {
    return null;
  }
}
