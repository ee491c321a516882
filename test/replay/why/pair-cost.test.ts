import { expect, test } from "vitest";
import { whyPair } from "#replay";
import { recordPair } from "../mix/recorded-pair.ts";

/** Long enough that two replays each are a proof. */
const script = (rate: string, note: string): string =>
  [
    "import time",
    "time.sleep(2)",
    ...Array.from({ length: 7 }, (_, i) => `# ${note} ${i}\nvalue_${i} = ${i}`),
    "w = 1.0",
    "for i in range(3):",
    `    w = w - ${rate} * w`,
    'print("loss=%.9f" % w)',
    "",
  ].join("\n");

test("one cause among many is found, shown both ways and placed in three times log2 n replays", async () => {
  const pair = await recordPair(
    { files: { "train.py": script("0.1", "one"), "notes.py": "# 1\n" } },
    { files: { "train.py": script("0.2", "two"), "notes.py": "# 2\n" }, env: { TORCH_NOTE: "1" } },
  );
  const { mixture } = pair;
  const found = await whyPair({ ...mixture.context, a: mixture.a, b: mixture.b, budget: { replays: 100 } });
  expect(found.causes).toMatchObject([{ kind: "code", file: "train.py", line: 19, certainty: "proved" }]);
  expect(found.divergence).toMatchObject({ file: "train.py", line: 19 });
  for (const { runs } of found.causes[0]?.proof ?? []) expect(runs.length).toBeGreaterThan(1);
  expect(found.replays).toBeLessThanOrEqual(3 * Math.log2(mixture.ingredients.length));
  pair.close();
});
