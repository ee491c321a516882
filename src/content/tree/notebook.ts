import { createHash } from "node:crypto";
import type { Difference, Judge } from "../comparison.ts";
import { compareTrees } from "./compare.ts";
import { type Dictionary, dictionary, list, type Node, text } from "./node.ts";

/** How far the pieces of a stream are put together: neighbours, those up to a displayed result, all of a cell. */
type Reach = "neighbours" | "stretch" | "cell";

const ASIDE: Readonly<Record<Reach, string>> = {
  neighbours: "notebook: how the text of a stream is cut into pieces",
  stretch: "notebook: how stdout and stderr interleave",
  cell: "notebook: how streams interleave with displayed results",
};
/** Ids that nbformat and Jupyter draw for cells. */
const DRAWN_ID = /^(?:[0-9a-f]{8}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/**
 * Compares two notebooks. A kernel sends what a cell prints in pieces, cut where its timer struck: pieces of a stream are
 * put together, no further than it takes for the two to agree.
 */
export function compareNotebooks(a: Node, b: Node, judge: Judge): Difference | null {
  const drawn = idsDrawn(a) && idsDrawn(b);
  let last: Difference | null = null;
  for (const reach of ["neighbours", "stretch", "cell"] as const) {
    const trial = judge.trial();
    trial.setAside(ASIDE[reach]);
    if (drawn) trial.setAside("notebook: cell ids, which were drawn anew");
    const [left, right] = withoutCode(joined(a, reach, drawn), joined(b, reach, drawn), trial);
    last = compareTrees(left, right, trial);
    if (last !== null) continue;
    judge.adopt(trial);
    return null;
  }
  return last;
}

const CODE = "notebook: cells that the run executed, which are its code and no result";

/** Code that each run executed is compared as code is; what came of it are the outputs. */
function withoutCode(a: Node, b: Node, judge: Judge): readonly [Node, Node] {
  const known = [judge.origins.a, judge.origins.b].map(({ cells = [] }) => new Set(cells));
  const [left, right] = [cellsIn(a), cellsIn(b)];
  const isCode = (cell: Node | undefined, side: number): boolean => {
    const source = cell?.kind === "dictionary" ? valueUnder(cell, "source") : undefined;
    return source?.kind === "text" && known[side]?.has(createHash("sha256").update(source.text).digest("hex")) === true;
  };
  const both = left.map((cell, i) => isCode(cell, 0) && isCode(right[i], 1));
  if (!both.some((is, i) => is && !isSameSource(left[i], right[i]))) return [a, b];
  judge.mask(CODE);
  const strip = (notebook: Node): Node =>
    changed(notebook, "cells", (cells) =>
      cells.kind === "list"
        ? list(
            cells.type,
            cells.items.map((cell, i) => (both[i] === true ? without(cell, "source") : cell)),
          )
        : cells,
    );
  return [strip(a), strip(b)];
}

function isSameSource(a: Node | undefined, b: Node | undefined): boolean {
  const [left, right] = [a, b].map((cell) => (cell?.kind === "dictionary" ? valueUnder(cell, "source") : undefined));
  return left?.kind === "text" && right?.kind === "text" && left.text === right.text;
}

function cellsIn(notebook: Node): readonly Node[] {
  const cells = notebook.kind === "dictionary" ? valueUnder(notebook, "cells") : undefined;
  return cells?.kind === "list" ? cells.items : [];
}

function joined(notebook: Node, reach: Reach, withoutIds: boolean): Node {
  return changed(notebook, "cells", (cells) => {
    if (cells.kind !== "list") return cells;
    return list(
      cells.type,
      cells.items.map((cell) => joinedCell(withoutIds ? without(cell, "id") : cell, reach)),
    );
  });
}

function joinedCell(cell: Node, reach: Reach): Node {
  return changed(changed(cell, "source", joinedText), "outputs", (outputs) => {
    if (outputs.kind !== "list") return outputs;
    return list(outputs.type, joinedOutputs(outputs.items.map(wholeTexts), reach));
  });
}

/** A text of several lines is kept as a list of them. */
function wholeTexts(output: Node): Node {
  return changed(changed(output, "text", joinedText), "data", (data) =>
    data.kind === "dictionary"
      ? dictionary(
          data.type,
          data.entries.map(([type, value]): [Node, Node] => [type, joinedText(value)]),
          data.ordered,
        )
      : data,
  );
}

function joinedText(node: Node): Node {
  if (node.kind !== "list" || node.items.length === 0) return node;
  const lines: string[] = [];
  for (const item of node.items) {
    if (item.kind !== "text") return node;
    lines.push(item.text);
  }
  return text(lines.join(""));
}

function joinedOutputs(outputs: readonly Node[], reach: Reach): Node[] {
  const result: Node[] = [];
  /** Streams since the last output that is none, by name. */
  let open = new Map<string, { readonly pieces: string[]; readonly first: Node }>();
  const close = (): void => {
    const names = [...open.keys()];
    for (const name of reach === "neighbours" ? names : names.toSorted()) {
      const stream = open.get(name);
      if (stream !== undefined) result.push(changed(stream.first, "text", () => text(stream.pieces.join(""))));
    }
    open = new Map();
  };
  const later: Node[] = [];
  for (const output of outputs) {
    const stream = streamOf(output);
    if (stream === null) {
      if (reach === "cell") later.push(output);
      else {
        close();
        result.push(output);
      }
      continue;
    }
    if (reach === "neighbours" && !open.has(stream.name)) close();
    const known = open.get(stream.name);
    if (known === undefined) open.set(stream.name, { pieces: [stream.text], first: output });
    else known.pieces.push(stream.text);
  }
  close();
  return [...result, ...later];
}

function streamOf(output: Node): { readonly name: string; readonly text: string } | null {
  if (output.kind !== "dictionary" || output.entries.length !== 3) return null;
  const [type, name, words] = ["output_type", "name", "text"].map((key) => valueUnder(output, key));
  if (type?.kind !== "text" || type.text !== "stream" || name?.kind !== "text" || words?.kind !== "text") return null;
  return { name: name.text, text: words.text };
}

/** Whether each cell has an id of its own, in the form in which such ids are drawn. */
function idsDrawn(notebook: Node): boolean {
  const cells = cellsIn(notebook);
  const ids = new Set<string>();
  for (const cell of cells) {
    const id = cell.kind === "dictionary" ? valueUnder(cell, "id") : undefined;
    if (id?.kind === "text" && DRAWN_ID.test(id.text)) ids.add(id.text);
  }
  return ids.size > 0 && ids.size === cells.length;
}

const isKey = (node: Node, key: string): boolean => node.kind === "text" && node.text === key;

function valueUnder(node: Dictionary, key: string): Node | undefined {
  return node.entries.find(([name]) => isKey(name, key))?.[1];
}

/** A dictionary with another value under a key, where it has that key. */
function changed(node: Node, key: string, change: (value: Node) => Node): Node {
  if (node.kind !== "dictionary") return node;
  const entries = node.entries.map(([name, value]): [Node, Node] => [name, isKey(name, key) ? change(value) : value]);
  return dictionary(node.type, entries, node.ordered);
}

function without(node: Node, key: string): Node {
  if (node.kind !== "dictionary") return node;
  return dictionary(
    node.type,
    node.entries.filter(([name]) => !isKey(name, key)),
    node.ordered,
  );
}
