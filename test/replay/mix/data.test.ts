import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { guiltyOf } from "./recorded-pair.ts";

const venv = join(import.meta.dirname, "../../../.venv-test/bin/python");
const PYTHON = existsSync(venv) ? venv : "python3";
const has = (module: string): boolean => spawnSync(PYTHON, ["-c", `import ${module}`]).status === 0;

const READER = `import csv
with open("data/train.csv") as f:
    rows = [(float(r["x"]), float(r["y"])) for r in csv.DictReader(f)]
w = 0.0
for x, y in rows:
    w += 0.1 * (y - w * x) * x
print("loss=%.9f" % w)
open("model.txt", "w").write(repr(w))
`;

function table(change: (row: string, i: number) => string[]): string {
  const rows = Array.from({ length: 60 }, (_, i) => `${(i % 7) / 7},${(i % 5) / 5},note ${i}`);
  return `x,y,note\n${rows.flatMap(change).join("\n")}\n`;
}

test("a changed row is found among rows that only changed where nobody looks", async () => {
  const found = await guiltyOf(
    "a data row",
    { files: { "train.py": READER, "data/train.csv": table((row) => [row]) } },
    {
      files: {
        "data/train.csv": table((row, i) =>
          i === 33 ? ["0.9,0.1,note 33"] : i % 4 === 0 ? [row.replace("note", "remark")] : [row],
        ),
      },
    },
  );
  expect(found.causes).toHaveLength(1);
  expect(found.causes[0]).toMatchObject({
    kind: "data-content",
    name: "data/train.csv row 34",
    line: 35,
    certainty: "proved",
  });
});

test("an added row and a removed row are told by their rows", async () => {
  const found = await guiltyOf(
    "an added row",
    { files: { "train.py": READER, "data/train.csv": table((row) => [row]) } },
    { files: { "data/train.csv": table((row, i) => (i === 20 ? [row, "0.5,0.25,new"] : [row])) } },
  );
  expect(found.causes).toMatchObject([
    { kind: "data-content", name: "data/train.csv row 22", a: null, certainty: "proved" },
  ]);
});

test("where every row matters the file is named, not each row", async () => {
  const found = await guiltyOf(
    "all rows",
    { files: { "train.py": READER, "data/train.csv": table((row) => [row]) } },
    { files: { "data/train.csv": table((_row, i) => [`${(i % 7) / 6},${(i % 5) / 4},note ${i}`]) } },
  );
  expect(found.causes).toMatchObject([{ kind: "data-content", name: "data/train.csv", certainty: "proved" }]);
});

test("rows in another order are one difference", async () => {
  const rows = Array.from({ length: 60 }, (_, i) => i);
  const found = await guiltyOf(
    "row order",
    { files: { "train.py": READER, "data/train.csv": table((row) => [row]) } },
    {
      files: {
        "data/train.csv": `x,y,note\n${rows
          .map((i) => (i * 7) % 60)
          .map((i) => `${(i % 7) / 7},${(i % 5) / 5},note ${i}`)
          .join("\n")}\n`,
      },
    },
  );
  expect(found.causes).toMatchObject([{ kind: "data-order", name: "data/train.csv", certainty: "proved" }]);
});

test.skipIf(!has("numpy"))("a row of an array is found", async () => {
  const make = (value: string): Uint8Array =>
    new Uint8Array(
      spawnSync(PYTHON, [
        "-c",
        `import numpy as np, sys\na = np.arange(40.0).reshape(20, 2)\na[::3, 1] += ${value === "0" ? 0 : 1}\na[11, 0] = ${value}\nnp.save(sys.stdout.buffer, a)`,
      ]).stdout,
    );
  const script = `import numpy as np\nx = np.load("x.npy")\nprint("loss=%.9f" % x[:, 0].sum())\n`;
  const argv = [PYTHON, "train.py"];
  const found = await guiltyOf(
    "a row of an array",
    { files: { "train.py": script, "x.npy": make("0") }, argv },
    { files: { "x.npy": make("9") }, argv },
  );
  expect(found.causes).toMatchObject([{ kind: "data-content", name: "x.npy row 11", certainty: "proved" }]);
});
