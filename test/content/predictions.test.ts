import fc from "fast-check";
import { expect, test } from "vitest";
import { comparePredictions, Unreadable } from "#content";

/** As numpy.save writes it. */
function npy(dtype: string, shape: readonly number[], data: Uint8Array, fortran = false): Uint8Array {
  const size = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const header = `{'descr': '${dtype}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': (${size}), }`;
  const padded = `${header.padEnd(117)}\n`;
  return Buffer.concat([
    Buffer.from("\u0093NUMPY\u0001\u0000", "latin1"),
    Buffer.from([118, 0]),
    Buffer.from(padded),
    data,
  ]);
}
const SCORES = { threshold: null, decides: true };
const doubles = (values: readonly number[], shape = [values.length], fortran = false): Uint8Array =>
  npy("<f8", shape, new Uint8Array(new Float64Array(values).buffer), fortran);

test("scores of classes: largest distance, ulps and flips of the largest class, each with its place", () => {
  const a = doubles([0.1, 0.9, 0.8, 0.2, 0.5, 0.4], [3, 2]);
  const b = doubles([0.1, 0.9, 0.8, 0.2, 0.4, 0.5], [3, 2]);
  expect(comparePredictions(a, b, SCORES)).toMatchObject({ rows: 3, flips: 1, firstFlip: 2, decision: "argmax" });
  const near = comparePredictions(a, doubles([0.1, 0.9, 0.8 + 2 ** -53, 0.2, 0.5, 0.4], [3, 2]), SCORES);
  expect(near).toMatchObject({ flips: 0, ulps: 1, maxAbs: 2 ** -53, worst: { row: 1, column: 0, a: "0.8" } });
  expect(comparePredictions(a, a, SCORES)).toMatchObject({ flips: 0, maxAbs: 0, ulps: 0, worst: null });
});

test("the same numbers in the other order of memory are the same predictions", () => {
  const a = doubles([1, 2, 3, 4, 5, 6], [2, 3]);
  expect(comparePredictions(a, doubles([1, 4, 2, 5, 3, 6], [2, 3], true), SCORES)).toMatchObject({
    maxAbs: 0,
    flips: 0,
  });
});

test("chances are decided at one half or where is said; other numbers are not decided at all", () => {
  const [a, b] = [doubles([0.49, 0.7]), doubles([0.51, 0.7])];
  expect(comparePredictions(a, b, SCORES)).toMatchObject({ decision: "threshold 0.5", flips: 1, firstFlip: 0 });
  // A target of a regression may lie between 0 and 1, too.
  expect(comparePredictions(a, b)).toMatchObject({ decision: null, flips: null });
  expect(comparePredictions(a, b, { threshold: 0.6, decides: false })).toMatchObject({ flips: 0 });
  expect(comparePredictions(doubles([3, 7]), doubles([3, 7.5]))).toMatchObject({
    flips: null,
    decision: null,
    maxAbs: 0.5,
  });
});

test("labels are compared whole, as numbers and as text", () => {
  const whole = (...values: number[]): Uint8Array =>
    npy("<i4", [values.length], new Uint8Array(new Int32Array(values).buffer));
  expect(comparePredictions(whole(1, 2, 3), whole(1, 5, 3))).toMatchObject({
    decision: "label",
    flips: 1,
    maxAbs: 3,
    ulps: null,
  });
  const words = (text: string): Uint8Array =>
    npy(
      "<U1",
      [text.length],
      new Uint8Array(Uint32Array.from({ length: text.length }, (_, i) => text.charCodeAt(i)).buffer),
    );
  expect(comparePredictions(words("abc"), words("abd"))).toMatchObject({ flips: 1, firstFlip: 2, maxAbs: null });
});

test("labels are the same however wide the longest of them makes all, and differ where another is longer", () => {
  const words = (width: number, ...texts: string[]): Uint8Array => {
    const codes = texts.flatMap((text) => Array.from({ length: width }, (_, i) => text.charCodeAt(i) || 0));
    return npy(`<U${width}`, [texts.length], new Uint8Array(Uint32Array.from(codes).buffer));
  };
  expect(comparePredictions(words(3, "cat", "dog"), words(5, "cat", "dog"))).toMatchObject({ flips: 0 });
  expect(comparePredictions(words(3, "cat", "dog"), words(5, "cat", "horse"))).toMatchObject({
    decision: "label",
    flips: 1,
    firstFlip: 1,
  });
  expect(() => comparePredictions(words(1, "a"), npy("|S1", [1], new Uint8Array([97])))).toThrow(Unreadable);
});

test("NaN is infinitely far from a number and decides nothing, and what is no table is unreadable", () => {
  const found = comparePredictions(doubles([0.1, 0.9], [1, 2]), doubles([0.1, Number.NaN], [1, 2]), SCORES);
  expect(found).toMatchObject({ flips: 1, maxAbs: Number.POSITIVE_INFINITY, ulps: null });
  for (const bad of [doubles([1, 2, 3]), doubles([]), new Uint8Array(9), npy("|O", [1], new Uint8Array([1]))])
    expect(() => comparePredictions(doubles([1, 2]), bad)).toThrow(Unreadable);
});

test("the largest of several numbers decides where they share one, or where it is said: never for several targets", () => {
  const [a, b] = [doubles([5, 1, 7, 2], [2, 2]), doubles([500, 1, 700, 2], [2, 2])];
  expect(comparePredictions(a, b)).toMatchObject({ decision: null, flips: null, maxAbs: 693 });
  expect(comparePredictions(a, b, SCORES)).toMatchObject({ decision: "argmax", flips: 0 });
  const shares = doubles([0.25, 0.75, 0.5, 0.5], [2, 2]);
  expect(comparePredictions(shares, shares)).toMatchObject({ decision: "argmax", flips: 0 });
  const logs = doubles([0.25, 0.75, 0.5, 0.5].map(Math.log), [2, 2]);
  expect(comparePredictions(logs, logs)).toMatchObject({ decision: "argmax", flips: 0 });
});

test("NaN is the same as NaN in the same place only, and is counted", () => {
  const row = (...values: number[]): Uint8Array => doubles(values, [1, values.length]);
  const { NaN: none } = Number;
  expect(comparePredictions(row(none, 1), row(none, 1), SCORES)).toMatchObject({ flips: 0, nan: 1, maxAbs: 0 });
  expect(comparePredictions(row(none, 1), row(1, none), SCORES)).toMatchObject({ flips: 1, nan: 0 });
  expect(comparePredictions(row(none, 1), row(0, 1), SCORES)).toMatchObject({ flips: 1, nan: 0 });
  expect(comparePredictions(doubles([none, 0.9]), doubles([none, 0.9]), SCORES)).toMatchObject({ flips: 0, nan: 1 });
  expect(comparePredictions(doubles([none, 0.9]), doubles([0.1, 0.9]), SCORES)).toMatchObject({ flips: 1, nan: 0 });
});

test("one changed number anywhere is seen, and told where", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 40 }),
      fc.nat(),
      (values, pick) => {
        const at = pick % values.length;
        const changed = values.map((value, i) => (i === at ? value + 1 : value));
        const found = comparePredictions(doubles(values), doubles(changed));
        expect(found.worst?.row).toBe(at);
        expect(found.maxAbs).toBeCloseTo(1, 6);
      },
    ),
  );
});

test("of scores with several axes nobody knows which is that of the classes: they are not decided by the largest of all", () => {
  const a = doubles([9, 0, 0, 1, 9, 0, 0, 1], [2, 2, 2]);
  const b = doubles([9, 0, 1, 0, 9, 0, 1, 0], [2, 2, 2]);
  expect(comparePredictions(a, b)).toMatchObject({ decision: null, flips: null, maxAbs: 1 });
  const one = doubles([9, 0, 0, 1], [2, 2, 1]);
  expect(comparePredictions(one, one, SCORES)).toMatchObject({ decision: "argmax", flips: 0 });
});
