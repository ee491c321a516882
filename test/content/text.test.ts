import { describe, expect, it } from "vitest";
import { type Comparison, compareText } from "#content";
import { runs } from "./runs.ts";

const compare = (a: string, b: string, interleaved = false): Comparison =>
  compareText(a.split("\n"), b.split("\n"), runs, { interleaved });

/** Noise that must be set aside, and the kind of origin it must be told with. */
const NOISE: readonly (readonly [string, string, string])[] = [
  ["2026-11-21 06:00:13,123 INFO start", "2026-11-21 07:02:01,007 INFO start", "time"],
  ["[2026-11-21T06:00:13Z] go", "[2026-11-21T07:02:01Z] go", "time"],
  ["Sat Nov 21 06:00:13 2026", "Sat Nov 21 07:02:01 2026", "time"],
  ["Sat, 21 Nov 2026 06:00:13 GMT", "Sat, 21 Nov 2026 07:02:01 GMT", "time"],
  ["runs/Nov21_06-00-13_alpha.example/x", "runs/Nov21_07-02-01_beta.example/x", "time"],
  ["06:00:13 | INFO | loaded", "07:02:01 | INFO | loaded", "time"],
  ["log_20261121_060013.txt", "log_20261121_070201.txt", "time"],
  ["21/11/2026 06:00 done", "21/11/2026 07:02 done", "time"],
  ["I1121 06:00:13.123456 4711 a.cc:12] x", "I1121 07:02:01.654321 4711 a.cc:12] x", "time"],
  ["started at 1795240813.25", "started at 1795244521.75", "time"],
  ["ts=1795240813250", "ts=1795244521750", "time"],
  [
    "Trial(7, start=datetime.datetime(2026, 11, 21, 6, 0, 13, 98568), values=[0.5])",
    "Trial(7, start=datetime.datetime(2026, 11, 21, 7, 2, 1), values=[0.5])",
    "time",
  ],
  ["took 1.23s", "took 1.31s", "duration"],
  ["Epoch 3: loss 0.5 (12.1 sec)", "Epoch 3: loss 0.5 (11.9 sec)", "duration"],
  ["Elapsed time: 12.31", "Elapsed time: 10.02", "duration"],
  ["time_elapsed=12", "time_elapsed=14", "duration"],
  ["done in 950ms", "done in 1.02s", "duration"],
  ["Time for training: 3.2", "Time for training: 3.3", "duration"],
  ["total 1m 2s", "total 59s", "duration"],
  ["Training took 0:00:12.345678", "Training took 0:00:13.345678", "duration"],
  ["training took..... 3.21", "training took..... 3.52", "duration"],
  ["eta 0:12:00 | loss: 0.5", "eta 0:15:01 | loss: 0.5", "duration"],
  ["iter 10: loss 3.2, time 12.31ms, mfu -100.00%", "iter 10: loss 3.2, time 15.02ms, mfu 0.02%", "speed"],
  ["30.1 it/s", "29.4 it/s", "speed"],
  ["| ms/batch 12.31 | loss 5.1", "| ms/batch 13.22 | loss 5.1", "speed"],
  ["took 0.1s, 575146 effective words/s", "took 0.2s, 369152 effective words/s", "speed"],
  ["<function Net.parameters at 0x7fe24713b060>", "<function Net.parameters at 0x7fe87c8eb060>", "address"],
  ["1234.5 tok/s", "1200.1 tok/s", "speed"],
  ["SPS: 1234", "SPS: 1199", "speed"],
  ["train_samples_per_second = 120.1", "train_samples_per_second = 99.2", "speed"],
  ["10/10 ━━━━━━━━━━ 1s 5ms/step - loss: 0.3", "10/10 ━━━━━━━━━━ 2s 7ms/step - loss: 0.3", "speed"],
  ["worker pid 4711 up", "worker pid 5811 up", "process id"],
  ["[4712] ready", "[5812] ready", "process id"],
  ["<Net object at 0x7f3a2b1c4d50>", "<Net object at 0x7f9a1b1c4d10>", "address"],
  ["artifacts file:///home/ada/proj/mlruns/0", "artifacts file:///var/replay/7/proj/mlruns/0", "folder of the run"],
  ["sqlite:////home/ada/proj/m.db", "sqlite:////var/replay/7/proj/m.db", "folder of the run"],
  ["saved /home/ada/proj/out/m.pt", "saved /var/replay/7/proj/out/m.pt", "folder of the run"],
  ["cache /tmp/run-a/tmpab12cd34/x", "cache /tmp/run-b/tmpzz99_y3k/x", "temporary name"],
  ["run 8a4e2d0c1b5f4f6e9d3c7b2a1f0e9d8c ok", "run 0f1e2d3c4b5a69788796a5b4c3d2e1f0 ok", "uuid"],
  ["run-8a4e2d0c", "run-0f1e2d3c", "uuid"],
  [
    "log events.out.tfevents.1795240813.alpha.example.4711.0",
    "log events.out.tfevents.1795244521.beta.example.5811.0",
    "process id",
  ],
  ["host alpha.example", "host beta.example", "host name"],
  ["View run merciful-crab-37 now", "View run bold-ant-101 now", "run name"],
  ["peak memory: 512.3 MB", "peak memory: 515.1 MB", "memory use"],
];

/** Signal that looks like noise and must never be set aside. */
const SIGNAL: readonly (readonly [string, string])[] = [
  ["file:///home/ada/proj/a", "file:///var/replay/7/proj/b"],
  ["file:///home/ada/proj/a", "file:///srv/other/a"],
  ["http:///home/ada/proj/a", "http:///var/replay/7/proj/a"],
  ["until datetime.date(2025, 11, 21)", "until datetime.date(2025, 11, 22)"],
  ["shape(2026, 11, 21)", "shape(2026, 11, 22)"],
  ["update(2026, 11, 21)", "update(2026, 11, 20)"],
  ["loss 0.31", "loss 0.32"],
  ["loss: 12:30", "loss: 12:31"],
  ["loss=0.31s", "loss=0.33s"],
  ["acc 0.91 time 1.0s", "acc 0.92 time 1.0s"],
  ["took 1.2s", "took 150s"],
  ["data from 2024-01-02", "data from 2024-01-03"],
  ["2026-11-21 03:00:13 x", "2026-11-21 07:02:01 x"],
  ["score 0x7f3a2b1c", "score 0x7f3a2b1d"],
  ["digest 0x7f3a2b1c4d50", "digest 0x7f3a2b1c4d51"],
  ["seed 1795240813", "seed 1795244521"],
  ["md5 8a4e2d0c1b5f4f6e9d3c7b2a1f0e9d8d", "md5 8a4e2d0c1b5f4f6e9d3c7b2a1f0e9d8e"],
  ["md5 8a4e2d0c1b5f4f6e9d3c7b2a1f0e9d8c", "md5 0f1e2d3c4b5a69788796a5b4c3d2e1f0"],
  ["epoch 3", "epoch 4"],
  ["eta: 0.3", "eta: 0.1"],
  ["left: 0.3", "left: 0.1"],
  ["bandwidth 0.5", "bandwidth 0.6"],
  ["remaining 12", "remaining 13"],
  ["model_id 8a4e2d0c1b5f4f6e9d3c7b2a1f0e9d8d", "model_id 8a4e2d0c1b5f4f6e9d3c7b2a1f0e9d8e"],
  ["time_step: 3", "time_step: 4"],
  ["12 samples", "13 samples"],
  ["saved /home/ada/proj/out/a.pt", "saved /var/replay/7/proj/out/b.pt"],
  ["30.1 it/s", "30.1 samples/s"],
  ["value 4711", "value 5811"],
  ["reward/mean 12 s", "reward/mean 13 s"],
  ["score_threshold 1.2 sec", "score_threshold 1.3 sec"],
  ["  indented", "    indented"],
  ["a b", "a  b"],
  ["tokens 128", "tokens 129"],
  ["-0.0 x", "0.0 x"],
  ["37%|███▋      | 37/100 [00:01<00:02, 30.1it/s]", "38%|███▋      | 38/100 [00:01<00:02, 30.1it/s]"],
  [
    "100%|██████████| 10/10 [00:01<00:00, 9.1it/s, loss=0.3]",
    "100%|██████████| 10/10 [00:01<00:00, 9.1it/s, loss=0.4]",
  ],
  ["val 1e-5", "val 1e-6"],
  ["log events.out.tfevents.1795240813.alpha.example.4711.0", "log events.out.tfevents.1795244521.beta.example.5811.1"],
  ["merciful-crab-37 now", "bold-ant-101 now"],
];

describe("masks of text", () => {
  it.each(NOISE)("sets aside: %s / %s as %s", (a, b, why) => {
    const found = compare(a, b);
    expect(found.difference).toBeUndefined();
    expect(found).toMatchObject({ agree: true, how: "masked" });
    expect(found.aside.join("\n")).toContain(why);
  });

  it.each(SIGNAL)("keeps as a difference: %s / %s", (a, b) => {
    expect(compare(a, b)).toMatchObject({ agree: false, difference: { where: "line 1" } });
  });

  it.each(NOISE)("does not let the noise of %s hide a number beside it", (a, b) => {
    expect(compare(`${a}; loss 0.31`, `${b}; loss 0.32`).agree).toBe(false);
  });

  it("counts a duration only up to the run's own", () => {
    expect(compare("took 104s", "took 125s").agree).toBe(true);
    expect(compare("took 107s", "took 125s").agree).toBe(false);
  });

  it("takes a file of the project for no speed, whatever it is called", () => {
    const ofProject = { a: { ...runs.a, files: new Set(["data/s"]) }, b: runs.b };
    expect(compare("best data/s 0.84", "best data/s 0.31").agree).toBe(true);
    expect(compareText(["best data/s 0.84"], ["best data/s 0.31"], ofProject, { interleaved: false }).agree).toBe(
      false,
    );
  });

  it("says nothing of equal texts", () => {
    expect(compare("a\nb", "a\nb")).toEqual({ agree: true, how: "bytes", aside: [] });
  });

  it("tells line, values and distance of a difference", () => {
    expect(compare("x\nloss 0.25", "x\nloss 0.5").difference).toEqual({
      where: "line 2",
      a: "loss 0.25",
      b: "loss 0.5",
      distance: 0.25,
    });
  });

  it("lists at most fifty things and a count", () => {
    const many = (offset: number): string => Array.from({ length: 80 }, (_, i) => `took ${i + offset}s`).join("\n");
    const found = compare(many(0), many(1));
    expect(found.agree).toBe(true);
    expect(found.aside).toHaveLength(51);
    expect(found.aside.at(-1)).toBe("and 30 more");
  });
});
