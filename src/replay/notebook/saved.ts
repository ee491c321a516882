import { compareBytes, type Origin } from "#content";
import { type AgentEvent, isUnknown, knownOr, type OutputFile, type RunRecord } from "#record";
import type { Store } from "#store";
import type { Side } from "../evidence.ts";
import { eventsOf } from "../replay.ts";
import { sideOf } from "../side.ts";
import {
  type Cells,
  type CodeCell,
  cellsOf,
  codeCells,
  inNotebook,
  NOTEBOOK,
  notebooksRead,
  notebookText,
} from "./cells.ts";

/** A cell that does not give what the notebook has saved for it. */
interface OtherOutput {
  /** From 1, code cells only. */
  readonly cell: number;
  readonly saved: string;
  readonly now: string;
}

/** Whether execution from top to bottom gives what a notebook has saved. */
export interface SavedOutputs {
  /** As inputs of the run name it. */
  readonly file: string;
  /** Code cells, and how many of them ran. */
  readonly cells: number;
  readonly executed: number;
  /** Cells whose saved outputs came again; null where the notebook as it was saved or executed is not there. */
  readonly same: number | null;
  readonly differ: readonly OtherOutput[];
  /** By their saved counts: all cells ran once, from top to bottom; or they did not; or none was saved as run. */
  readonly order: "top-to-bottom" | "otherwise" | "not-run";
  /** The cell that stopped the execution, and what it raised. */
  readonly failed: { readonly cell: number; readonly error: string } | null;
}

/** What a saved notebook was executed by is not known: any moment before this run, of any length. */
const before = (origin: Origin): Origin => ({
  ...origin,
  startMs: Date.UTC(2011, 0),
  endMs: origin.startMs,
  seconds: (origin.startMs - Date.UTC(2011, 0)) / 1000,
  clockValues: [],
});

/** The cells of a notebook that the run left; null where it is not to be had. */
function cellsLeft(side: Side, file: OutputFile): CodeCell[] | null {
  const reader = isUnknown(file.digest) ? null : side.open(file.digest, file);
  try {
    return reader === null ? null : codeCells(new TextDecoder().decode(reader.read(0, reader.length)));
  } catch {
    return null;
  } finally {
    reader?.close();
  }
}

/** The cells of a notebook as it was saved before the run; null where it is not to be had, or was executed in place. */
function cellsSaved(run: RunRecord, file: string, store: Store): CodeCell[] | null {
  const isKept = knownOr(run.inputs, []).some((one) => one.path === file && one.stored);
  if (!isKept && knownOr(run.outputs, []).some(({ path }) => path === file)) return null;
  try {
    return codeCells(notebookText(run, file, store));
  } catch {
    return null;
  }
}

/** One cell's outputs as a notebook, which the reader of notebooks understands. */
function alone(cell: CodeCell): Uint8Array {
  const outputs = cell.outputs.map((output) =>
    typeof output === "object" && output !== null && "execution_count" in output
      ? { ...output, execution_count: null }
      : output,
  );
  const only = { cell_type: "code", metadata: {}, execution_count: null, source: "", outputs };
  return new TextEncoder().encode(JSON.stringify({ cells: [only], metadata: {}, nbformat: 4, nbformat_minor: 4 }));
}

/** Of two texts, the first lines that are not the same: behind a time, say, that has a right to be another one. */
function firstLine(a: string, b: string, origin: Origin): Pick<OtherOutput, "saved" | "now"> {
  const [left, right] = [a.split("\n"), b.split("\n")];
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  for (const [index, saved] of left.entries()) {
    const now = right[index] ?? "";
    if (!compareBytes("line.txt", bytes(saved), bytes(now), { a: before(origin), b: origin }).agree)
      return { saved, now };
  }
  return { saved: a, now: b };
}

function compareOutputs(saved: readonly CodeCell[], now: readonly CodeCell[], origin: Origin) {
  const differ: OtherOutput[] = [];
  let same = 0;
  for (const [index, cell] of saved.entries()) {
    const other = now[index];
    if (other === undefined || cell.outputs.length === 0) continue;
    const { agree, difference, incomplete } = compareBytes("cell.ipynb", alone(cell), alone(other), {
      a: before(origin),
      b: origin,
    });
    if (agree) same += 1;
    else {
      const [a, b] = [difference?.a ?? incomplete ?? "", difference?.b ?? incomplete ?? ""];
      differ.push({ cell: index + 1, ...firstLine(a, b, origin) });
    }
  }
  return { same, differ };
}

function orderOf(saved: readonly CodeCell[]): SavedOutputs["order"] {
  const counts = saved.flatMap(({ count }) => (count === null ? [] : [count]));
  if (counts.length === 0) return "not-run";
  // An empty cell takes no number.
  const run = saved.filter(({ text }) => text.trim() !== "");
  return run.every(({ count }, index) => count === index + 1) ? "top-to-bottom" : "otherwise";
}

function failureOf(events: readonly AgentEvent[], cells: Cells, file: string): SavedOutputs["failed"] {
  for (const event of events) {
    if (event.e !== "cell" || event.error === undefined) continue;
    const at = cells.get(`<cell ${event.n}>`);
    if (at?.file === file) return { cell: at.cell, error: event.error };
  }
  return null;
}

/** Whether two notebooks are one, executed or not: the same code, cell by cell. */
const isSameCode = (a: readonly CodeCell[], b: readonly CodeCell[]): boolean =>
  a.length === b.length && a.every(({ text }, index) => text === b[index]?.text);

/** Without a look at its events: of any other run the answer costs nothing. */
const mayRunNotebook = (run: RunRecord): boolean =>
  run.command.argv.some((word) => /\.ipynb$/i.test(word)) ||
  knownOr(run.outputs, []).some(({ path }) => NOTEBOOK.test(path)) ||
  knownOr(run.entropy, []).some(({ file }) => file?.startsWith("<cell ") === true);

/**
 * What each notebook that a run executed has saved, against what came of it now. Cells without saved outputs say nothing.
 * Order and failure tell of state that the cells themselves do not make; an output that is another one may also come
 * from unseeded draws or other versions, which `verify` and `why` tell apart.
 */
export function savedOutputs(run: RunRecord, store: Store): SavedOutputs[] {
  if (!mayRunNotebook(run)) return [];
  const events = eventsOf(run, store);
  const cells = cellsOf(run, events, store);
  if (cells.size === 0) return [];
  const side = sideOf(run, events, store, []);
  const results = knownOr(run.outputs, []).filter(({ path }) => NOTEBOOK.test(path));
  return notebooksRead(run, events).flatMap((file): SavedOutputs[] => {
    const ran = [...cells.values()].filter((cell) => cell.file === file);
    if (ran.length === 0) return [];
    const saved = cellsSaved(run, file, store);
    const executed = results
      .map((result) => cellsLeft(side, result))
      .find((one) => one !== null && saved !== null && isSameCode(saved, one));
    const found = saved === null || executed == null ? null : compareOutputs(saved, executed, side.origin);
    return [
      {
        file,
        cells: saved?.length ?? ran.length,
        executed: ran.length,
        same: found?.same ?? null,
        differ: found?.differ ?? [],
        order: saved === null ? "not-run" : orderOf(saved),
        failed: failureOf(events, cells, file),
      },
    ];
  });
}

/** A run whose sources of entropy are told by notebook and cell, as people know them. */
export function withCells(run: RunRecord, store: Store): RunRecord {
  if (isUnknown(run.entropy) || !run.entropy.some(({ file }) => file?.startsWith("<cell ") === true)) return run;
  const cells = cellsOf(run, eventsOf(run, store), store);
  return { ...run, entropy: run.entropy.map((source) => inNotebook(source, cells)) };
}
