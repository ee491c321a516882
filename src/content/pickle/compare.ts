import { inflatedAt } from "../archive/inflated.ts";
import { readerOf } from "../array/element.ts";
import { Cursor } from "../bytes.ts";
import type { Difference, Judge } from "../comparison.ts";
import { type Data, part, readData } from "../source.ts";
import { compareTrees } from "../tree/compare.ts";
import { call, list, type Node, scalar } from "../tree/node.ts";
import { Unreadable } from "../unseen.ts";
import { afterWrapper } from "./joblib.ts";
import { readPickle } from "./machine.ts";
import { showArrays } from "./numpy.ts";
import { nameStorages } from "./storage.ts";

/** First number of a torch file before the zip format. */
const TORCH_LEGACY = "119547037146038801333356";

/** Compares pickles, also several in a row, with joblib's arrays between and torch's old storages behind. */
export function comparePickles(a: Data, b: Data, judge: Judge): Difference | null {
  const left = readPickles(a, judge);
  const right = readPickles(b, judge);
  judge.setAside("memo numbers and frames of the pickle, interned or repeated equal strings");
  return compareTrees(left, right, judge);
}

export function readPickles(bytes: Data, judge: Judge): Node {
  const cursor = new Cursor(unzipped(bytes, judge));
  const first = readPickle(cursor, judge, afterWrapper(judge));
  if (first.kind === "scalar" && first.text === TORCH_LEGACY) return readLegacyTorch(cursor, judge);
  const all = [first];
  while (cursor.left > 0) {
    judge.spendSteps(1, "pickle");
    all.push(readPickle(cursor, judge, afterWrapper(judge)));
  }
  const root = all.length === 1 ? first : list("pickles", all);
  showArrays(root);
  return root;
}

/** joblib's compress=3 is a bare zlib stream around the pickle. */
function unzipped(data: Data, judge: Judge): Data {
  const [first = 0, second = 0] = readData(data, 0, Math.min(2, data.length));
  if (first !== 0x78 || (first * 256 + second) % 31 !== 0) return data;
  const { data: unpacked, read } = inflatedAt(part(data, 2, data.length), judge);
  // Behind the stream stands a checksum of four bytes, and nothing else.
  if (2 + read + 4 !== data.length) throw new Unreadable("pickle: bytes behind the compressed stream");
  judge.setAside("compression");
  return unpacked;
}

/**
 * Protocol number, facts about the machine, the object, the keys of its storages, then each storage: its number of
 * elements and its bits. The keys are memory addresses: storages are numbered as the object names them instead.
 */
function readLegacyTorch(cursor: Cursor, judge: Judge): Node {
  const protocol = readPickle(cursor, judge);
  const machine = readPickle(cursor, judge);
  const object = readPickle(cursor, judge);
  const keys = readPickle(cursor, judge);
  if (keys.kind !== "list") throw new Unreadable("torch: no list of storages");
  const named = nameStorages(object);
  const storages = list("storages", []);
  for (const key of keys.items) {
    const use = key.kind === "text" ? named.get(key.text) : undefined;
    const size = use === undefined ? undefined : readerOf(use.type)?.size;
    if (use === undefined || size === undefined)
      throw new Unreadable("torch: a storage that nothing names, or of unknown type");
    const count = cursor.u64();
    const data = cursor.span(count * size);
    if (storages.items[use.place] !== undefined) throw new Unreadable("torch: a storage twice");
    storages.items[use.place] = { kind: "array", array: { dtype: use.type, shape: [count], order: "C", data } };
  }
  if (cursor.left > 0) throw new Unreadable("torch: bytes behind the storages");
  if (storages.items.filter(() => true).length !== named.size) throw new Unreadable("torch: a storage is missing");
  judge.setAside("addresses as names of storages");
  showArrays(object);
  return call(scalar("global", "<torch file>"), list("tuple", [protocol, machine, object, storages]));
}
