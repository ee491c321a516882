import { afterEach, expect, test } from "vitest";
import { type Ended, type Sealed, seal } from "../cli/sealed.ts";

const TRAIN = `import os
import random
from scale import SCALE
print(f"loss={SCALE * float(os.environ.get('FACTOR', '1')) * (1 + 0.01 * random.uniform(-1, 1)):.6f}")
`;
const FILES = { "train.py": TRAIN, "scale.py": "SCALE = 1.0\n", ".gitignore": ".reprise/\n__pycache__/\n" };
/** With a tolerance that this noise, which is bounded, is never outside of: nothing here is a matter of chance. */
const INIT = [
  "reprise audit init -q --replays 10 -- python3 train.py",
  `sed -i '/^"loss" = { low/{s/low = [^,]*, high = [^,]*,/low = 0.98, high = 1.02,/;s/ }$/, by_hand = "bounded noise" }/}' reprise-audit/default.toml`,
].join(" && ");

let place: Sealed;
afterEach(() => place.remove());

/** A repository with a committed golden. */
function repository(): void {
  place = seal(FILES);
  const made = place.shell(
    `git init -q -b main && git add -A && git commit -q -m A && ${INIT} && git add -A && git commit -q -m golden`,
  );
  expect(made).toMatchObject({ code: 0, err: "" });
}

/** Of another length: Python takes compiled code of the same length and second for the same. */
const change = "echo 'SCALE = 2.00' > scale.py && git commit -q -a -m B";
const audit = (folder: string, options = "", env: Readonly<Record<string, string>> = {}): Ended =>
  place.shell(`cd ${folder} && reprise audit run -q ${options}`, env);

test("a clone without history: the file is named, and how to see the line", () => {
  repository();
  place.shell(`${change} && git clone -q --depth 1 file://$PWD ../shallow`);
  const { code, out } = audit("../shallow");
  expect(code).toBe(1);
  expect(out).toMatch(/changed +scale\.py\n/);
  const said = out.replace(/\s+/g, " ");
  expect(said).toMatch(/code: the commit [0-9a-f]{12} is not in this clone; clone with its history \(fetch-depth: 0\)/);
  expect(said).toContain("cause not found: the commit");
});

test("a branch that was squashed: the commit that brought the golden stands for the one it was made of", () => {
  repository();
  place.shell(
    "git clone -q . ../squashed && cd ../squashed && git checkout -q --orphan other && git commit -q -m squashed && git branch -q -D main && git remote remove origin && git reflog expire --expire=now --all && git gc -q --prune=now",
  );
  place.shell(`cd ../squashed && ${change}`);
  const { code, out } = audit("../squashed");
  expect(code).toBe(1);
  expect(out).toMatch(/changed +scale\.py:1 +- SCALE = 1\.0 +\+ SCALE = 2\.0/);
  expect(out).toMatch(/cause +scale\.py:1 .*\(proved/);
}, 60_000);

test("neither code nor data has changed: what else did is named, and no cause is made up", () => {
  repository();
  const { code, out } = audit(".", "", { FACTOR: "2", OMP_NUM_THREADS: "2" });
  expect(code).toBe(1);
  expect(out).toMatch(/changed +environment: OMP_NUM_THREADS added/);
  expect(out).not.toMatch(/^ +changed +(?!environment)\S|proved/m);
  expect(out.replace(/\s+/g, " ")).toContain("cause not found: neither code nor data has changed since the golden");
});

test("a change that is not the cause is not blamed: the golden's code is outside here too", () => {
  repository();
  place.shell("echo '# a comment' >> scale.py && git commit -q -a -m C");
  const { code, out } = audit(".", "", { FACTOR: "2" });
  expect(code).toBe(1);
  expect(out).toMatch(/changed +scale\.py:2 +\+ # a comment/);
  expect(out.replace(/\s+/g, " ")).toMatch(/control the golden's code and data, .* are not within either/);
  expect(out).not.toMatch(/proved/);
});

/** Counts its trainings where no replay looks, and one of them is far off. */
const COUNTED = TRAIN.replace("1 + 0.01", "(2 if turn in ODD else 1) + 0.01").replace(
  "from scale",
  `seen = os.environ["SEEN"]
turn = len(os.listdir(seen)) + 1
os.mkdir(f"{seen}/{turn}")
ODD = [int(one) for one in os.environ["ODD"].split(",")]
from scale`,
);

test.each([
  ["13", "the first control by chance: two more decide", /trained here three times, are within in two: what changed/],
  ["13,14", "two controls", /are not within either/],
  ["14,15", "all but the first control", /trained here three times, are within in one only: the cause is not in them/],
])(
  "a golden that is outside here in training %s (%s)",
  (odd, _words, said) => {
    place = seal({ ...FILES, "train.py": COUNTED });
    const seen = { SEEN: `${place.base}/seen`, ODD: "0" };
    place.shell(`mkdir ../seen && git init -q && git add -A && git commit -q -m A && ${INIT}`, seen);
    place.shell(`git add -A && git commit -q -m golden && ${change}`);
    // Ten of the golden, two that are audited.
    const { code, out } = audit(".", "", { ...seen, ODD: odd });
    expect(code).toBe(1);
    expect(out.replace(/\s+/g, " ")).toMatch(said);
  },
  60_000,
);

test("another machine is named, and noise is judged there as anywhere", () => {
  repository();
  place.shell(`sed -i 's/^"cpu" = .*/"cpu" = "Abacus"/' reprise-audit/default.toml`);
  const { code, out } = audit(".");
  expect(code).toBe(0);
  expect(out).toMatch(/changed +machine: processor: Abacus → /);
});

test("bits of another machine are not judged; a golden of bits alone says nothing there", () => {
  place = seal({ ...FILES, "train.py": "from scale import SCALE\nprint(f'loss={SCALE}')\n" });
  expect(place.shell(`git init -q && git add -A && git commit -q -m A && ${INIT}`).code).toBe(0);
  expect(audit(".").code).toBe(0);
  place.shell("echo 'SCALE = 1.0000001' > scale.py");
  expect(audit(".", "--no-why").code).toBe(1);
  place.shell(`sed -i 's/^"cpu" = .*/"cpu" = "Abacus"/' reprise-audit/default.toml`);
  const { code, out } = audit(".");
  expect(code).toBe(3);
  expect(out).toMatch(/^\? inconclusive — .*Abacus/s);
});

test("a folder without git is compared by file, and what is guilty found by what the store kept", () => {
  place = seal(FILES);
  expect(place.shell(INIT).code).toBe(0);
  place.put({ "scale.py": "SCALE = 2.00\n" });
  const { code, out } = audit(".");
  expect(code).toBe(1);
  expect(out).toMatch(/changed +scale\.py/);
  expect(out).toMatch(/cause +scale\.py:1 .*\(proved/);
}, 60_000);

test("of two changes that both move bits the one that moves the result out of its noise comes first", () => {
  repository();
  place.shell(
    "sed -i '3i random.random()' train.py && echo 'SCALE = 2.00' > scale.py && git commit -q -a -m 'another draw, and a scale'",
  );
  const { code, out } = audit(".");
  expect(code).toBe(1);
  const said = out.replace(/\s+/g, " ");
  expect(said).toMatch(
    /cause scale\.py:1 [^;]*\(proved, \d+ replays\) cause train\.py:3 .*; by itself within the golden's noise\)/,
  );
  expect(place.shell("reprise audit report --format github").out).toMatch(/^::error file=scale\.py,line=1,/);
}, 90_000);

test("a change that by itself is outside under one seed only is within by itself", () => {
  repository();
  // Another draw, and a result twice as large under the audited training's seed where the scale is as it was.
  const draw = [
    "d = f\"{os.environ['SEEN']}/{random.random()}\"",
    "SCALE == 1.0 or os.listdir(os.environ['SEEN']) or os.mkdir(d)",
    "SCALE *= 2 if SCALE == 1.0 and os.path.isdir(d) else 1",
  ].join("; ");
  place.put({ "train.py": TRAIN.replace("print(", `${draw}\nprint(`), "scale.py": "SCALE = 2.00\n" });
  place.shell("mkdir ../seen && git commit -q -a -m 'another draw, and a scale'");
  const { code, out } = audit(".", "", { SEEN: `${place.base}/seen` });
  expect(code).toBe(1);
  expect(out.replace(/\s+/g, " ")).toMatch(
    /cause scale\.py:1 [^;]*\(proved, \d+ replays\) cause train\.py:4 .*; by itself within the golden's noise\)/,
  );
}, 90_000);

test("where the golden's data is gone its code is trained on the present data: which of the two it is can still be told", () => {
  const read = TRAIN.replace(
    "from scale import SCALE",
    "from scale import SCALE\nSCALE *= float(open('data.txt').read())",
  );
  place = seal({ ...FILES, "train.py": read, "data.txt": "1.0\n" });
  place.shell("echo data.txt >> .gitignore");
  place.shell(
    `git init -q -b main && git add -A && git commit -q -m A && ${INIT} && git add -A && git commit -q -m golden`,
  );
  place.shell("git clone -q . ../other && cp data.txt ../other/ && echo 1.0000001 > ../other/data.txt");
  place.shell(`cd ../other && ${change}`);
  const guilty = audit("../other");
  expect(guilty.out.replace(/\s+/g, " ")).toMatch(
    /control the golden's lines of code, on the present data .* are within/,
  );
  expect(guilty.out).toMatch(/cause +scale\.py:1 .*\(proved/);
  place.shell("cd ../other && git revert --no-edit HEAD && echo '# comment' >> scale.py && echo 2.0 > data.txt");
  const data = audit("../other");
  expect(data.code).toBe(1);
  expect(data.out.replace(/\s+/g, " ")).toMatch(/on the present data .* are not within either/);
  expect(data.out).not.toContain("proved");
}, 90_000);

test("results that earlier trainings left in the checkout make no alarm: a fresh clone decides", () => {
  const numbered = `${TRAIN}n = sum(name.startswith("version_") for name in os.listdir("."))
os.mkdir(f"version_{n}")
open(f"version_{n}/out.txt", "w").write("same")
print(f"v_num={n}")
`;
  place = seal({ ...FILES, "train.py": numbered });
  expect(
    place.shell(`git init -q -b main && git add -A && git commit -q -m A && python3 train.py && ${INIT}`).code,
  ).toBe(0);
  expect(place.shell("cat reprise-audit/default.toml").out).toMatch(/^"output version_0\/out.txt" = /m);
  const { code, out } = audit(".");
  expect(code).toBe(0);
  expect(out.replace(/\s+/g, " ")).toMatch(
    /aside training 1 was outside beside files that no fresh clone has \(version_0\/out\.txt and \d more\)/,
  );
}, 60_000);
