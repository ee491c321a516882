// What the line trace costs in a training loop with PyTorch, and in a loop of NumPy. Goal: at most 2 × with PyTorch.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pythonAt, settings } from "./rounds.mjs";

// Processor time of the loop alone: importing torch would hide what a step costs.
const TORCH = `import sys, time
import torch
torch.set_num_threads(1)
torch.manual_seed(0)
x = torch.randn(4096, 64)
y = x[:, :1].sin()
net = torch.nn.Sequential(torch.nn.Linear(64, 256), torch.nn.ReLU(), torch.nn.Dropout(0.1), torch.nn.Linear(256, 256), torch.nn.ReLU(), torch.nn.Linear(256, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
def train(steps, batch):
    for step in range(steps):
        index = torch.randint(0, len(x), (batch,))
        xb, yb = x[index], y[index]
        loss = ((net(xb) - yb) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        value = loss.item()
train(5, 256)
for batch in (256, 1024, 2048):
    start = time.process_time()
    train(int(sys.argv[1]), batch)
    print(f"PyTorch, batches of {batch}", (time.process_time() - start) / int(sys.argv[1]) * 1000)
`;
const NUMPY = `import sys, time
import numpy as np
rng = np.random.default_rng(0)
x = rng.normal(size=(20000, 100))
y = x[:, 0] + rng.normal(size=20000)
def train(steps):
    w = np.zeros(100)
    for step in range(steps):
        index = rng.permutation(20000)[:4096]
        xb, yb = x[index], y[index]
        gradient = xb.T @ (xb @ w - yb) / len(xb)
        w -= 0.1 * gradient
    return w
train(5)
start = time.process_time()
train(int(sys.argv[1]))
print("NumPy, batches of 4096", (time.process_time() - start) / int(sys.argv[1]) * 1000)
`;

const AGENT = fileURLToPath(new URL("../agent/python/src/site", import.meta.url));
const { rounds, python: name, steps } = settings({ rounds: 5, steps: 150 });
const python = pythonAt(name);
const base = realpathSync(mkdtempSync(join(tmpdir(), "bench-lines-")));
process.on("exit", () => rmSync(base, { recursive: true, force: true }));
const project = join(base, "project");
mkdirSync(project);

/** Milliseconds of processor time a step, by kind of loop. */
function timed(script, traced, turn) {
  const env = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };
  if (traced) {
    const [eventsDir, folder] = ["events", "trace"].map((kind) => join(base, `${kind}-${script}-${turn}`));
    for (const one of [eventsDir, folder]) mkdirSync(one);
    Object.assign(env, {
      PYTHONPATH: AGENT,
      REPRISE_EVENTS: eventsDir,
      REPRISE_PROJECT: project,
      REPRISE_ROOT: "bench",
    });
    env.REPRISE_TRACE = folder;
  }
  const child = spawnSync(python, [script, String(steps)], { cwd: project, env, encoding: "utf8" });
  if (child.status !== 0) throw new Error(child.stderr);
  return child.stdout
    .trim()
    .split("\n")
    .map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]);
}

const median = (values) => values.toSorted((x, y) => x - y)[values.length >> 1];
const has = (module) => spawnSync(python, ["-c", `import ${module}`]).status === 0;
const scripts = [
  ["torch.py", TORCH, "torch"],
  ["numpy.py", NUMPY, "numpy"],
].filter(([, , module]) => has(module));
const times = new Map();
for (const [file, text] of scripts) {
  writeFileSync(join(project, `loop_${file}`), text);
  for (let turn = 0; turn < rounds; turn += 1) {
    for (const traced of turn % 2 === 0 ? [false, true] : [true, false]) {
      for (const [loop, ms] of timed(`loop_${file}`, traced, turn)) {
        const known = times.get(loop) ?? { bare: [], traced: [] };
        times.set(loop, known);
        known[traced ? "traced" : "bare"].push(ms);
      }
    }
  }
}
const rows = [...times].map(([loop, { bare, traced }]) => {
  const ratio = median(bare.map((ms, turn) => traced[turn] / ms));
  return `| ${loop} | ${median(bare).toFixed(2)} | ${median(traced).toFixed(2)} | ${ratio.toFixed(2)} |`;
});
const version = spawnSync(python, ["-V"], { encoding: "utf8" }).stdout.trim();
process.stdout.write(
  `### The line trace, ${version}\n\n| loop | bare, ms a step | traced | ratio |\n|---|---|---|---|\n${rows.join("\n")}\n\n${rounds} rounds\n`,
);
