import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findGuilty } from "#replay";
import { guiltyOf, recordPair } from "./recorded-pair.ts";

const venv = join(import.meta.dirname, "../../../.venv-test/bin/python");
const PYTHON = existsSync(venv) ? venv : "python3";
const has = (module: string): boolean => spawnSync(PYTHON, ["-c", `import ${module}`]).status === 0;

test("two runs with equal results have no cause, and cost no replay", async () => {
  const script = `print("loss=%.3f" % 0.5)\n`;
  const found = await guiltyOf(
    "equal results",
    { files: { "train.py": script } },
    { files: { "train.py": `# a comment\n${script}` } },
  );
  expect(found).toMatchObject({ state: "same", causes: [], unresolved: [], replays: 0, complete: true });
});

test("a run that does not repeat with everything held proves nothing", async () => {
  const script = (note: string): string =>
    `# ${note}\nwith open("/dev/urandom", "rb") as f:\n    print("loss=%d" % int.from_bytes(f.read(6), "big"))\n`;
  const found = await guiltyOf(
    "A live",
    { files: { "train.py": script("a") } },
    { files: { "train.py": script("b") } },
  );
  expect(found.state).toBe("live");
  expect(found.causes).toEqual([]);
  expect(found.unresolved.length).toBeGreaterThan(0);
});

test("a run that flips between two values proves nothing either", async () => {
  const script = (note: string): string =>
    `# ${note}\nwith open("/dev/urandom", "rb") as f:\n    print("loss=%d" % (f.read(1)[0] % 2))\n`;
  const states: string[] = [];
  // One search in 1024 is fooled by such flips (docs/why.md): two are not.
  let fooled = 0;
  for (let round = 0; round < 20 && states.filter((state) => state !== "same").length < 2; round++) {
    const found = await guiltyOf(
      "A flips",
      { files: { "train.py": script("a") } },
      { files: { "train.py": script("b") } },
    );
    if (found.causes.some((cause) => cause.certainty === "proved")) fooled += 1;
    states.push(found.state);
  }
  expect(fooled).toBeLessThan(2);
  expect(states.some((state) => state !== "same")).toBe(true);
});

test("where B does not come out as recorded nothing is called proved", async () => {
  const found = await guiltyOf(
    "B live",
    { files: { "train.py": `noise = 1\nprint("loss=%d" % noise)\n# end\n` } },
    {
      files: {
        "train.py": `noise = int.from_bytes(open("/dev/urandom", "rb").read(6), "big")\nprint("loss=%d" % noise)\n# an end\n`,
      },
    },
  );
  expect(found.causes.map((cause) => [cause.line, cause.certainty])).toEqual([[1, "consistent"]]);
  expect(found.reason).toContain("does not come out as recorded");
});

test("fresh seeds that differ are the cause, generator by generator", async () => {
  const script = `import random\nimport numpy as np\nnoise = random.random() * 0\nw = np.random.rand(3)\nprint("loss=%.12f" % (w.sum() + noise))\n`;
  const argv = [PYTHON, "train.py"];
  const found = await guiltyOf(
    "fresh entropy",
    { files: { "train.py": script }, seed: "fresh", argv },
    { files: {}, seed: "fresh", argv },
  );
  expect(found.causes).toMatchObject([
    { kind: "unseeded-rng", name: "numpy", certainty: "proved", alone: "independent" },
  ]);
});

test("an edit that moves an unseeded generator is not called guilty for it", async () => {
  const script = (note: string): string =>
    `import random\n${note}a = random.Random()\nb = random.Random()\nprint("loss=%.12f" % (a.random() + b.random() * 0))\n`;
  const found = await guiltyOf(
    "a moved generator",
    { files: { "train.py": script("") }, seed: "fresh" },
    { files: { "train.py": script("# new\n") }, seed: "fresh" },
  );
  expect(found.causes.filter((cause) => cause.kind === "code")).toEqual([]);
});

test("a clock that decides is found though edits moved its line", async () => {
  const script = (note: string): string =>
    `import time\n${note}seed = time.time_ns() % 1000003\nstamp = time.time()\nprint("loss=%d" % seed)\n`;
  const found = await guiltyOf(
    "a clock",
    { files: { "train.py": script("") } },
    { files: { "train.py": script("# one\n# two\n") } },
  );
  expect(found.causes).toMatchObject([
    { kind: "wall-clock", name: "time.time_ns", file: "train.py", line: 4, certainty: "proved" },
  ]);
});

test("what the first run left is the cause where the second one finds it", async () => {
  const script = `import os\nn = len([p for p in os.listdir(".") if p.startswith("version_")])\nopen("version_%d.bin" % n, "w").write("x" * 9)\nprint("loss=%.3f" % (0.5 + n))\n`;
  const found = await guiltyOf("leftovers", { files: { "train.py": script } }, { files: {} });
  expect(found.causes.map((cause) => cause.kind)).toEqual(["leftover-state"]);
  expect(found.causes[0]?.name).toBe("version_0.bin");
});

test("asked again it costs nothing, and what was known survives an end of the budget", async () => {
  const script = (change: readonly number[]): string =>
    `${Array.from({ length: 8 }, (_, i) => `value_${i} = ${change.includes(i) ? 1 : 0}\n# ${i}\n`).join("")}print("loss=%.3f" % (value_2 + value_5))\n`;
  const pair = await recordPair(
    { files: { "train.py": script([]) } },
    { files: { "train.py": script([0, 1, 3, 4, 5]).replaceAll("# ", "# no ") } },
  );
  const { mixture } = pair;
  const words: string[] = [];
  const cut = await findGuilty({ mixture, budget: { replays: 1 } });
  expect(cut).toMatchObject({ state: "spent", complete: false, replays: 1, causes: [] });
  expect(cut.unresolved.length).toBeGreaterThan(1);
  const stop = new AbortController();
  const stopped = await findGuilty({ mixture, signal: stop.signal, onProgress: () => stop.abort() });
  expect(stopped).toMatchObject({ state: "stopped", complete: false, causes: [] });
  const found = await findGuilty({ mixture, onProgress: (said, left) => words.push(`${said} (${left} left)`) });
  expect(found.causes).toMatchObject([{ kind: "code", line: 11, certainty: "proved" }]);
  expect(words.length).toBe(found.replays);
  const again = await findGuilty({ mixture });
  expect(again).toMatchObject({ state: "found", replays: 0 });
  expect(again.causes).toEqual(found.causes);
  pair.close();
});

test.skipIf(!has("torch"))("one line of a training program in torch", { timeout: 600_000 }, async () => {
  const script = (lr: string, width: string, note: string): string => `import torch
${note}
torch.manual_seed(0)
x = torch.randn(64, 4)
y = x.sum(1, keepdim=True)
model = torch.nn.Sequential(torch.nn.Linear(4, ${width}), torch.nn.ReLU(), torch.nn.Linear(${width}, 1))
log_every = 10
opt = torch.optim.Adam(model.parameters(), lr=${lr})
for step in range(20):
    loss = torch.nn.functional.mse_loss(model(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % log_every == 0:
        print(f"step {step} loss={loss.item():.9f}")
torch.save(model.state_dict(), "model.pt")
`;
  const argv = [PYTHON, "train.py"];
  const found = await guiltyOf(
    "torch",
    { files: { "train.py": script("0.01", "8", "# a") }, argv },
    { files: { "train.py": script("0.02", "8", "# b") }, argv },
  );
  expect(found.causes).toMatchObject([{ kind: "code", line: 8, certainty: "proved" }]);
});

test("a folder that the first run left, and that is read, is one cause, also where only its being there is told", async () => {
  const script = `import os\nfound = os.path.isdir("out")\nold = [open("out/%s" % n).read() for n in ("one.txt", "two.txt")] if found else []\nos.makedirs("out", exist_ok=True)\nfor n in ("one.txt", "two.txt"):\n    open("out/" + n, "w").write("kept")\nprint("resumed" if found else "begun")\nprint("loss=%.3f" % 0.5)\n`;
  const found = await guiltyOf("a folder left over", { files: { "train.py": script } }, { files: {} });
  expect(found.causes).toMatchObject([{ kind: "leftover-state", name: "out", certainty: "proved" }]);
  expect(found.causes[0]?.words).toContain("one.txt, two.txt");
});
