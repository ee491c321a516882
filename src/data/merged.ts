import { comparePaths } from "#store";

interface Named {
  readonly path: string;
  readonly raw?: string;
}

const bytesOf = ({ raw = "" }: Named): Buffer => Buffer.from(raw, "base64");

/** Names that are no text may read alike: then their bytes decide, as in a walk. */
const order = (a: Named, b: Named): number => comparePaths(a.path, b.path) || Buffer.compare(bytesOf(a), bytesOf(b));

/** Two sequences in the order of paths as one of pairs; what only one of them has stands alone. */
export function* merged<A extends Named, B extends Named>(
  left: Iterable<A>,
  right: Iterable<B>,
): Iterable<readonly [A | null, B | null]> {
  const [one, other] = [left[Symbol.iterator](), right[Symbol.iterator]()];
  let [a, b] = [one.next(), other.next()];
  while (a.done !== true || b.done !== true) {
    const side = a.done === true ? 1 : b.done === true ? -1 : order(a.value, b.value);
    yield [side <= 0 && a.done !== true ? a.value : null, side >= 0 && b.done !== true ? b.value : null];
    if (side <= 0) a = one.next();
    if (side >= 0) b = other.next();
  }
}
