import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { guiltyOf } from "./recorded-pair.ts";

const venv = join(import.meta.dirname, "../../../.venv-test/bin/python");
const PYTHON = existsSync(venv) ? venv : "python3";
const has = (module: string): boolean => spawnSync(PYTHON, ["-c", `import ${module}`]).status === 0;

const CONFIG = `model:\n  width: 8\n  depth: 2\noptimizer:\n  lr: 0.1\n  momentum: 0.9\nlog: quiet\n`;
const READ_CONFIG = `import re
text = open("config.yaml").read()
lr = float(re.search(r"lr: (\\S+)", text).group(1))
w = 1.0
for _ in range(10):
    w -= lr * w
print("loss=%.9f" % w)
`;

test("a key of a configuration file is named with its parents", async () => {
  const found = await guiltyOf(
    "a config key",
    { files: { "train.py": READ_CONFIG, "config.yaml": CONFIG } },
    {
      files: {
        "config.yaml": CONFIG.replace("0.1", "0.2")
          .replace("0.9", "0.95")
          .replace("quiet", "loud")
          .replace("width: 8", "width: 16"),
      },
    },
  );
  expect(found.causes).toMatchObject([
    { kind: "config", name: "optimizer.lr", file: "config.yaml", line: 5, certainty: "proved" },
  ]);
});

const ARGUMENTS = `import argparse
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, default=0.5)
p.add_argument("--epochs", type=int, default=3)
p.add_argument("--note", default="")
p.add_argument("--verbose", action="store_true")
p.add_argument("part", nargs="?")
a = p.parse_args()
w = 1.0
for _ in range(a.epochs):
    w -= a.lr * w
print("loss=%.9f" % w)
`;

test("an argument is found by its name among others", async () => {
  const found = await guiltyOf(
    "an argument",
    {
      files: { "train.py": ARGUMENTS },
      argv: ["python3", "train.py", "--lr", "0.1", "--note=a", "--epochs", "4", "one"],
    },
    { files: {}, argv: ["python3", "train.py", "--note=b", "--epochs", "4", "--lr", "0.2", "--verbose", "two"] },
  );
  expect(found.causes).toMatchObject([
    { kind: "config", name: "lr", a: "--lr 0.1", b: "--lr 0.2", certainty: "proved" },
  ]);
});

test("an argument that only one run has is found", async () => {
  const found = await guiltyOf(
    "a missing argument",
    { files: { "train.py": ARGUMENTS }, argv: ["python3", "train.py", "--note=a"] },
    { files: {}, argv: ["python3", "train.py", "--note=b", "--epochs=9"] },
  );
  expect(found.causes).toMatchObject([
    { kind: "config", name: "epochs", a: null, b: "--epochs=9", certainty: "proved" },
  ]);
});

test("an environment variable is found; one that changes nothing is not", async () => {
  const script = `import os\nprint("loss=%.3f" % (float(os.environ.get("TORCH_SCALE", "1")) * 2))\n`;
  const found = await guiltyOf(
    "a variable",
    { files: { "train.py": script }, env: { TORCH_SCALE: "1.5", MPLBACKEND: "agg" } },
    { files: {}, env: { TORCH_SCALE: "2.5", MPLBACKEND: "svg", OMP_NUM_THREADS: "2" } },
  );
  expect(found.causes).toMatchObject([
    { kind: "environment-variable", name: "TORCH_SCALE", a: "1.5", b: "2.5", certainty: "proved" },
  ]);
});

test("a policy that only one run was held to is a cause", async () => {
  const script = `import os\nprint("loss=%d" % len(os.environ.get("CUBLAS_WORKSPACE_CONFIG", "")))\n`;
  const found = await guiltyOf(
    "a policy",
    { files: { "train.py": script, "notes.py": "# 1\n" } },
    { files: { "notes.py": "# 2\n" }, policy: "warn" },
  );
  expect(found.causes).toMatchObject([
    { kind: "config", name: "--deterministic", a: "off", b: "warn", certainty: "proved" },
  ]);
});

test("the number of threads has a kind of its own", async () => {
  const script = `import os\nn = int(os.environ["OMP_NUM_THREADS"])\nparts = [sum(1.0 / i for i in range(1 + k, 1000, n)) for k in range(n)]\nprint("loss=%.17g" % sum(parts))\n`;
  const found = await guiltyOf(
    "threads",
    { files: { "train.py": script }, env: { OMP_NUM_THREADS: "1" } },
    { files: {}, env: { OMP_NUM_THREADS: "3" } },
  );
  expect(found.causes).toMatchObject([{ kind: "threads", name: "OMP_NUM_THREADS", certainty: "proved" }]);
});

test("a variable of which only a keyed digest was kept is never called innocent", async () => {
  const script = `import os\nprint("loss=%.3f" % (float(os.environ.get("MY_OWN_SCALE", "1")) * 2))\n`;
  const found = await guiltyOf(
    "a hidden variable",
    { files: { "train.py": script }, env: { MY_OWN_SCALE: "1.5" } },
    { files: {}, env: { MY_OWN_SCALE: "2.5" } },
  );
  expect(found.causes).toEqual([]);
  expect(found.unresolved.map((item) => item.ingredient.name)).toContain("MY_OWN_SCALE");
});

test.skipIf(!has("sklearn"))("a declared seed is a cause", async () => {
  const script = `import numpy as np\nfrom sklearn.linear_model import SGDClassifier\nx = np.arange(40.0).reshape(20, 2) % 7\ny = (x[:, 0] > 3).astype(int)\nm = SGDClassifier(max_iter=5, tol=None).fit(x, y)\nprint("loss=%.9f" % abs(m.coef_).sum())\n`;
  const argv = [PYTHON, "train.py"];
  const found = await guiltyOf(
    "a declared seed",
    { files: { "train.py": script, "extra.py": "a = 1\n" }, argv, seed: "1" },
    { files: { "extra.py": "a = 2\n" }, argv, seed: "2" },
  );
  expect(found.causes).toMatchObject([{ kind: "seed", name: "--seed", a: "1", b: "2", certainty: "proved" }]);
});
