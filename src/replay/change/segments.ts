/** A stretch of two sequences: the same in both, or replaced. Positions count from 0. */
export interface Segment {
  readonly same: boolean;
  readonly a: number;
  readonly aLength: number;
  readonly b: number;
  readonly bLength: number;
}

/** More differences than this are not aligned: it would take long, and nobody reads them one by one. */
const MOST_EDITS = 3000;

/** Steps of the shortest edit script (Myers 1986), last first, as pairs of equal positions; null: too different. */
function equalPairs(a: readonly string[], b: readonly string[]): [number, number][] | null {
  const most = Math.min(a.length + b.length, MOST_EDITS);
  const frontiers: Int32Array[] = [];
  const reach = new Int32Array(2 * most + 3);
  const middle = most + 1;
  for (let edits = 0; edits <= most; edits++) {
    frontiers.push(reach.slice(middle - edits - 1, middle + edits + 2));
    for (let k = -edits; k <= edits; k += 2) {
      const down = k === -edits || (k !== edits && (reach[middle + k - 1] ?? 0) < (reach[middle + k + 1] ?? 0));
      let x = down ? (reach[middle + k + 1] ?? 0) : (reach[middle + k - 1] ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reach[middle + k] = x;
      if (x >= a.length && x - k >= b.length) return walkBack(frontiers, a.length, b.length);
    }
  }
  return null;
}

function walkBack(frontiers: readonly Int32Array[], aLength: number, bLength: number): [number, number][] {
  const pairs: [number, number][] = [];
  let [x, y] = [aLength, bLength];
  for (let edits = frontiers.length - 1; edits >= 0; edits--) {
    const row = frontiers[edits] ?? new Int32Array(0);
    const at = (k: number): number => row[k + edits + 1] ?? 0;
    const k = x - y;
    const down = k === -edits || (k !== edits && at(k - 1) < at(k + 1));
    const from = down ? k + 1 : k - 1;
    const fromX = edits === 0 ? 0 : at(from);
    const startX = edits === 0 ? 0 : down ? fromX : fromX + 1;
    while (x > startX) pairs.push([--x, --y]);
    [x, y] = [fromX, fromX - from];
  }
  return pairs;
}

/** Two sequences as stretches that are the same and stretches that are not, in order. */
export function segmentsOf(a: readonly string[], b: readonly string[]): Segment[] | null {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const inner = equalPairs(a.slice(start, a.length - end), b.slice(start, b.length - end));
  // Too different to align: of equal length they are compared place by place.
  if (inner === null && a.length !== b.length) return null;
  const pairs: [number, number][] = [
    ...Array.from({ length: start }, (_, i): [number, number] => [i, i]),
    ...(inner?.reverse() ?? samePlaces(a, b, start, a.length - end)).map(([x, y]): [number, number] =>
      inner === null ? [x, y] : [x + start, y + start],
    ),
    ...Array.from({ length: end }, (_, i): [number, number] => [a.length - end + i, b.length - end + i]),
  ];
  return fromPairs(pairs, a.length, b.length);
}

function samePlaces(a: readonly string[], b: readonly string[], from: number, to: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let i = from; i < to; i++) if (a[i] === b[i]) pairs.push([i, i]);
  return pairs;
}

function fromPairs(pairs: readonly [number, number][], aLength: number, bLength: number): Segment[] {
  const found: Segment[] = [];
  let [x, y] = [0, 0];
  for (const [p, q] of [...pairs, [aLength, bLength] as const]) {
    if (p > x || q > y) found.push({ same: false, a: x, aLength: p - x, b: y, bLength: q - y });
    const last = found.at(-1);
    if (p === aLength && q === bLength) break;
    if (last?.same === true && last.a + last.aLength === p && last.b + last.bLength === q)
      found[found.length - 1] = { ...last, aLength: last.aLength + 1, bLength: last.bLength + 1 };
    else found.push({ same: true, a: p, aLength: 1, b: q, bLength: 1 });
    [x, y] = [p + 1, q + 1];
  }
  return found;
}

/** A replaced stretch of equally many units whose pairs belong together, one pair each. */
export function pairwise(segment: Segment, together: (a: number, b: number) => boolean): Segment[] {
  const { same, a, b, aLength, bLength } = segment;
  if (same || aLength !== bLength || aLength < 2) return [segment];
  const each = Array.from({ length: aLength }, (_, i) => ({ same, a: a + i, aLength: 1, b: b + i, bLength: 1 }));
  return each.every((one) => together(one.a, one.b)) ? each : [segment];
}
