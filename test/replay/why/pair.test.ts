import { expect, test } from "vitest";
import type { WhyDocument } from "#record";
import { whyPair } from "#replay";
import { type Recording, recordPair } from "../mix/recorded-pair.ts";

async function whyOf(a: Recording, b: Recording, budget = { replays: 100 }): Promise<WhyDocument> {
  const pair = await recordPair(a, b);
  try {
    const { mixture } = pair;
    return await whyPair({ ...mixture.context, a: mixture.a, b: mixture.b, budget });
  } finally {
    pair.close();
  }
}

const HEAD = "import random\nrng = random.Random(3)\n";
const BODY = "def loss(w, x):\n    d = w - x\n    return d * d\n\n";
const LOOP =
  'w = 0.0\nfor i in range(4):\n    x = rng.random()\n    w = w - 0.1 * (w - x)\nprint("loss=%.9f" % loss(w, x))\n';

test("the point where two runs part is the guilty line, in B's numbers, whatever else has moved", async () => {
  const a = { "train.py": `${HEAD}${BODY}${LOOP}` };
  const b = {
    "train.py": `# moved\n\n${HEAD}${LOOP.split("\n")[0]}\n${BODY}${LOOP.replace("w = 0.0\n", "").replace("0.1", "0.2")}`,
  };
  const found = await whyOf({ files: a }, { files: b });
  expect(found.causes).toMatchObject([{ kind: "code", file: "train.py", line: 12, certainty: "proved" }]);
  expect(found.divergence).toMatchObject({ file: "train.py", line: 12, variable: "w" });
});

test("a line that only A has is told by A's number, and what follows it by where it shows", async () => {
  const a = { "train.py": `${HEAD}${BODY}${LOOP.replace("for i", "w = 0.5\nfor i")}` };
  const found = await whyOf({ files: a }, { files: { "train.py": `${HEAD}${BODY}${LOOP}` } });
  expect(found.causes).toMatchObject([{ kind: "code", line: 8, certainty: "proved" }]);
  expect(found.divergence).toMatchObject({ file: "train.py", line: 8 });
});

test("a guilty line inside a function that was moved is the point apart, not the call of the function", async () => {
  const [one, two] = [
    "def rate(i):\n    base = 0.1\n    return base * (i + 1)\n\n",
    "def note(i):\n    words = 'step'\n    longer = words + ' of a loop'\n    return longer + str(i) + 'th'\n\n",
  ];
  const loop = 'w = 1.0\nfor i in range(3):\n    note(i)\n    w = w - rate(i) * w\nprint("loss=%.9f" % w)\n';
  const found = await whyOf(
    { files: { "train.py": one + two + loop } },
    { files: { "train.py": two + one.replace("(i + 1)", "(i + 2)") + loop } },
  );
  expect(found.divergence).toMatchObject({ file: "train.py", line: 8 });
});

test("what a definition that only one has leads to is told where it is used", async () => {
  const loop = (use: string): string =>
    `w = 1.0\nfor i in range(3):\n    w = w - 0.1 * ${use}\nprint("loss=%.9f" % w)\n`;
  const found = await whyOf(
    { files: { "train.py": `def half(x):\n    return x / 2\n\n${loop("half(w)")}` } },
    { files: { "train.py": loop("w") } },
  );
  expect(found.causes.map((cause) => cause.kind)).toContain("code");
  expect(found.divergence).toMatchObject({ file: "train.py", line: 3 });
});

test("what no line names comes in where results part because of it", async () => {
  const script = `import os\n# \nnote = 1\nwidth = float(os.environ.get("TORCH_WIDTH", "1"))\nprint("loss=%.3f" % (2 * width))\n`;
  const found = await whyOf(
    { files: { "train.py": script }, env: { TORCH_WIDTH: "3" } },
    { files: { "train.py": script.replace("# \n", "# a\n# b\n") }, env: { TORCH_WIDTH: "5" } },
  );
  expect(found.causes).toMatchObject([
    { kind: "environment-variable", name: "TORCH_WIDTH", file: "train.py", line: 5 },
  ]);
  expect(found.divergence).toMatchObject({ line: 5, variable: "width" });
});

test("where the time is spent no replay begins, and nothing is called innocent", async () => {
  const script = (rate: number): Recording => ({ files: { "train.py": `print("loss=%.3f" % ${rate})\n` } });
  const found = await whyOf(script(1), script(2), { minutes: 0.00001 } as never);
  expect(found).toMatchObject({ parts: true, complete: false, replays: 0, causes: [], divergence: null });
  expect(found.unresolved).toHaveLength(1);
});
