interface Key {
  readonly name: string;
  readonly indent: number;
}

function keyAt(line: string): Key | null {
  const found = /^([\s-]*)(?:export\s+)?["']?([A-Za-z_][\w.-]*)["']?\s*[:=]/.exec(line);
  return found === null ? null : { name: found[2] ?? "", indent: (found[1] ?? "").length };
}

/** The key that a line of a configuration file sets, with the sections or parents above it: "optimizer.lr". */
export function keyOfLine(lines: readonly string[], at: number): string | null {
  const own = keyAt(lines[at] ?? "");
  if (own === null) return null;
  const parents: string[] = [];
  let { indent } = own;
  for (let i = at - 1; i >= 0; i--) {
    const line = lines[i] ?? "";
    const section = /^\s*\[+([^\]]+)\]+\s*$/.exec(line)?.[1];
    if (section !== undefined) return [section.trim(), ...parents, own.name].join(".");
    const key = indent > 0 ? keyAt(line) : null;
    if (key === null || key.indent >= indent) continue;
    // A parent opens a block and has no value of its own.
    if (/[:=]\s*[{[]?\s*(?:#.*)?$/.test(line.trimEnd())) parents.unshift(key.name);
    indent = key.indent;
  }
  return [...parents, own.name].join(".");
}

/** The keys of a settings file with the line, from 1, that sets each: of those that stand on a line of their own. */
export function linesOfKeys(source: string): ReadonlyMap<string, number> {
  const lines = source.split(/\r?\n/);
  const found = new Map<string, number>();
  for (const at of lines.keys()) {
    const key = keyOfLine(lines, at);
    if (key !== null) found.set(key, at + 1);
  }
  return found;
}

/** Names that a Python file gives plain values to, at the beginning of a line: a configuration that is executed. */
export function pythonSettings(source: string): ReadonlyMap<string, { readonly value: string; readonly line: number }> {
  const found = new Map<string, { readonly value: string; readonly line: number }>();
  for (const [at, line] of source.split(/\r?\n/).entries()) {
    const [, name = "", value = ""] = /^([A-Za-z_]\w*)\s*(?::[^=]+)?=\s*([^=\s].*)$/.exec(line) ?? [];
    const plain = LITERAL.exec(value)?.[1];
    if (plain !== undefined) found.set(name, { value: plain.replace(/^(["'])(.*)\1$/s, "$2"), line: at + 1 });
  }
  return found;
}

/** A number, a text, a truth or a flat list, and at most a comment behind it. */
const LITERAL =
  /^([-+]?[\d.][\d._e+-]*|True|False|None|"[^"\\]*"|'[^'\\]*'|[[(](?:[-+\d.e_,\s]|True|False|None|"[^"\\]*"|'[^'\\]*')*[\])])\s*(?:#.*)?$/;
