import { expect, test } from "vitest";
import { fixes } from "#diagnose";
import type { CauseKind } from "#record";

const mended = (kind: CauseKind, call: string, source: string | null): string | undefined =>
  fixes({ kind, call, source })[0];

test.each<[CauseKind, string, string, string]>([
  ["unseeded-rng", "numpy.random.default_rng", "    rng = np.random.default_rng()", "rng = np.random.default_rng(42)"],
  ["unseeded-rng", "random.Random", "r = random.Random(None).random()", "r = random.Random(42).random()"],
  [
    "unseeded-rng",
    "numpy",
    "a, b = train_test_split(X, y, test_size=0.2)",
    "a, b = train_test_split(X, y, test_size=0.2, random_state=42)",
  ],
  [
    "unseeded-rng",
    "numpy",
    "clf = MLPClassifier((8, 8), random_state=None)",
    "clf = MLPClassifier((8, 8), random_state=42)",
  ],
  ["unseeded-rng", "numpy", 'df = df.sample(frac=1)  # "all"', 'df = df.sample(frac=1, random_state=42)  # "all"'],
  ["unseeded-rng", "torch", "w = torch.randn(3)", "torch.manual_seed(42)  # before: w = torch.randn(3)"],
  ["unseeded-rng", "random.seed", "    random.seed(seed)", "random.seed(42)"],
  ["unseeded-rng", "numpy.random.seed", "np.random.seed()", "np.random.seed(42)"],
  ["unseeded-rng", "torch.seed", "if args.fresh: torch.seed()", "if args.fresh: torch.manual_seed(42)"],
  ["hash-order", "", "for name in {a, b}:", "for name in sorted({a, b}):"],
  ["hash-order", "", "names = list(set(words))", "names = sorted(set(words))"],
  ["hash-order", "", "for i, w in enumerate(set(words)):", "for i, w in enumerate(sorted(set(words))):"],
  ["hash-order", "", "slot = hash(word) % 64", "slot = zlib.crc32(repr(word).encode()) % 64"],
  ["listing-order", "os.listdir", "for n in os.listdir(join('a)', b)):", "for n in sorted(os.listdir(join('a)', b))):"],
  ["listing-order", "pathlib.glob", "files = Path('d').glob('*')", "files = sorted(Path('d').glob('*'))"],
  [
    "listing-order",
    "pathlib.iterdir",
    "n = len(list(a['x'](1).p.iterdir()))",
    "n = len(list(sorted(a['x'](1).p.iterdir())))",
  ],
  ["wall-clock", "time.time_ns", "random.seed(time.time_ns())", "random.seed(42)"],
  ["os-entropy", "os.urandom", "key = os.urandom(8)", "key = random.Random(42).randbytes(8)"],
  ["uninitialised-memory", "", "h = torch.empty(3, 4)", "h = torch.zeros(3, 4)"],
  ["data-order", "", "p = max(names, key=os.path.getmtime)", "p = max(names)"],
  ["worker-order", "", "for f in as_completed(futures):", "for f in futures:"],
  ["worker-order", "", "m = Doc2Vec(d, workers=4, seed=1)", "m = Doc2Vec(d, workers=1, seed=1)"],
])("%s by %s: %s → %s", (kind, call, source, line) => {
  expect(mended(kind, call, source)).toBe(line);
});

interface Case {
  readonly kind: CauseKind;
  readonly call: string;
  readonly text: string;
  readonly line: number;
  readonly fix: string;
}

const IN_FILE: Case[] = [
  {
    // A draw inside a function may run again and again: a seed there would draw the same each time.
    kind: "unseeded-rng",
    call: "torch",
    text: "import torch\ndef batch():\n    return torch.randn(3)\n",
    line: 3,
    fix: "import torch; torch.manual_seed(42)  # once, at the start of the program",
  },
  {
    kind: "unseeded-rng",
    call: "numpy",
    text: "import scipy.stats\nx = scipy.stats.norm.rvs(size=3)\n",
    line: 2,
    fix: "import numpy as np; np.random.seed(42)  # before: x = scipy.stats.norm.rvs(size=3)",
  },
  {
    kind: "unseeded-rng",
    call: "numpy",
    text: "import os, numpy\nx = numpy.random.rand()\n",
    line: 2,
    fix: "numpy.random.seed(42)  # before: x = numpy.random.rand()",
  },
  {
    kind: "unseeded-rng",
    call: "torch",
    text: "import torch.nn as nn\nimport torch as th\nm = nn.Linear(1, 1)\n",
    line: 3,
    fix: "th.manual_seed(42)  # before: m = nn.Linear(1, 1)",
  },
  {
    kind: "unseeded-rng",
    call: "random",
    text: "from random import random\nx = random()\n",
    line: 2,
    fix: "import random as random_module; random_module.seed(42)  # before: x = random()",
  },
  {
    kind: "unseeded-rng",
    call: "tensorflow",
    text: "from tensorflow import keras\nmodel.fit(x, y)\n",
    line: 2,
    fix: "keras.utils.set_random_seed(42)  # before: model.fit(x, y)",
  },
  {
    kind: "unseeded-rng",
    call: "tensorflow",
    text: "import tensorflow as tf\nw = tf.random.normal([3])\n",
    line: 2,
    fix: "tf.random.set_seed(42)  # before: w = tf.random.normal([3])",
  },
  {
    // A generator of the library's own follows no global seed.
    kind: "unseeded-rng",
    call: "numpy.random (optuna)",
    text: 'import optuna\ndef objective(t):\n    return t.suggest_float("x", 0, 1)\nstudy = optuna.create_study(direction="maximize")\n',
    line: 3,
    fix: 'study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=42))  # line 4',
  },
  {
    kind: "unseeded-rng",
    call: "numpy.random (somelib)",
    text: "import somelib\nx = somelib.make()\n",
    line: 2,
    fix: "reprise run --seed 42 -- python a.py",
  },
  {
    kind: "unseeded-rng",
    call: "Math.random",
    text: "net.train(x);\n",
    line: 1,
    fix: "reprise run --seed 42 -- python a.py",
  },
  {
    // Fitted elsewhere, perhaps in another process, which a global seed does not reach.
    kind: "unseeded-rng",
    call: "numpy",
    text: "model = RandomForestClassifier(\n    max_depth=d,\n    n_estimators=10,\n)\nscore = cross_val_score(model, x, y, n_jobs=-1)\n",
    line: 5,
    fix: "model = RandomForestClassifier(max_depth=d, n_estimators=10, random_state=42)  # line 1",
  },
  {
    kind: "os-entropy",
    call: "os.urandom",
    text: "import os\nseed = os.urandom(4)\n",
    line: 2,
    fix: "import random\nseed = random.Random(42).randbytes(4)",
  },
  {
    kind: "hash-order",
    call: "PYTHONHASHSEED",
    text: "from lib import load\ndata = load()\n",
    line: 2,
    fix: "PYTHONHASHSEED=0 python a.py",
  },
  {
    kind: "hash-order",
    call: "PYTHONHASHSEED",
    text: "slot = hash(word)\n",
    line: 1,
    fix: "import zlib\nslot = zlib.crc32(repr(word).encode())",
  },
  {
    kind: "hash-order",
    call: "PYTHONHASHSEED",
    text: "def f():\n    names = {'a', 'b'}\n    print(len(names), 'a' in names)\n    print('first', list(names)[0])\n",
    line: 2,
    fix: "print('first', sorted(names)[0])  # line 4",
  },
  {
    kind: "hash-order",
    call: "PYTHONHASHSEED",
    text: "names = set(words)\nprint('all', *names)\n",
    line: 1,
    fix: "print('all', *sorted(names))  # line 2",
  },
  {
    kind: "hash-order",
    call: "PYTHONHASHSEED",
    text: "def names():\n    return {'a', 'b'}\n",
    line: 2,
    fix: "return sorted({'a', 'b'})",
  },
  {
    kind: "worker-order",
    call: "one worker",
    text: "import gensim\nm = gensim.models.Doc2Vec(vector_size=50)\n",
    line: 2,
    fix: "m = gensim.models.Doc2Vec(vector_size=50, workers=1)",
  },
];

test.each(IN_FILE)("in its file: $kind by $call → $fix", ({ kind, call, text, line, fix }) => {
  const source = text.split("\n")[line - 1] ?? null;
  expect(fixes({ kind, call, source, text, argv: ["python", "a.py"] })[0]).toBe(fix);
});

test("where the line is not known, or brackets go on behind it, the fix is general and no line is invented", () => {
  expect(mended("unseeded-rng", "numpy.random.default_rng", null)).toBe("np.random.default_rng(42)");
  expect(mended("unseeded-rng", "numpy", "a, b = train_test_split(")).toBe(
    "np.random.seed(42)  # before: a, b = train_test_split(",
  );
  expect(mended("hash-order", "", "x = compute()")).toBe("sorted(the_set)");
  // There is no set to be seen, and this can be typed.
  expect(fixes({ kind: "hash-order", call: "", source: null, argv: ["python", "a.py"] })[0]).toBe(
    "PYTHONHASHSEED=0 python a.py",
  );
  expect(mended("listing-order", "os.walk", "for a, b, c in os.walk(d):")).toMatch(/files\.sort\(\)/);
  expect(fixes({ kind: "code", call: "", source: "x = 1" })).toEqual([]);
});
