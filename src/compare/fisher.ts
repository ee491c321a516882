/** n! / (k! (n − k)!) */
function choose(n: number, k: number): number {
  let product = 1;
  for (let i = 1; i <= k; i++) product = (product * (n - k + i)) / i;
  return product;
}

/**
 * How likely is it by luck alone that all `parted` parting pairs fall among the `without` pairs made without an
 * intervention and none among the `under` pairs made under it: Fisher's exact test, one-sided (Fisher 1922). Four against
 * four give 1/70 = 0.014.
 */
export function luck(parted: number, without: number, under: number): number {
  if (parted > without) throw new RangeError(`${parted} parted of ${without}`);
  return parted === 0 ? 1 : choose(without, parted) / choose(without + under, parted);
}
