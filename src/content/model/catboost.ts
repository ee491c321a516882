import { differentBytes } from "../array/dtype.ts";
import { Table } from "../arrow/flatbuffer.ts";
import { Cursor, equalBytes } from "../bytes.ts";
import { type Difference, type Judge, within } from "../comparison.ts";
import { compareTrees } from "../tree/compare.ts";
import { readJson } from "../tree/json.ts";
import { dictionary, type Node, scalar, text } from "../tree/node.ts";
import { Unreadable } from "../unseen.ts";

interface Model {
  readonly about: Node;
  readonly guid: string;
  /** Trees, leaf values, features and borders: the end of the buffer, where they are written first. */
  readonly trees: Uint8Array;
  /** What follows the buffer: tables of categories. */
  readonly rest: Uint8Array;
}

/** As CatBoost draws one for each model, below Python, where no record sees it. */
const GUID = /^[0-9a-f]{1,8}(?:-[0-9a-f]{1,8}){3}$/;

/** Compares models of CatBoost: what is said of them by key, and their trees bit by bit. */
export function compareCatboost(a: Uint8Array, b: Uint8Array, judge: Judge): Difference | null {
  const [left, right] = [readCatboost(a), readCatboost(b)];
  const parts = [
    ["trees", left.trees, right.trees],
    ["tables of categories", left.rest, right.rest],
  ] as const;
  for (const [name, one, other] of parts) if (!equalBytes(one, other)) return within(name, differentBytes(one, other));
  if (left.guid !== right.guid) judge.mask(`model_guid: drawn for each model ${left.guid} / ${right.guid}`);
  return within("about", compareTrees(left.about, right.about, judge));
}

function readCatboost(bytes: Uint8Array): Model {
  const cursor = new Cursor(bytes);
  cursor.take(4);
  const core = cursor.take(cursor.u32());
  const root = Table.root(core);
  const trees = root.table(1);
  const facts = root.tables(2);
  if (trees === null) throw new Unreadable("CatBoost: no trees");
  // Whatever is said of the model has to lie before the trees: else the end of the buffer would hold more than them.
  const start = trees.layoutAt;
  if (start > trees.at || [root, ...facts].some(({ at }) => at > start))
    throw new Unreadable("CatBoost: a buffer in another order");
  const pairs = new Map(facts.map((fact) => [fact.text(0), fact.text(1)]));
  if (pairs.size !== facts.length) throw new Unreadable("CatBoost: a key twice");
  const guid = pairs.get("model_guid") ?? "";
  if (GUID.test(guid)) pairs.delete("model_guid");
  const entries = [...pairs].map(([key, value]): [Node, Node] => [text(key), said(value)]);
  const about = dictionary("about", [[text("version"), scalar("version", root.text(0))], ...entries], false);
  return { about, guid: GUID.test(guid) ? guid : "", trees: core.subarray(start), rest: cursor.take(cursor.left) };
}

function said(value: string): Node {
  try {
    return value.startsWith("{") ? readJson(value) : text(value);
  } catch (error) {
    if (error instanceof Unreadable) return text(value);
    throw error;
  }
}
