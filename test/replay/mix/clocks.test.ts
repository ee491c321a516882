import { expect, test } from "vitest";
import { guiltyOf } from "./recorded-pair.ts";

const NAP = 'time.sleep(float(os.environ.get("PYTHON_NAP", "0")))\n';
const timed = (loss: string, first = ""): string =>
  `import os, time\n${first}begun = time.time()\n${NAP}ended = time.time()\nprint("loss=%.6f" % ${loss})\nprint("time: %.2fs" % (ended - begun))\n`;

test("how long two runs took is no part of what parts them, however their clocks are mixed", async () => {
  const found = await guiltyOf(
    "durations",
    { files: { "train.py": timed("0.25"), "notes.py": "# 1\n" } },
    { files: { "train.py": timed("0.5"), "notes.py": "# 2\n" }, env: { PYTHON_NAP: "4" } },
  );
  expect(found.causes).toMatchObject([{ kind: "code", file: "train.py", line: 5, certainty: "proved" }]);
  expect(found.causes).toHaveLength(1);
});

test("a clock that decides is found among those that measure", async () => {
  const found = await guiltyOf(
    "a seed by the clock",
    { files: { "train.py": timed("(seed % 1000003)", "seed = time.time_ns()\n") } },
    { files: {}, env: { PYTHON_NAP: "4" } },
  );
  expect(found.causes).toMatchObject([{ kind: "wall-clock", name: "time.time_ns", line: 2, certainty: "proved" }]);
  expect(found.causes).toHaveLength(1);
});
