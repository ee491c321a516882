import { expect, test } from "vitest";
import { canonicalNames, type Origin } from "#content";

test("the name of a TensorBoard file is masked by clock, host and process", () => {
  const of = (startMs: number, pid: number): Origin => ({
    roots: ["/a"],
    pids: [pid],
    startMs,
    endMs: startMs + 4000,
    seconds: 4,
    uuids: [],
    hostname: "vm",
  });
  const origins = { a: of(1795243345000, 19956), b: of(1795243350000, 19978) };
  const [a, b] = ["runs/events.out.tfevents.1795243348.vm.19956.0", "runs/events.out.tfevents.1795243352.vm.19978.0"];
  expect(canonicalNames([a], [b], origins)).toEqual([{ a, b }]);
  expect(canonicalNames([a], ["runs/events.out.tfevents.1695243352.vm.19978.0"], origins)).toHaveLength(2);
});
