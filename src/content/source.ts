import { Unseen } from "./unseen.ts";

/** Bytes by position, of a file that need not fit into memory. */
export interface Source {
  readonly length: number;
  /** The bytes from one position up to another. They may lie in `into`, and are then good until it is used again. */
  read(from: number, to: number, into?: Uint8Array): Uint8Array;
}

export type Data = Uint8Array | Source;

/** Pieces in which large contents are read. */
const PIECE = 1 << 20;
/** The most that is held of one content whose format can only be read whole. */
const WHOLE = 2 ** 30;

export function readData(data: Data, from: number, to: number, into?: Uint8Array): Uint8Array {
  return data instanceof Uint8Array ? data.subarray(from, to) : data.read(from, to, into);
}

/** Some of the bytes, by positions of its own; nothing is read. */
export function part(data: Data, from: number, to: number): Data {
  if (data instanceof Uint8Array) return data.subarray(from, to);
  if (from === 0 && to === data.length) return data;
  return { length: to - from, read: (start, end, into) => data.read(from + start, from + end, into) };
}

/** All bytes at once. */
export function wholeOf(data: Data, what = "content"): Uint8Array {
  if (data instanceof Uint8Array) return data;
  if (data.length > WHOLE) throw new Unseen(`${what}: bytes differ; too large to be read whole (${data.length} bytes)`);
  return data.read(0, data.length);
}

/** The bytes in pieces; the memory of a piece is used again for the next one. `unit`: what no piece may part. */
export function* piecesOf(data: Data, unit = 1): Generator<{ readonly bytes: Uint8Array; readonly from: number }> {
  const size = Math.max(unit, PIECE - (PIECE % unit));
  const into = data instanceof Uint8Array ? undefined : Buffer.allocUnsafeSlow(Math.min(size, data.length));
  for (let from = 0; from < data.length; from += size)
    yield { bytes: readData(data, from, Math.min(data.length, from + size), into), from };
}

/** Pairs of pieces of two contents of one length. */
export function* pairsOfPieces(
  a: Data,
  b: Data,
  unit = 1,
): Generator<{ readonly a: Uint8Array; readonly b: Uint8Array; readonly from: number }> {
  const [left, right] = [a, b];
  if (left instanceof Uint8Array && right instanceof Uint8Array) {
    if (left.length > 0) yield { a: left, b: right, from: 0 };
    return;
  }
  const size = Math.max(unit, PIECE - (PIECE % unit));
  const [x, y] = [left, right].map((data) =>
    data instanceof Uint8Array ? undefined : Buffer.allocUnsafeSlow(Math.min(size, data.length)),
  );
  for (let from = 0; from < left.length; from += size) {
    const to = Math.min(left.length, from + size);
    yield { a: readData(left, from, to, x), b: readData(right, from, to, y), from };
  }
}

export function equalData(a: Data, b: Data): boolean {
  return a.length === b.length && firstApart(a, b) < 0;
}

/** The first position at which two contents part, as far as both reach; -1 when they do not. */
export function firstApart(a: Data, b: Data): number {
  const length = Math.min(a.length, b.length);
  for (const pair of pairsOfPieces(part(a, 0, length), part(b, 0, length))) {
    if (Buffer.compare(pair.a, pair.b) === 0) continue;
    let at = 0;
    while (pair.a[at] === pair.b[at]) at += 1;
    return pair.from + at;
  }
  return -1;
}
