/** A runnable document: files to put and commands with what they print (test/specs/README.md). */
export type Block =
  | { readonly kind: "file"; readonly path: string; readonly content: string }
  | { readonly kind: "console"; readonly from: number; readonly to: number; readonly steps: readonly Step[] };

interface Step {
  readonly line: string;
  readonly expected: string;
}

function stepsOf(lines: readonly string[]): Step[] {
  const steps: { line: string; expected: string[] }[] = [];
  for (const line of lines) {
    if (line.startsWith("$ ")) steps.push({ line: line.slice(2), expected: [] });
    else steps.at(-1)?.expected.push(line);
  }
  return steps.map(({ line, expected }) => ({ line, expected: expected.join("\n") }));
}

export function blocksOf(text: string): Block[] {
  const lines = text.split("\n");
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; i++) {
    const head = /^```(\w+)(?: file=(\S+))?$/.exec(lines[i] ?? "");
    if (head === null) continue;
    const end = lines.indexOf("```", i + 1);
    const body = lines.slice(i + 1, end);
    const path = head[2];
    if (path !== undefined) blocks.push({ kind: "file", path, content: `${body.join("\n")}\n` });
    else if (head[1] === "console") blocks.push({ kind: "console", from: i + 1, to: end, steps: stepsOf(body) });
    i = end;
  }
  return blocks;
}

/** What changes from run to run and from machine to machine, each by the name that the documents use for it. */
const MASKS: readonly (readonly [RegExp, string])[] = [
  // Before the ids: eight of its digits would look like one.
  [/"seconds": [\d.e-]+/g, '"seconds": SECONDS'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "UUID"],
  [/\bsha256:[0-9a-f]{64}\b/g, "DIGEST"],
  [/\b[0-9a-f]{32}\b/g, "SEED"],
  [/\b[0-9a-f]{8}…/g, "SEED…"],
  [/\b[0-9a-f]{12}\b/g, "DIGEST"],
  [/\b(?=[0-9a-f]*[0-9])[0-9a-f]{8}\b/g, "ID"],
  [/\b[a-f]{8}\b/g, "ID"],
  [/\b\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z-\w{6}/g, "WHEN"],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?Z)?/g, "WHEN"],
  [/ *\b\d+(\.\d+)? s\b/g, " SECONDS"],
  [/(shown on +)[^\n]+/g, "$1MACHINE"],
  [/(· loss )[\d.e-]+/g, "$1LOSS"],
  [/(differs +metric [^:\n]+: )[^\n]+/g, "$1A ≠ B (APART)"],
  [/(replays +)[^\n]+/g, "$1REPLAYS"],
  [/(metrics +)[^\n]+/g, "$1METRICS"],
];

export function masked(text: string, places: Readonly<Record<string, string>>): string {
  let result = text;
  for (const [path, name] of Object.entries(places)) result = result.replaceAll(path, name);
  for (const [pattern, name] of MASKS) result = result.replace(pattern, name);
  return result.replace(/[ \t]+$/gm, "");
}
