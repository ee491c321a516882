// What `reprise run` adds to a training with PyTorch of about --seconds. Goal: at most 1 % on 30 s.
import { spawnSync } from "node:child_process";
import { measure, project, pythonAt, REPRISE, report, settings } from "./rounds.mjs";

const TRAIN = `import sys
import torch
torch.set_num_threads(1)
torch.manual_seed(0)
x = torch.randn(512, 64)
y = x[:, :1].sin()
net = torch.nn.Sequential(torch.nn.Linear(64, 256), torch.nn.ReLU(), torch.nn.Linear(256, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
for step in range(int(sys.argv[1])):
    loss = ((net(x) - y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 100 == 0:
        print(f"step {step} loss={loss.item():.6f}")
torch.save(net.state_dict(), "model.pt")
`;

const { rounds, python: name, seconds } = settings({ rounds: 5, seconds: 30 });
const python = pythonAt(name);
const env = { OMP_NUM_THREADS: "1" };
const cwd = project({ "train.py": TRAIN, ".gitignore": ".reprise/\n*.pt\n" });

/** As many steps as take that long bare, from two measurements. */
function stepsFor(wanted) {
  const [few, many] = [200, 1200];
  const [first, second] = [few, many].map((steps) => {
    const start = performance.now();
    const child = spawnSync(python, ["train.py", String(steps)], { cwd, env: { ...process.env, ...env } });
    if (child.status !== 0) throw new Error(`${python} cannot train: ${child.stderr}`);
    return (performance.now() - start) / 1000;
  });
  const perStep = Math.max(1e-6, (second - first) / (many - few));
  return Math.max(few, Math.round(few + (wanted - first) / perStep));
}

spawnSync(python, ["train.py", "1"], { cwd });
const steps = String(stepsFor(seconds));
const figures = measure(
  [
    { name: `python train.py ${steps}`, argv: [python, "train.py", steps], cwd, env },
    {
      name: `reprise run -- python train.py ${steps}`,
      argv: [REPRISE, "run", "--", python, "train.py", steps],
      cwd,
      env,
    },
  ],
  rounds,
);
report(`${seconds} s of training with PyTorch`, figures, rounds);
