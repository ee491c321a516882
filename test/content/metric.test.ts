import { describe, expect, it, test } from "vitest";
import { parseMetricLine } from "#content";

type Row = readonly [string, string];
/** name=value@step, with ! for timing. */
const said = (line: string): string =>
  parseMetricLine(line)
    .map(({ name, value, step, timing }) => `${name}=${value}${step === null ? "" : `@${step}`}${timing ? "!" : ""}`)
    .join(" ");

const PRINTED: readonly Row[] = [
  ["iter 10: loss 3.2012, time 12.31ms, mfu -100.00%", "loss=3.2012@10 time=12.31@10! mfu=-100@10!"],
  ["step 0: train loss 4.2874, val loss 4.2823", "train_loss=4.2874@0 val_loss=4.2823@0"],
  ["Epoch [3/10], Step [100/600], Loss: 0.5", "Loss=0.5@100"],
  ["Epoch: 0040 loss_train: 0.7 acc_train: 0.8 time: 0.01s", "loss_train=0.7@40 acc_train=0.8@40 time=0.01@40!"],
  [
    "| epoch   1 |    20/   41 batches | lr 20.00 | ms/batch 12.31 | loss  7.52 | ppl  1849.55",
    "lr=20@1 ms/batch=12.31@1! loss=7.52@1 ppl=1849.55@1",
  ],
  [
    "{'loss': 0.31, 'grad_norm': 1.5, 'learning_rate': 5e-05, 'epoch': 1.0}",
    "loss=0.31@1 grad_norm=1.5@1 learning_rate=0.00005@1",
  ],
  ["{'loss': '0.31', 'epoch': '0.5'}", "loss=0.31"],
  ['{"step": 3, "eval": {"acc": 0.5}, "runtime": 2.5, "name": "x"}', "eval.acc=0.5@3 runtime=2.5@3!"],
  ["100%|██████████| 10/10 [00:01<00:00, 9.1it/s, loss=0.3, v_num=0]", "loss=0.3 v_num=0"],
  ["10/10 ━━━━━━━━━━ 1s 5ms/step - accuracy: 0.9 - loss: 0.3", "accuracy=0.9 loss=0.3"],
  ["Test Accuracy of the model on the 10000 test images: 93.2 %", "Test_Accuracy=93.2"],
  ["Test set results: loss= 0.7 accuracy= 0.81", "loss=0.7 accuracy=0.81"],
  ["val_loss=1e-3", "val_loss=0.001"],
  ["CPU times: user 12.1 ms, sys: 0 ns, total: 11.6 ms", ""],
  ["CPU times: total: 109 ms", ""],
  ["Best trial: 3, auc=.5", "auc=0.5"],
  ["global_step=200, episodic_return=[21.]", ""],
  ["RMSE: 0.79 MAE: 0.6", "RMSE=0.79 MAE=0.6"],
  ["\u001b[32mloss\u001b[0m: 0.5", "loss=0.5"],
  ["loss: nan acc: 0.1", "acc=0.1"],
  ["loss: 5%|█ | 1/2\rloss: 0.25", "loss=0.25"],
];

const NOTHING = [
  "2026-11-21 06:00:13,123 INFO start",
  "time 12:30:01",
  "http://localhost:6006/?run=3",
  "saved to /tmp/x=1/loss=0.3/y.pt",
  "torch==2.13.0",
  "version: 1.2.3",
  "shape: 3x4",
  "size: (3, 4)",
  'File "train.py", line 41',
  "port: 8080",
  "no digits here: none",
  "12 apples",
  "seed=42",
  "C:\\run\\loss=3",
  "ratio 16:9",
  "`Trainer(limit_train_batches=1)` was configured",
  "`Trainer.fit` stopped: `max_epochs=1` reached.",
  "TPU available: False, using: 0 TPU cores",
];

describe("metrics in a line", () => {
  it.each(PRINTED)("%s", (line, expected) => {
    expect(said(line)).toBe(expected);
  });

  it.each(NOTHING)("takes nothing from: %s", (line) => {
    expect(parseMetricLine(line)).toEqual([]);
  });

  it("costs little on lines without numbers", () => {
    const line = "a line of words without any number in it, as most of the output of a program is made of them";
    // The best of five: the machine does other work too.
    const seconds = Array.from({ length: 5 }, () => {
      const start = performance.now();
      for (let i = 0; i < 200_000; i += 1) parseMetricLine(line);
      return (performance.now() - start) / 1000;
    });
    expect((line.length * 200_000) / Math.min(...seconds)).toBeGreaterThan(100e6);
  });
});

test.each([
  "Map: 100%|██████████| 60/60 [00:00<00:00, 1200.00 examples/s]",
  "Map:   0%|          | 0/60 [00:00<?, ? examples/s]",
  "Generating train split: 0 examples [00:00, ? examples/s]",
  "Generating train split: 60 examples [00:00, 2000.1 examples/s]",
  "E0000 00:00:17 2671 cuda_dnn.cc:8310] Unable to register",
])("progress and places in sources are no metrics: %s", (line) => {
  expect(parseMetricLine(line).filter((metric) => !metric.timing)).toEqual([]);
});

test("what a bar carries behind it is one", () => {
  expect(parseMetricLine("Epoch 1:  40%|████      | 2/5 [00:00<00:00, 9.1it/s, loss=0.31]")).toContainEqual(
    expect.objectContaining({ name: "loss", value: 0.31 }),
  );
});
