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

const NOTEBOOK = /\.ipynb$/i;

/** What a code cell says, however nbformat wrote it down. Throws what JSON.parse throws. */
function codeCells(notebook: string): string[] {
  const parsed: unknown = JSON.parse(notebook);
  const cells = (parsed as { cells?: unknown } | null)?.cells;
  if (!Array.isArray(cells)) return [];
  return cells.flatMap((cell: { cell_type?: unknown; source?: unknown } | null) => {
    if (cell?.cell_type !== "code") return [];
    const { source } = cell;
    return [Array.isArray(source) ? source.join("") : typeof source === "string" ? source : ""];
  });
}

/** What there is of a notebook; a cell of another text than the one that ran will not be taken for it. */
function notebookText(run: RunRecord, file: string, store: Store): string {
  const input = knownOr(run.inputs, []).find((one) => one.path === file);
  const stored =
    input !== undefined && !isUnknown(input.digest) && store.objects.has(input.digest) ? input.digest : null;
  if (stored !== null) return new TextDecoder().decode(store.objects.read(stored));
  return readFileSync(isAbsolute(file) ? file : join(run.command.project, file), "utf8");
}

/** The notebooks that a run read, as its inputs would be named. */
function notebooksRead(run: RunRecord, events: readonly AgentEvent[]): string[] {
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
      texts = codeCells(notebookText(run, path, store));
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

/** A place as people know it: the notebook and the cell, where events name only the how-many-th input of a kernel. */
export function inNotebook<Place extends { readonly file: string | null }>(
  place: Place,
  cells: Cells,
): Place & { readonly cell?: number } {
  const found = place.file === null ? undefined : cells.get(place.file);
  return found === undefined ? place : { ...place, file: found.file, cell: found.cell };
}
