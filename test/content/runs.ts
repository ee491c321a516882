import type { Origin, Origins } from "#content";

const START = Date.UTC(2026, 10, 21, 6, 0, 0);

/** Two runs an hour and some apart, of 100 and 120 seconds, in folders of their own. */
export const runA: Origin = {
  roots: ["/home/ada/proj", "/home/ada/proj", "/tmp/run-a", "/home/ada"],
  pids: [4711, 4712],
  startMs: START,
  endMs: START + 100_000,
  seconds: 100,
  uuids: ["8a4e2d0c1b5f4f6e9d3c7b2a1f0e9d8c"],
  hostname: "alpha.example",
};

const runB: Origin = {
  roots: ["/var/replay/7/proj", "/var/replay/7/proj", "/tmp/run-b", "/home/ada"],
  pids: [5811, 5812],
  startMs: START + 3_700_000,
  endMs: START + 3_820_000,
  seconds: 120,
  uuids: ["0f1e2d3c4b5a69788796a5b4c3d2e1f0"],
  hostname: "beta.example",
};

export const runs: Origins = { a: runA, b: runB };
