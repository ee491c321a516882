import { expect, test } from "vitest";
import { luck } from "#compare";

test("Fisher's exact test, one-sided: parted pairs without an intervention against none under it", () => {
  // 1/C(8,4), as in the table of 4 against 4; 4/84 for 3 of 4 against 5.
  expect(luck(4, 4, 4)).toBeCloseTo(1 / 70, 12);
  expect(luck(3, 4, 5)).toBeCloseTo(4 / 84, 12);
  expect(luck(2, 4, 12)).toBeCloseTo(6 / 120, 12);
  expect(luck(1, 2, 2)).toBeCloseTo(0.5, 12);
});

test("without a parted pair nothing is shown, and more clean pairs always say more", () => {
  expect(luck(0, 4, 100)).toBe(1);
  for (let under = 1; under < 20; under++) expect(luck(3, 4, under + 1)).toBeLessThan(luck(3, 4, under));
});
