import { type Digest, RECORD_FORMAT, type RunRecord, unknown } from "#record";

/** A small record that is whole as far as its type goes. */
export function sampleRecord(id: string, changes: Partial<RunRecord> = {}): RunRecord {
  const none = unknown("not looked at in this test");
  return {
    format: RECORD_FORMAT,
    id,
    name: null,
    tags: {},
    replay: null,
    version: "0.0.0",
    command: { argv: ["python", "train.py"], executable: none, cwd: "/p", project: "/p", workdir: "" },
    terminal: { stdin: "null", stdout: "pipe", stderr: "pipe" },
    startedAt: "2026-01-02T03:04:05.678Z",
    endedAt: "2026-01-02T03:04:06.678Z",
    seconds: 1,
    status: "completed",
    exitCode: 0,
    signal: null,
    seed: { mode: "off", root: null, seeded: [], hashSeed: null, own: [] },
    code: none,
    modules: none,
    environment: { python: none, libraries: none, lockFiles: [] },
    hardware: {
      os: "Linux",
      kernel: "6",
      libc: none,
      container: none,
      cpu: { model: "a", flags: none, logical: 1, usable: 1 },
      memoryBytes: 1,
      gpus: none,
      hostname: "h",
      locale: "C",
      timeZone: "UTC",
    },
    variables: [],
    inputs: none,
    tree: none,
    outputs: none,
    params: [],
    metrics: [],
    entropy: none,
    stdout: none,
    stderr: none,
    events: none,
    agent: { state: "none", processes: [], faults: [] },
    warnings: [],
    ...changes,
  };
}

/** A record that names these objects, as its output and outputs. */
export function recordNaming(id: string, digests: readonly Digest[], changes: Partial<RunRecord> = {}): RunRecord {
  const [first, ...rest] = digests;
  return sampleRecord(id, {
    ...(first === undefined ? {} : { stdout: { digest: first, bytes: 1, redacted: 0 } }),
    outputs: rest.map((digest, index) => ({
      path: `out/${index}`,
      scope: "project",
      bytes: 1,
      digest,
      stored: true,
      seen: ["hook"],
      change: "created",
    })),
    ...changes,
  });
}
