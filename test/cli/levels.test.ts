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

test("E a claim holds in k of N replays, of one run or between two, and is told with its place when it is wrong", () => {
  place.put({
    "claimed.py": `import random, reprise\nprint(f"loss={random.gauss(1, 0.1):.6f}")\nreprise.claim("loss < 9")\n`,
    "reprise.toml": '[claims]\nworse = "loss(high) > loss(free)"\nnever = "min(loss) > 1000"\n',
  });
  place.shell(
    "reprise run -q --name free -- python3 train.py; sed s/gauss.1,/gauss\\(5,/ train.py > high.py; reprise run -q --name high -- python3 high.py",
  );
  expect(verify("free --level scientific --rate 0.5 --replays 2")).toMatchObject({
    code: 1,
    document: {
      verdict: "differs",
      reason: "min(loss) > 1000 does not hold in the record itself",
      claims: {
        claims: [{ text: "loss(high) > loss(free)", from: "reprise.toml:2", held: 2, of: 2, record: true }, {}],
      },
    },
  });
  place.put({ "reprise.toml": '[claims]\nworse = "loss(high) > loss(free)"\n' });
  place.shell("reprise run -q --name claimed -- python3 claimed.py");
  const { code, document } = verify("claimed --level scientific --rate 0.5");
  expect({ code, verdict: document.verdict, level: document.level }).toEqual({
    code: 0,
    verdict: "reproduced",
    level: "scientific",
  });
  expect(document.claims?.claims.map(({ from, held, of }) => [from, held, of])).toEqual([
    ["reprise.toml:2", 5, 5],
    ["claimed.py:3", 5, 5],
  ]);
  expect(document.replays).toHaveLength(15);
  const few = place.shell("reprise verify -q claimed --level scientific --replays 2");
  expect(few.code).toBe(3);
  expect(few.out).toMatch(/next: reprise verify \w+ --level scientific --replays 14/);
  place.put({ "reprise.toml": '[claims]\nbad = "loss <> 1"\n' });
  const wrong = place.shell("reprise verify -q claimed --level scientific");
  expect(wrong).toMatchObject({ code: 2, out: "" });
  expect(wrong.err).toContain("reprise.toml:2: claim 'loss <> 1', column 7:");
});

test("E predictions for reference inputs are held to bounds, and the row that is decided otherwise is told", () => {
  const program = (noise: string): string =>
    `import random, reprise\nn = ${noise}\nreprise.reference("held out", [[1.0], [2.0]], [[0.1, 0.9], [0.7 + n, 0.3]])\nprint(f"loss={random.random()}")\n`;
  place.put({ "near.py": program("random.random() * 1e-6") });
  place.shell("reprise run -q --name near -- python3 near.py; reprise run -q --name none -- python3 train.py");
  const near = verify("near --level functional --replays 3");
  expect(near).toMatchObject({ code: 0, document: { verdict: "reproduced", level: "functional", missRate: 1 } });
  expect(near.document.references?.list).toMatchObject([{ name: "held out", flips: 0, decision: "argmax", rows: 2 }]);
  expect(near.document.references?.list[0]?.maxAbs).toBeLessThan(1e-6);
  place.put({ "reprise.toml": "[reference]\nmax_abs = 1e-12\n" });
  expect(verify("near --level functional --replays 2")).toMatchObject({ code: 1, document: { verdict: "differs" } });
  const none = place.shell("reprise verify -q none --level functional --json");
  expect(none.code).toBe(2);
  expect(JSON.parse(none.out)).toMatchObject({ error: { code: "REFERENCE_NONE" } });
});

test("E several targets decide nothing by the largest of them, and rows of NaN are told", () => {
  const told = (predictions: string): string =>
    `import random, reprise\nr = random.Random()\nreprise.reference("held out", [[1.0], [2.0]], ${predictions})\nprint(f"loss={r.random()}")\n`;
  place.put({
    "targets.py": told("[[5.0 + 100 * r.random(), 1.0], [7.0, 2.0]]"),
    "nothing.py": told('[[float("nan"), 1.0], [7.0, 2.0]]'),
  });
  for (const name of ["targets", "nothing"]) place.shell(`reprise run -q --name ${name} -- python3 ${name}.py`);
  const targets = verify("targets --level functional --replays 1");
  expect(targets).toMatchObject({ code: 3, document: { verdict: "inconclusive", level: "none" } });
  expect(targets.document.reason).toContain("numbers that decide nothing that could be seen");
  const nothing = verify("nothing --level functional --replays 1").document;
  expect(nothing).toMatchObject({ verdict: "reproduced", references: { list: [{ nan: 1 }] } });
  expect(nothing.reason).toContain("held out: 1 of 2 rows hold NaN each time");
  place.put({ "reprise.toml": "[reference]\nflips = 0.0\n" });
  expect(verify("targets --level functional --replays 1").document.references?.list).toMatchObject([
    { decision: "argmax", flips: 0 },
  ]);
});

test("E predictions that the program tells are results, and labels that are text are held to no distance", () => {
  const told = (predictions: string): string =>
    `import random, reprise\nr = random.Random()\nreprise.reference("held out", [[1.0], [2.0]], ${predictions})\nprint("loss=0.5")\n`;
  place.put({
    "scores.py": told("[[r.random(), 0.5], [r.random(), 0.5]]"),
    "labels.py": told("[str(r.random()), str(r.random())]"),
    "same.py": told('["cat", "dog"]'),
  });
  for (const name of ["scores", "labels", "same"]) place.shell(`reprise run -q --name ${name} -- python3 ${name}.py`);
  const scores = verify("scores --replays 1").document;
  expect(scores.verdict).not.toBe("reproduced");
  expect(scores.evidence.filter(({ agree }) => !agree)).toMatchObject([{ kind: "reference", name: "held out" }]);
  place.put({ "reprise.toml": "[reference]\nmax_abs = 1e-3\nulps = 4\n" });
  expect(verify("labels --level functional --replays 1")).toMatchObject({ code: 1, document: { verdict: "differs" } });
  expect(verify("same --level functional --replays 1").document.verdict).toBe("reproduced");
});

test("E a claim on a timing is asked of every replay, though all results are the same", () => {
  place.put({
    "timed.py": 'import os\nprint("loss=0.5")\nprint(f"epoch_time={int(os.urandom(2).hex(), 16) / 65536:.5f}")\n',
  });
  place.shell("reprise run -q --name timed -- python3 timed.py");
  const { document } = verify("timed --level scientific --claim 'epoch_time < 2' --rate 0.5 --replays 5");
  expect(document).toMatchObject({ verdict: "reproduced", level: "scientific" });
  expect(document.claims?.claims).toMatchObject([{ verdict: "holds", held: 5, of: 5 }]);
  const still = verify("timed --level scientific --claim 'loss < 2' --replays 2").document;
  expect(still).toMatchObject({ verdict: "reproduced", level: "numerical", claims: { claims: [{ of: 0 }] } });
});

test("E what reads memory that it did not write is not numerical at any level, and a run that fails says so", () => {
  place.put({
    "memory.py": 'import numpy\nprint(f"loss={float(numpy.abs(numpy.empty(5000000)).max()):.6f}")\n',
    "fails.py": 'import random, sys\nprint(f"loss={random.gauss(1, 0.1):.6f}")\nsys.exit("boom")\n',
  });
  place.shell("reprise run -q --name memory -- python3 memory.py; reprise run -q --name fails -- python3 fails.py");
  expect(verify("memory --level statistical --replays 1").document.level).not.toBe("numerical");
  const held = verify("memory --level statistical --replays 1 --hold uninitialised-memory").document;
  expect(held).toMatchObject({ level: "numerical" });
  const fails = verify("fails --level scientific --claim 'loss > 0' --rate 0.5 --replays 5").document;
  expect(fails.reason).toMatch(/the run failed \(exit code 1\), and so did its replays$/);
});

test("E a run that failed before any result shows nothing at a level, and one that fails otherwise neither", () => {
  place.put({
    "bare.py": 'import sys\nsys.exit("no data")\n',
    "two.py":
      'import random\nprint(f"loss={random.gauss(1, 0.1):.6f}")\nraise [KeyError, ValueError, TypeError, OSError][int(random.random() * 4)]("a")\n',
  });
  place.shell("reprise run -q --name bare -- python3 bare.py; reprise run -q --name two -- python3 two.py");
  const bare = verify("bare --level statistical --replays 2");
  expect(bare).toMatchObject({ code: 3, document: { verdict: "inconclusive", level: "none" } });
  expect(bare.document.reason).toBe("the run failed (exit code 1) and reported no metric: this level judges metrics");
  // The failure itself comes again, and the words say that it is one.
  const words = place.shell("reprise verify -q bare --replays 1");
  expect(words.out).toContain("it fails each time with exit code 1");
  expect(words.out).toContain("compared  exit, last line of standard error");
  for (const level of ["statistical", "scientific --claim 'loss > 0'"]) {
    const two = verify(`two --level ${level} --replays 12`);
    expect(two).toMatchObject({ code: 3, document: { verdict: "inconclusive", level: "none" } });
    expect(two.document.reason).toMatch(/^the run failed with ".*", a replay with ".*": not alike$/);
  }
});

test("E nothing is measured where the configuration says that nothing varies", () => {
  place.put({ "reprise.toml": '[verify]\nvary = "none"\n' });
  place.shell("reprise run -q --name free -- python3 train.py");
  expect(place.shell("reprise verify -q free --level statistical --replays 3")).toMatchObject({ code: 2, out: "" });
  expect(verify("free --level statistical --replays 1 --vary default").document.verdict).toBe("inconclusive");
});
