import { spawnSync } from "node:child_process";
import { afterEach, describe, expect, test } from "vitest";
import { type AgentEvent, writtenMetrics } from "#record";
import { loggedBy } from "../../src/run/logged.ts";
import { schemaFaults } from "../record/schema.ts";
import { folderProject, type Project, PYTHON } from "./project.ts";

const hello = (proc: string): AgentEvent => ({ e: "fork", pid: 1, ppid: 0, proc, t: 0 });
const metric = (name: string, value: number | "NaN", more: object = {}): AgentEvent => ({
  e: "metric",
  src: "mlflow",
  name,
  step: null,
  value,
  ...more,
});
const plain = (text: string): string => text;

describe("what loggers got", () => {
  test("is told by logger and name, in the order of the processes' keys", () => {
    const { metrics } = loggedBy(
      [
        { file: "900.jsonl", events: [hello("0/rank1"), metric("loss", 3)] },
        { file: "901.jsonl", events: [hello("0"), metric("loss", 1, { step: 4 }), metric("loss", "NaN")] },
        { file: "902.jsonl", events: [metric("loss", 9, { src: "tensorboard" }), metric("x", 1, { src: "nobody's" })] },
      ],
      0,
      plain,
    );
    expect(metrics.map(({ source, name, points }) => [source, name, points.map(({ value }) => value)])).toEqual([
      ["mlflow", "loss", [1, NaN, 3]],
      ["tensorboard", "loss", [9]],
    ]);
    expect(metrics[0]?.points[0]?.step).toBe(4);
  });

  test("the second run of a logger is told apart, and points that were only counted are dropped", () => {
    const events = [
      metric("loss", 1),
      metric("loss", 2, { run: 1 }),
      metric("loss", 0, { value: null, count: 100_008 }),
    ];
    const { metrics } = loggedBy([{ file: "1.jsonl", events }], 5, plain);
    expect(metrics.map(({ name, dropped }) => [name, dropped])).toEqual([
      ["loss", 12],
      ["loss #2", 5],
    ]);
  });

  test("the rest of a long series has a digest only if every point of it was seen", () => {
    const many = Array.from({ length: 100_001 }, (_, i) => metric("loss", i));
    const end = metric("loss", 0, { value: null, count: 100_007, rest: "ab" });
    const told = (events: AgentEvent[], unread = 0) => {
      const [found] = loggedBy([{ file: "1.jsonl", events }], unread, plain).metrics;
      return [found?.points.length, found?.dropped, found?.rest];
    };
    expect(told([...many, end])).toEqual([100_000, 7, "ab"]);
    expect(told([...many, end], 1)).toEqual([100_000, 8, undefined]);
    expect(told([...many])).toEqual([100_000, 1, undefined]);
    expect(told([...many, end, metric("loss", 1)])).toEqual([100_000, 8, undefined]);
    expect(told(many.slice(1))).toEqual([100_000, 0, undefined]);
  });

  test.each([
    ["loss", false],
    ["val/accuracy", false],
    ["train_loss_time_weighted", false],
    ["epoch_time", true],
    ["time/fps", true],
    ["train_samples_per_second", true],
    ["train_runtime", true],
    ["system/cpu_utilization_percentage", true],
    ["DeviceStatsMonitor.on_train_batch_start/cpu_percent", true],
    ["gpu_0_memory", true],
    ["memory_loss", false],
  ])("%s: no result: %s", (name, timing) => {
    const { metrics } = loggedBy([{ file: "1.jsonl", events: [metric(name, 1)] }], 0, plain);
    expect(metrics[0]?.timing).toBe(timing);
  });

  test("of a progress bar only the last state is a result", () => {
    const events = [metric("loss", 1, { src: "tqdm" }), metric("loss", 2)];
    const { metrics } = loggedBy([{ file: "1.jsonl", events }], 0, plain);
    expect(metrics.map(({ source, redrawn }) => [source, redrawn])).toEqual([
      ["mlflow", false],
      ["tqdm", true],
    ]);
  });

  test("the last value of a parameter counts, without secrets", () => {
    const param = (name: string, value: string): AgentEvent => ({ e: "param", src: "mlflow", name, value });
    const events = [param("lr", "0.1"), param("lr", "0.2"), param("note", "psst")];
    const { params } = loggedBy([{ file: "1.jsonl", events }], 0, (text) => text.replace("psst", "<redacted>"));
    expect(params).toEqual([
      { name: "lr", value: "0.2", origin: "mlflow" },
      { name: "note", value: "<redacted>", origin: "mlflow" },
    ]);
  });
});

const SOURCE = `
import math
from tensorboardX import SummaryWriter
with SummaryWriter("out") as writer:
    writer.add_hparams({"lr": 0.5}, {})
    for step in range(3):
        writer.add_scalar("loss", [0.1, -0.0, -math.inf][step], step)
print("loss=0.1")
`;
const HAS_WRITER = spawnSync(PYTHON, ["-c", "import tensorboardX"]).status === 0;

describe.skipIf(!HAS_WRITER)("a program with a logger of its own", () => {
  let project: Project;
  afterEach(() => project.remove());

  test("has its numbers in the record, bit for bit, beside those that it printed", async () => {
    project = folderProject({ "train.py": SOURCE });
    const made = await project.run([PYTHON, "train.py", "--lr", "3"]);
    const record = project.store.runs.get(made.id);
    expect(record.metrics).toEqual(made.metrics);
    expect(record.metrics.map(({ source, name }) => `${name} ${source}`)).toEqual(["loss stdout", "loss tensorboardX"]);
    expect(record.metrics[1]?.points.map(({ value }) => value)).toEqual([0.1, -0, -Infinity]);
    expect(record.params).toEqual([
      { name: "lr", value: "3", origin: "argument" },
      { name: "lr", value: "0.5", origin: "tensorboardX" },
    ]);
    expect(record.agent.faults).toEqual([]);
    expect(schemaFaults({ ...record, metrics: writtenMetrics(record.metrics) })).toEqual([]);
  });
});
