import type { TraceRecord } from "#record";
import { Comparison, type LineApart, type ThreadApart } from "./apart.ts";

const MOST_THREADS = 64;

export interface LinesApart {
  /** The first difference after the last point at which all that is known was equal; null: no such, to the end. */
  readonly root: LineApart | null;
  /** Earlier ones after which all that is known became equal again, first to last. */
  readonly healed: readonly LineApart[];
  /** Why a trace ends before its process did; null when both are whole or a root was found. */
  readonly cut: string | null;
}

/** Compares the traces of one process of two runs, thread by thread. Both are read more than once. */
export function linesApart(
  a: Iterable<TraceRecord>,
  b: Iterable<TraceRecord>,
  ignore: (apart: LineApart) => boolean = () => false,
): LinesApart {
  const results: ThreadApart[] = [new Comparison(a, b, "", ignore).run()];
  for (const thread of [...(results[0]?.threads ?? [])].slice(0, MOST_THREADS)) {
    results.push(new Comparison(a, b, thread, ignore).run());
  }
  const order = (x: LineApart, y: LineApart): number => x.at - y.at;
  const roots = results.flatMap(({ root }) => (root === null ? [] : [root])).sort(order);
  return {
    root: roots[0] ?? null,
    healed: results.flatMap(({ healed }) => healed).sort(order),
    cut: roots.length > 0 ? null : (results.find(({ cut }) => cut !== null)?.cut ?? null),
  };
}

/** The root, or where all became equal again the first line that differed at all; null: nothing that is known differs. */
export function firstLineApart(a: Iterable<TraceRecord>, b: Iterable<TraceRecord>): LineApart | null {
  const { root, healed } = linesApart(a, b);
  return root ?? healed[0] ?? null;
}
