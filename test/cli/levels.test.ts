import { afterEach, beforeEach, expect, test } from "vitest";
import type { VerifyDocument } from "#record";
import { type Sealed, seal } from "./sealed.ts";

const TRAIN = `import random, sys
print(f"loss={random.gauss(1, 0.1):.6f}")
`;

let place: Sealed;
beforeEach(() => {
  place = seal({ "train.py": TRAIN });
});
afterEach(() => place.remove());

const verify = (line: string): { code: number | null; document: VerifyDocument } => {
  const { code, out } = place.shell(`reprise verify -q --json ${line}`);
  return { code, document: JSON.parse(out) as VerifyDocument };
};

test("E what nobody seeded reproduces statistically, too few replays show nothing, and what is seeded is numerical", () => {
  place.shell(
    "reprise run -q --name free -- python3 train.py; reprise run -q --seed 1 --name fixed -- python3 train.py",
  );
  const few = verify("free --level statistical --replays 3");
  expect(few).toMatchObject({ code: 3, document: { verdict: "inconclusive", level: "none", asked: "statistical" } });
  const enough = verify("free --level statistical --replays 5 --confidence 0.99");
  // At 0.99 five are too few: nothing is said.
  expect(enough.document.statistics).toMatchObject({ needed: 8, measured: 5 });
  const { code, document } = verify("free --level statistical --replays 6 --confidence 0.95 --at best");
  expect({ code, verdict: document.verdict, level: document.level }).toSatisfy(
    // The level is judged by chance: one in twenty lies outside.
    (found: { verdict: string }) => ["reproduced", "differs"].includes(found.verdict),
  );
  expect(new Set(document.statistics?.metrics[1]?.values).size).toBe(6);
  expect(document.statistics?.notJudged).toEqual(["standard output"]);
  expect(verify("fixed --level statistical --replays 2")).toMatchObject({
    code: 0,
    document: { verdict: "reproduced", level: "numerical", asked: "statistical" },
  });
});
