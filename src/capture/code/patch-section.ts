/** The parts of a `git diff --binary`, read as bytes: one section per file. */

const SECTION = Buffer.from("\ndiff --git ");

export function sectionsOf(diff: Uint8Array): Uint8Array[] {
  const bytes = Buffer.from(diff.buffer, diff.byteOffset, diff.byteLength);
  const sections: Uint8Array[] = [];
  let start = 0;
  while (start < bytes.length) {
    const next = bytes.indexOf(SECTION, start);
    const end = next < 0 ? bytes.length : next + 1;
    sections.push(bytes.subarray(start, end));
    start = end;
  }
  return sections;
}

export interface PatchHeader {
  /** The path after the change (before it for a removed file). */
  readonly path: string;
  /** The path before the change. */
  readonly oldPath: string;
  /** Where the hunks begin; the length of the section when it has none. */
  readonly body: number;
  readonly binary: boolean;
}

export function headerOf(section: Uint8Array): PatchHeader {
  const bytes = Buffer.from(section.buffer, section.byteOffset, section.byteLength);
  const text = bytes.indexOf("\n@@ ");
  const binary = bytes.indexOf("\nGIT binary patch\n");
  const isBinary = binary >= 0 && (text < 0 || binary < text);
  const body = isBinary ? binary + 1 : text >= 0 ? text + 1 : bytes.length;
  const header = bytes.subarray(0, body).toString("utf8");
  const named = (pattern: RegExp): string | null => {
    const match = pattern.exec(header)?.[1];
    return match === undefined ? null : unquote(match);
  };
  const after = named(/^\+\+\+ (.+?)\t?$/m);
  const before = named(/^--- (.+?)\t?$/m);
  const both = bothNames(header);
  const newPath = named(/^(?:rename|copy) to (.+)$/m) ?? side(after) ?? side(before) ?? both;
  const oldPath = named(/^(?:rename|copy) from (.+)$/m) ?? side(before) ?? newPath;
  return { path: newPath, oldPath, body, binary: isBinary };
}

/** "a/x" or "b/x" without the letter; null for /dev/null. */
function side(name: string | null): string | null {
  return name === null || name === "/dev/null" ? null : name.replace(/^[ab]\//, "");
}

/** From `diff --git a/x b/x`, when nothing else names the file: both names are the same there. */
function bothNames(header: string): string {
  const line = /^diff --git (.+)$/m.exec(header)?.[1] ?? "";
  if (line.startsWith('"')) return side(unquote(/^"(?:[^"\\]|\\.)*"/.exec(line)?.[0] ?? "")) ?? "";
  return line.slice(0, (line.length - 1) / 2).replace(/^a\//, "");
}

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, "\\": 92 };

/** Git's C-style quoting of unusual names. */
function unquote(name: string): string {
  if (!name.startsWith('"')) return name;
  const bytes: number[] = [];
  const inner = name.slice(1, -1);
  for (let i = 0; i < inner.length; i++) {
    if (inner[i] !== "\\") {
      bytes.push(...Buffer.from(inner[i] ?? ""));
      continue;
    }
    const octal = /^[0-7]{3}/.exec(inner.slice(i + 1, i + 4))?.[0];
    bytes.push(octal === undefined ? (ESCAPES[inner[i + 1] ?? ""] ?? 63) : Number.parseInt(octal, 8));
    i += octal === undefined ? 1 : 3;
  }
  return Buffer.from(bytes).toString("utf8");
}
