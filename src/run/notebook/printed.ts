import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { AgentEvent, OutputFile } from "#record";

export interface PrintedLine {
  readonly source: "stdout" | "stderr";
  readonly line: string;
}

interface Cell {
  readonly cell_type?: unknown;
  readonly source?: unknown;
  readonly outputs?: unknown;
}

const textOf = (value: unknown): string =>
  Array.isArray(value) ? value.join("") : typeof value === "string" ? value : "";

function linesOf(cell: Cell): PrintedLine[] {
  const outputs: readonly unknown[] = Array.isArray(cell.outputs) ? cell.outputs : [];
  return (["stdout", "stderr"] as const).flatMap((source) => {
    // A kernel sends what a cell prints in pieces: a line may be cut anywhere.
    const text = outputs
      .map((output) => (output as { name?: unknown; text?: unknown } | null) ?? {})
      .filter(({ name }) => name === source)
      .map((output) => textOf(output.text))
      .join("");
    const lines = text.split("\n");
    if (lines.at(-1) === "") lines.pop();
    return lines.map((line) => ({ source, line }));
  });
}

/**
 * What the cells of notebooks printed. It goes from the kernel into the notebook that the run leaves, and never through
 * the standard output of any process. Only cells that this run executed count: a notebook may merely have been copied.
 */
export function printedInNotebooks(
  outputs: readonly OutputFile[],
  events: readonly AgentEvent[],
  project: string,
): PrintedLine[] {
  const executed = new Set(events.flatMap((event) => (event.e === "cell" ? [event.code] : [])));
  if (executed.size === 0) return [];
  return outputs.flatMap(({ path, change }) => {
    if (!/\.ipynb$/i.test(path) || change === "removed") return [];
    try {
      const { cells } = JSON.parse(readFileSync(resolve(project, path), "utf8")) as { cells?: unknown };
      return (Array.isArray(cells) ? (cells as readonly (Cell | null)[]) : []).flatMap((cell) => {
        if (cell?.cell_type !== "code") return [];
        const code = createHash("sha256").update(textOf(cell.source)).digest("hex");
        return executed.has(code) ? linesOf(cell) : [];
      });
    } catch {
      return []; // no notebook, whatever its name says
    }
  });
}
