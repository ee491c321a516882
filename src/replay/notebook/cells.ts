import { readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { type AgentEvent, digestOf, isUnknown, knownOr, type RunRecord } from "#record";
import type { Store } from "#store";

/** A code cell of a notebook that the run executed. */
interface Cell {
  /** The notebook, as inputs of the run name it. */
  readonly file: string;
  /** Which of its code cells, from 1. */
  readonly cell: number;
  readonly text: string;
}

/** Cells by the names that events have for them: "<cell 3>" is the third that a kernel was given. */
export type Cells = ReadonlyMap<string, Cell>;

export const NOTEBOOK = /\.ipynb$/i;

/** A code cell as nbformat wrote it down. */
export interface CodeCell {
  readonly text: string;
  /** As which input of its kernel it ran last; null where it never did. */
  readonly count: number | null;
  readonly outputs: readonly unknown[];
}

/** The code cells of a notebook, in order. Throws what JSON.parse throws. */
export function codeCells(notebook: string): CodeCell[] {
  const parsed: unknown = JSON.parse(notebook);
  const cells = (parsed as { cells?: unknown } | null)?.cells;
  if (!Array.isArray(cells)) return [];
  return cells.flatMap((cell: Readonly<Record<string, unknown>> | null) => {
    if (cell?.["cell_type"] !== "code") return [];
    const { source, outputs, execution_count: count } = cell;
    return [
      {
        text: Array.isArray(source) ? source.join("") : typeof source === "string" ? source : "",
        count: typeof count === "number" ? count : null,
        outputs: Array.isArray(outputs) ? outputs : [],
      },
    ];
  });
}

const codeOf = (notebook: string): string[] => codeCells(notebook).map(({ text }) => text);

/** What there is of a notebook; a cell of another text than the one that ran will not be taken for it. */
export function notebookText(run: RunRecord, file: string, store: Store): string {
  const input = knownOr(run.inputs, []).find((one) => one.path === file);
  const stored =
    input !== undefined && !isUnknown(input.digest) && store.objects.has(input.digest) ? input.digest : null;
  if (stored !== null) return new TextDecoder().decode(store.objects.read(stored));
  return readFileSync(isAbsolute(file) ? file : join(run.command.project, file), "utf8");
}

/** The notebooks that a run read, as its inputs would be named. */
export function notebooksRead(run: RunRecord, events: readonly AgentEvent[]): string[] {
  const project = `${run.command.project}/`;
  const paths = events.flatMap((event) => (event.e === "read" && NOTEBOOK.test(event.p) ? [event.p] : []));
  return [...new Set(paths)].map((path) => (path.startsWith(project) ? path.slice(project.length) : path));
}

/** Which cell of which notebook each cell of a kernel was: by its text, in order where texts are equal. */
export function cellsOf(run: RunRecord, events: readonly AgentEvent[], store: Store): Cells {
  const found = new Map<string, Cell>();
  const executed = events.flatMap((event) => (event.e === "cell" ? [event] : []));
  if (executed.length === 0) return found;
  for (const path of notebooksRead(run, events)) {
    let texts: string[];
    try {
      texts = codeOf(notebookText(run, path, store));
    } catch {
      continue;
    }
    const digests = texts.map((text) => digestOf(new TextEncoder().encode(text)).replace(/^sha256:/, ""));
    let from = 0;
    for (const { n, code } of executed) {
      const later = digests.indexOf(code, from);
      const at = later === -1 ? digests.indexOf(code) : later;
      if (at === -1) continue;
      from = at + 1;
      const name = `<cell ${n}>`;
      if (!found.has(name)) found.set(name, { file: path, cell: at + 1, text: texts[at] ?? "" });
    }
  }
  return found;
}

const MARK = "\u{f8ff}\u{f8fe}";

/**
 * The code cell, and the line within it, that a line of a notebook's JSON text is part of; null for one of no cell's code. A
 * cell whose code is written as a single string has no line of its own here.
 */
export function cellAtLine(
  notebook: string,
  line: number,
): { readonly cell: number; readonly line: number | null } | null {
  const lines = notebook.split("\n");
  const literal = /"(?=(?:[^"\\]|\\.)*"[^"]*$)/;
  lines[line - 1] = (lines[line - 1] ?? "").replace(literal, `"${MARK}`);
  try {
    const texts = codeOf(lines.join("\n"));
    const at = texts.findIndex((text) => text.includes(MARK));
    const before = texts[at]?.slice(0, texts[at].indexOf(MARK)) ?? "";
    const isWhole = /"source"\s*:\s*"/.test(lines[line - 1] ?? "");
    return at === -1 ? null : { cell: at + 1, line: isWhole ? null : before.split("\n").length };
  } catch {
    return null;
  }
}

/** A change of a notebook's JSON, told as the change of a cell's code that it is. */
export function changeInNotebook<
  Place extends { readonly file: string | null; readonly line: number | null; readonly fix: string },
>(place: Place, run: RunRecord, store: Store): Place & { readonly cell?: number } {
  if (place.file === null || place.line === null || !NOTEBOOK.test(place.file)) return place;
  try {
    const found = cellAtLine(notebookText(run, place.file, store), place.line);
    if (found === null) return place;
    const code = place.fix.split("\n").map((text): unknown => JSON.parse(text.trim().replace(/,$/, "")));
    const fix = code.every((text) => typeof text === "string") ? code.join("") : place.fix;
    return { ...place, ...found, fix };
  } catch {
    return place;
  }
}

/** A place as people know it: the notebook and the cell, where events name only the how-many-th input of a kernel. */
export function inNotebook<Place extends { readonly file: string | null }>(
  place: Place,
  cells: Cells,
): Place & { readonly cell?: number } {
  const found = place.file === null ? undefined : cells.get(place.file);
  return found === undefined ? place : { ...place, file: found.file, cell: found.cell };
}
