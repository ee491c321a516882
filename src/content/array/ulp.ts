/**
 * How many floats lie between two of one type (units in the last place): what a difference of rounding is measured in.
 * Doubles far apart are counted to about sixteen digits.
 */
export function ulpsBetween(a: DataView, b: DataView, at: number, size: number): number {
  return Math.abs(ordinal(a, at, size) - ordinal(b, at, size));
}

/** Places of floats in their order: one behind the next, negative ones below zero. */
function ordinal(view: DataView, at: number, size: number): number {
  if (size === 2) return signed(view.getUint16(at, true), 2 ** 15);
  if (size === 4) return signed(view.getUint32(at, true), 2 ** 31);
  const [low, high] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
  return high >= 2 ** 31 ? -((high - 2 ** 31) * 2 ** 32 + low) : high * 2 ** 32 + low;
}

const signed = (bits: number, sign: number): number => (bits >= sign ? sign - bits : bits);
