// What a call of a logger costs more of the processor inside a recorded run: reprise.metric, and loggers of the user's own. Goal: at most 20 µs.
import { spawnSync } from "node:child_process";
import { project, pythonAt, REPRISE, settings } from "./rounds.mjs";

const { rounds, python: name, calls } = settings({ rounds: 5, calls: 20_000 });
const python = pythonAt(name);
// Processor time of all threads, to the end of what the call has begun: some loggers write in a thread of their own.
const PROGRAM = `
import json, sys, time
def cost(call, n, end=lambda: None):
    for i in range(200): call(i)
    start = time.process_time()
    for i in range(n): call(i)
    end()
    return (time.process_time() - start) / n * 1e6
found, n = {}, int(sys.argv[1])
try:
    import reprise
    found["reprise.metric"] = cost(lambda i: reprise.metric("loss", 1 / (i + 1), i), n)
except ImportError: found["reprise.metric"] = 0.0
try:
    from tensorboardX import SummaryWriter
    writer = SummaryWriter("out")
    found["tensorboardX add_scalar"] = cost(lambda i: writer.add_scalar("loss", 1 / (i + 1), i), n, writer.close)
except ImportError: pass
try:
    from tqdm import tqdm
    bar = tqdm(disable=True)
    found["tqdm set_postfix"] = cost(lambda i: bar.set_postfix(loss=1 / (i + 1), refresh=False), n)
except ImportError: pass
print(json.dumps(found))
`;
const cwd = project({ "calls.py": PROGRAM, ".gitignore": ".reprise/\nout/\n" });

function measured(before) {
  const [file, ...args] = [...before, python, "calls.py", String(calls)];
  const child = spawnSync(file, args, { cwd, encoding: "utf8" });
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout.trim().split("\n").at(-1));
}

const rows = { plain: [], recorded: [] };
for (let round = 0; round < rounds; round += 1) {
  rows.plain.push(measured([]));
  rows.recorded.push(measured([REPRISE, "run", "-q", "--"]));
}
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const of = (list, call) => median(list.map((one) => one[call]));
console.log(`### A call of a logger, µs, ${calls} calls, ${rounds} rounds\n`);
console.log("| call | plain | recorded | more |\n|---|---:|---:|---:|");
for (const call of Object.keys(rows.recorded[0])) {
  const [plain, recorded] = [of(rows.plain, call), of(rows.recorded, call)];
  console.log(`| ${call} | ${plain.toFixed(2)} | ${recorded.toFixed(2)} | ${(recorded - plain).toFixed(2)} |`);
}
