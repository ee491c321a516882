import fc from "fast-check";
import { expect, test } from "vitest";
import { segmentsOf } from "../../../src/replay/change/segments.ts";

test("stretches put together give either side again", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", "b", "c", "d")),
      fc.array(fc.constantFrom("a", "b", "c", "d")),
      (a, b) => {
        const found = segmentsOf(a, b) ?? [];
        expect(found.flatMap((one) => a.slice(one.a, one.a + one.aLength))).toEqual(a);
        expect(found.flatMap((one) => b.slice(one.b, one.b + one.bLength))).toEqual(b);
        for (const one of found)
          if (one.same) expect(a.slice(one.a, one.a + one.aLength)).toEqual(b.slice(one.b, one.b + one.bLength));
        for (const [i, one] of found.entries()) if (i > 0) expect(one.same && found[i - 1]?.same).toBe(false);
      },
    ),
    { numRuns: 500 },
  );
});

test("thousands of changes are compared place by place, or not at all", () => {
  const many = (word: string, length: number): string[] =>
    Array.from({ length }, (_, i) => `${word}${i % 10 === 0 ? "" : i}`);
  const changed = segmentsOf(
    many("x", 8000).map((line, i) => (i % 2 === 0 ? `p${i}` : line)),
    many("x", 8000).map((line, i) => (i % 2 === 0 ? `q${i}` : line)),
  );
  expect(changed?.filter((one) => !one.same).length).toBe(4000);
  expect(segmentsOf(many("p", 8000), many("q", 8001))).toBe(null);
});
