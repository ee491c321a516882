// What fingerprints of steps add to loops of PyTorch whose steps take about 2 ms and about 20 ms. Goal: at most 3 % of 20 ms.
// The loop times itself, in processor time: it has one thread, and what else the machine does then counts for less.
import { spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pythonAt, settings } from "./rounds.mjs";

const TRAIN = `import sys, time
import torch
torch.set_num_threads(1)
torch.manual_seed(0)
rows, width, steps = map(int, sys.argv[1:])
x = torch.randn(rows, 64)
y = x[:, :1].sin()
net = torch.nn.Sequential(torch.nn.Linear(64, width), torch.nn.ReLU(), torch.nn.Linear(width, width), torch.nn.ReLU(), torch.nn.Linear(width, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
def train(count):
    times = []
    for step in range(count):
        start = time.process_time()
        loss = ((net(x) - y) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        times.append(time.process_time() - start)
    return times
train(8)
times = sorted(train(steps))
print(sum(times) / steps * 1e3, times[len(times) // 2] * 1e3, times[len(times) // 20] * 1e3)
`;

const SIZES = [
  { name: "2 ms", rows: 640, width: 128, steps: 400 },
  { name: "20 ms", rows: 1000, width: 384, steps: 120 },
];
const { rounds, python: name } = settings({ rounds: 5 });
const python = pythonAt(name);
const root = realpathSync(mkdtempSync(join(tmpdir(), "bench-")));
process.on("exit", () => rmSync(root, { recursive: true, force: true }));
writeFileSync(join(root, "train.py"), TRAIN);
const site = fileURLToPath(new URL("../agent/python/src/site", import.meta.url));

/** Mean, median and 5 % quantile of a step in ms. */
function train({ rows, width, steps }, mode) {
  const env = { ...process.env, OMP_NUM_THREADS: "1" };
  if (mode !== "bare") {
    const events = mkdtempSync(join(root, "events-"));
    Object.assign(env, { PYTHONPATH: site, REPRISE_EVENTS: events, REPRISE_PROJECT: root, REPRISE_ROOT: "root" });
    if (mode !== "off") env.REPRISE_STEPS = mode;
  }
  const words = ["train.py", String(rows), String(width), String(steps)];
  const child = spawnSync(python, words, { cwd: root, env, encoding: "utf8" });
  if (child.status !== 0) throw new Error(`${python} cannot train: ${child.stderr}`);
  return child.stdout.trim().split(" ").map(Number);
}

const MODES = ["bare", "off", "auto", "all"];
const lines = [
  "| step | mode | least mean ms | least median ms | ratio of means | ratio of medians | ratio of 5 % |",
  "|---|---|---|---|---|---|---|",
];
for (const size of SIZES) {
  const found = new Map(MODES.map((mode) => [mode, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < MODES.length; turn += 1) {
      const mode = MODES[(round + turn) % MODES.length];
      found.get(mode).push(train(size, mode));
    }
  }
  const least = (mode, index) => Math.min(...found.get(mode).map((figures) => figures[index]));
  for (const mode of MODES) {
    const ratios = [0, 1, 2].map((index) => (least(mode, index) / least("bare", index)).toFixed(3));
    lines.push(
      `| ${size.name} | ${mode} | ${least(mode, 0).toFixed(2)} | ${least(mode, 1).toFixed(2)} | ${ratios.join(" | ")} |`,
    );
  }
}
const load = loadavg()
  .map((value) => value.toFixed(2))
  .join(" ");
lines.push("", `${rounds} rounds, minima over them · load average ${load}`);
process.stdout.write(`### Fingerprints of steps\n\n${lines.join("\n")}\n`);
