import { expect, test } from "vitest";
import type { Origin } from "../../src/content/origin.ts";
import { isProcessId } from "../../src/content/origin.ts";

const of = (...pids: number[]): Origin => ({ pids }) as unknown as Origin;

test("ids that nobody saw are believed above 1000, and just behind a known one where they have begun anew", () => {
  expect(isProcessId(of(4711), 4711)).toBe(true);
  expect(isProcessId(of(4711), 4720)).toBe(true);
  expect(isProcessId(of(4711), 11_000)).toBe(false);
  // The kernel begins again at 300.
  expect(isProcessId(of(32_767, 431), 440)).toBe(true);
  expect(isProcessId(of(431), 496)).toBe(false);
  expect(isProcessId(of(431), 420)).toBe(false);
  // In a container ids are as small as anything.
  expect(isProcessId(of(1, 8), 9)).toBe(false);
  expect(isProcessId(of(8), 8)).toBe(true);
});
