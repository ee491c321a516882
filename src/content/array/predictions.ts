import { Unreadable } from "../unseen.ts";
import { decisionOf, holdsNaN, nanColumns, type Said, UNSAID } from "./decision.ts";
import { readerOf } from "./element.ts";
import { bits, type Table, TEXT, tableOf } from "./table.ts";
import { ulpsBetween } from "./ulp.ts";

/** How far the predictions of two models for the same inputs are apart. */
export interface PredictionsApart {
  readonly rows: number;
  /** Rows whose decision differs; null: what is decided is not known (numbers without a threshold). */
  readonly flips: number | null;
  /** "argmax", "threshold 0.5", "label"; null as above. */
  readonly decision: string | null;
  /** The first row that is decided otherwise, from 0. */
  readonly firstFlip: number | null;
  /** Rows that are no number in the same columns of both: equal, and no prediction either. */
  readonly nan: number;
  /** Largest distance of two numbers: infinite where one is no number, null for labels that are text. */
  readonly maxAbs: number | null;
  /** In units in the last place; null for what is no float. */
  readonly ulps: number | null;
  /** Where the largest distance is: row and column, from 0. */
  readonly worst: { readonly row: number; readonly column: number; readonly a: string; readonly b: string } | null;
}

/**
 * Compares two saved .npy files of predictions, a row an input. Throws Unreadable where they are none, or not of the same
 * type and shape.
 */
export function comparePredictions(a: Uint8Array, b: Uint8Array, said: Said = UNSAID): PredictionsApart {
  const [left, right] = [tableOf(a), tableOf(b)];
  const say = ({ dtype, rows, columns }: Table): string =>
    `${rows} × ${columns} of ${TEXT.exec(dtype)?.groups?.["kind"] ?? dtype}`;
  if (say(left) !== say(right)) throw new Unreadable(`${say(left)} and ${say(right)}`);
  const { rows, columns, dtype, size } = left;
  const reader = readerOf(dtype);
  const decision = decisionOf([left, right], said);
  let [flips, firstFlip, maxAbs, ulps, nan] = [0, null as number | null, 0, 0, 0];
  let worst: PredictionsApart["worst"] = null;
  for (let row = 0; row < rows; row++) {
    if (decision !== null && decision.decide(left, row) !== decision.decide(right, row)) {
      flips += 1;
      firstFlip ??= row;
    }
    if (holdsNaN(left, row) && nanColumns(left, row) === nanColumns(right, row)) nan += 1;
    for (let column = 0; reader !== null && column < columns; column++) {
      if (bits(left, row, column) === bits(right, row, column)) continue;
      const [at, to] = [left.at(row, column), right.at(row, column)];
      const [x, y] = [Number(reader.read(left.view, at)), Number(reader.read(right.view, to))];
      const gap = Number.isNaN(x) && Number.isNaN(y) ? 0 : Math.abs(x - y);
      const apart = Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap;
      // Of doubles far from zero the count itself is rounded: what differs is one apart at least.
      if (reader.float && apart > 0 && Number.isFinite(apart))
        ulps = Math.max(ulps, 1, ulpsBetween(left.view, right.view, at, size));
      if (worst !== null && apart <= maxAbs) continue;
      maxAbs = apart;
      worst = { row, column, a: String(x), b: String(y) };
    }
  }
  return {
    rows,
    flips: decision === null ? null : flips,
    decision: decision?.name ?? null,
    firstFlip,
    nan,
    maxAbs: reader === null ? null : maxAbs,
    ulps: reader?.float === true ? (Number.isFinite(maxAbs) ? ulps : null) : null,
    worst,
  };
}
