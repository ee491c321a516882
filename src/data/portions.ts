/** Lists of so many, of a sequence that need not fit into memory. */
export function* portions<T>(items: Iterable<T>, most: number): Iterable<readonly T[]> {
  let portion: T[] = [];
  for (const item of items) {
    portion.push(item);
    if (portion.length < most) continue;
    yield portion;
    portion = [];
  }
  if (portion.length > 0) yield portion;
}
