import { afterEach, expect, test } from "vitest";
import { metricsInFile } from "#content";
import { byStanding, seriesTitle } from "#record";
import { schemaFaults } from "../record/schema.ts";
import { folderProject, type Project, PYTHON } from "./project.ts";

const points = (name: string, text: string) =>
  metricsInFile(name, new TextEncoder().encode(text)).map(({ name: metric, step, value }) => [metric, step, value]);

test.each([
  [
    "results.csv",
    "   epoch,  train/loss, time\n 1, 0.5, 3\n 2, 0.25, 3\n",
    [
      ["train/loss", 1, 0.5],
      ["time", 1, 3],
      ["train/loss", 2, 0.25],
      ["time", 2, 3],
    ],
  ],
  [
    "progress.csv",
    "time/total_timesteps,rollout/reward,train/loss\n100,1.5,\n200,2.5,0.125\n",
    [
      ["rollout/reward", 100, 1.5],
      ["rollout/reward", 200, 2.5],
      ["train/loss", 200, 0.125],
    ],
  ],
  ["log.csv", 'epoch;"a;b";note\n0;1;x\n', [["a;b", 0, 1]]],
  ["log.tsv", 'epoch\tnote\tval\tloss\n0\t"x"\t\t0.5\n', [["loss", 0, 0.5]]],
  ["log.tsv", "step\tloss\n1\t0.5\n", [["loss", 1, 0.5]]],
  [
    "m.jsonl",
    '{"step": 3, "loss": 0.5}\n{"step": 4, "loss": 0.25}\n',
    [
      ["loss", 3, 0.5],
      ["loss", 4, 0.25],
    ],
  ],
  ["train.log", "2026-01-02 10:11:12,345 INFO train: epoch=3 loss=0.25\n", [["loss", 3, 0.25]]],
  ["predictions.csv", "id,score\n1,0.5\n", []],
  ["data.csv", "1,2\n3,4\n", []],
  ["weights.log", "\0\0loss=1\n", []],
  ["readme.md", "loss=1\n", []],
])("%s: the numbers of a training, and none of other tables", (name, text, expected) => {
  expect(points(name, text)).toEqual(expected);
});

let project: Project | undefined;
afterEach(() => project?.remove());

test("numbers in files that the run made are in the record with their file, behind those of loggers", async () => {
  project = folderProject({
    "old.csv": "epoch,loss\n1,9\n",
    "train.py": [
      "import csv, logging",
      'logging.basicConfig(filename="train.log", format="%(asctime)s %(message)s", level="INFO")',
      'with open("log.csv", "w") as file, open("old.csv", "a") as old:',
      "    rows = csv.writer(file)",
      '    rows.writerow(["epoch", "loss"])',
      "    for epoch in range(3):",
      "        rows.writerow([epoch, 1 / (epoch + 1)])",
      '        logging.info("epoch %d: loss %r", epoch, 1 / (epoch + 1))',
      '    old.write("2,8\\n")',
      'print("loss: 0.33")',
    ].join("\n"),
  });
  const made = await project.run([PYTHON, "train.py"]);
  const record = project.store.runs.get(made.id);
  expect(schemaFaults(record)).toEqual([]);
  const filed = record.metrics.filter(({ source }) => source === "file");
  expect(filed.map((series) => seriesTitle(series))).toEqual(["loss (log.csv)", "loss #2 (train.log)"]);
  for (const series of filed) expect(series.points).toEqual([0, 1, 2].map((step) => ({ step, value: 1 / (step + 1) })));
  expect(byStanding(record.metrics).map(({ source }) => source)).toEqual(["stdout", "file", "file"]);
});
