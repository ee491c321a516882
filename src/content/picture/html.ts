import { type Difference, differs, type Judge, within } from "../comparison.ts";
import { matchText } from "../text/text.ts";
import { compareTrees } from "../tree/compare.ts";
import { readJsonAt } from "../tree/json.ts";
import type { Node } from "../tree/node.ts";
import { Unreadable } from "../unseen.ts";
import { withPaths } from "./svg.ts";

/** Where the JSON of a plot begins: plotly's call, Altair's, and data that stand in a script of their own (bokeh, others). */
const PLOTS =
  /Plotly\.(?:newPlot|react)\(\s*|vegaEmbed\([^,]*,\s*|\bvar spec = |\}\)\(\s*(?=\{)|<script\b[^>]*\btype="application\/(?:[\w.+-]*\+)?json"[^>]*>/g;
/** What holds the place of a value in the text that is left. */
const PLACE = "\u0000";

interface Page {
  /** All but the data. */
  readonly text: string;
  readonly data: readonly Node[];
}

/** Compares pages with interactive plots: their data as JSON, the rest as text. */
export function compareHtml(a: string, b: string, judge: Judge): Difference | null {
  const [left, right] = [readPage(a, judge), readPage(b, judge)];
  if (left.data.length !== right.data.length)
    return differs("number of plots and data sets", String(left.data.length), String(right.data.length));
  if (left.data.length > 0) judge.setAside("HTML: white space and order of keys in the data of plots");
  for (const [index, node] of left.data.entries()) {
    const other = right.data[index];
    const trial = judge.trial();
    const difference = other === undefined ? null : compareTrees(node, other, trial);
    judge.adopt(trial.under(`data ${index + 1}`));
    if (difference !== null) return within(`data ${index + 1}`, difference);
  }
  return matchText(withPaths(left.text).split("\n"), withPaths(right.text).split("\n"), judge);
}

function readPage(html: string, judge: Judge): Page {
  const data: Node[] = [];
  let text = "";
  let from = 0;
  PLOTS.lastIndex = 0;
  for (let found = PLOTS.exec(html); found !== null; found = PLOTS.exec(html)) {
    let at = PLOTS.lastIndex;
    text += html.slice(from, at);
    from = at;
    const isCall = !found[0].startsWith("<");
    for (;;) {
      const value = valueAt(html, at, judge);
      if (value === null) break;
      data.push(value.node);
      text += PLACE;
      from = value.end;
      const comma = isCall ? /^\s*,\s*/.exec(html.slice(from, from + 100)) : null;
      if (comma === null) break;
      text += comma[0].trim();
      at = from + comma[0].length;
      from = at;
    }
    PLOTS.lastIndex = Math.max(PLOTS.lastIndex, from);
  }
  return { text: text + html.slice(from), data };
}

function valueAt(html: string, at: number, judge: Judge): { node: Node; end: number } | null {
  try {
    return readJsonAt(html, at, judge);
  } catch (error) {
    if (error instanceof Unreadable) return null; // code, no data: it stays text
    throw error;
  }
}
