/** The modules that a fix may need, and the name it gives them where the file has none. */
const USUAL: Readonly<Record<string, string>> = { numpy: "np" };

function escaped(text: string): string {
  return text.replaceAll(".", "\\.");
}

/** Under which name a file knows a module at its top level; null when it does not. */
function nameOf(text: string, module: string): string | null {
  const lines = text.split("\n").filter((line) => /^import\s/.test(line));
  const parts = lines.flatMap((line) => line.slice(7).replace(/#.*/, "").split(","));
  for (const part of parts) {
    const alias = new RegExp(`^\\s*${escaped(module)}\\s+as\\s+(\\w+)\\s*$`).exec(part);
    if (alias !== null) return alias[1] ?? null;
  }
  if (module === "keras" && /^from\s+tensorflow\s+import\b.*\bkeras\b(?!\s+as)/m.test(text)) return module;
  // `import torch.nn` knows torch; `import torch.nn as nn` does not.
  return parts.some((part) => new RegExp(`^\\s*${escaped(module)}(\\.[\\w.]+)?\\s*$`).test(part)) ? module : null;
}

export interface Module {
  readonly name: string;
  /** The statement that makes the name known; "" where the file has it. */
  readonly needs: string;
}

/** How a line of this file is to name a module. Without the file it is taken to be imported as is usual. */
export function moduleIn(text: string | null, module: string): Module {
  const usual = USUAL[module] ?? module;
  if (text === null) return { name: usual, needs: "" };
  const known = nameOf(text, module);
  if (known !== null) return { name: known, needs: "" };
  // `from random import random` has the name for something else.
  const taken = new RegExp(`^from\\s.*\\bimport\\b.*\\b${usual}\\b`, "m").test(text);
  const name = taken ? `${usual}_module` : usual;
  return { name, needs: name === module ? `import ${module}` : `import ${module} as ${name}` };
}

/** A line with what it needs before it. */
export function withImports(line: string, text: string | null, modules: readonly string[]): string {
  const needs = modules.map((module) => moduleIn(text, module)).filter(({ needs: statement }) => statement !== "");
  return [...needs.map(({ needs: statement }) => statement), line].join("\n");
}
