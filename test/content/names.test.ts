import { describe, expect, it } from "vitest";
import { canonicalNames, maskName, type Origin } from "#content";
import { runA, runs } from "./runs.ts";

describe("file names", () => {
  it.each([
    ["runs/Nov21_06-00-13_alpha.example/x", "runs/Nov21_07-02-01_beta.example/x"],
    [
      "log/events.out.tfevents.1795240813.alpha.example.4711.0",
      "log/events.out.tfevents.1795244521.beta.example.5811.0",
    ],
    ["out-20261121-060013/m.pt", "out-20261121-070201/m.pt"],
    ["out/2026-11-21/06-00-13/m.pt", "out/2026-11-21/07-02-01/m.pt"],
    ["out_21_11_2026_06_00_13.txt", "out_21_11_2026_07_02_01.txt"],
    ["mlruns/0/8a4e2d0c1b5f4f6e9d3c7b2a1f0e9d8c/meta", "mlruns/0/0f1e2d3c4b5a69788796a5b4c3d2e1f0/meta"],
    ["CartPole__1__1795240813/x", "CartPole__1__1795244521/x"],
    ["/tmp/run-a/tmpab12cd34/x", "/tmp/run-b/tmpzz99_y3k/x"],
    ["core.4711", "core.5811"],
  ])("pairs %s with %s", (a, b) => {
    expect(canonicalNames([a], [b], runs)).toEqual([{ a, b }]);
  });

  it.each([
    ["model-1.pt", "model-2.pt"],
    ["checkpoint-4711", "checkpoint-5811"],
    ["data-2024-01-02.csv", "data-2024-01-03.csv"],
    ["seed_1795240813.txt", "seed_1795244521.txt"],
    ["a1b2c3d4e5f6.bin", "a1b2c3d4e5f7.bin"],
  ])("does not pair %s with %s", (a, b) => {
    expect(canonicalNames([a], [b], runs)).toEqual([
      { a, b: null },
      { a: null, b },
    ]);
  });

  it("takes equal names first, then masked ones in their order", () => {
    const a = ["x", "20261121_060013.txt", "20261121_060113.txt"];
    const b = ["20261121_070301.txt", "20261121_070201.txt", "x", "y"];
    expect(canonicalNames(a, b, runs)).toEqual([
      { a: "x", b: "x" },
      { a: "20261121_060013.txt", b: "20261121_070201.txt" },
      { a: "20261121_060113.txt", b: "20261121_070301.txt" },
      { a: null, b: "y" },
    ]);
  });

  it("leaves a name without origin as it is", () => {
    expect(maskName("src/layer_1.0/weights-0.5.bin", runA)).toBe("src/layer_1.0/weights-0.5.bin");
  });

  it("masks clock, host and process in the name of a TensorBoard file", () => {
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
});
