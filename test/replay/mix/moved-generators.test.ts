import { expect, test } from "vitest";
import { guiltyOf } from "./recorded-pair.ts";

const named = (found: { readonly causes: readonly { kind: string; file: string | null; line: number | null }[] }) =>
  found.causes.map((cause) => `${cause.kind} ${cause.file}:${cause.line}`).sort();

const PLAIN = `import random
def make():
    return random.Random()
a = make()
b = random.Random()
print("loss=%.12f" % (a.random() + b.random()))
`;

test("under a declared seed an edit moves a generator to another stream: the generator is named, the edit is innocent", async () => {
  const found = await guiltyOf(
    "a moved generator, declared",
    { files: { "train.py": PLAIN.replace("a = make()", "a = make()\n") } },
    { files: { "train.py": PLAIN } },
  );
  expect(named(found)).toEqual(["unseeded-rng train.py:5"]);
  expect(found.causes[0]).toMatchObject({ certainty: "proved", alone: "independent" });
});

test("a guilty line among edits that move and rename generators is found alone where generators do not part the runs", async () => {
  const script = (head: string, factor: number): string =>
    `import random\n${head}rng = random.Random()\nx = sorted(rng.random() for _ in range(3))\nprint("loss=%.6f" % ${factor})\nopen("draws.txt", "w").write("3")\n`;
  const found = await guiltyOf(
    "generators that nothing comes of",
    { files: { "train.py": script("", 2) } },
    { files: { "train.py": script("# a note\n\n", 3) } },
  );
  expect(named(found)).toEqual(["code train.py:6"]);
});

test.each([
  ["a comment above it", PLAIN.replace("import random", "# training\nimport random"), ["3", "5"]],
  ["its function renamed", PLAIN.replaceAll("make", "build"), ["3", "5"]],
  ["a comment on its own line", PLAIN.replace("b = random.Random()", "b = random.Random()  # noise"), ["3", "5"]],
])("with fresh seeds the streams are guilty, not the edit: %s", async (title, edited) => {
  const found = await guiltyOf(
    title,
    { files: { "train.py": PLAIN }, seed: "fresh" },
    { files: { "train.py": edited }, seed: "fresh" },
  );
  expect(found.causes.map((cause) => cause.kind)).toEqual(["unseeded-rng", "unseeded-rng"]);
  expect(found.causes.every((cause) => cause.certainty === "proved")).toBe(true);
});

test("functions in another order and a renamed file keep their streams", async () => {
  const one = "def one():\n    return random.Random().random()\n\n";
  const two = "def two():\n    return 2 * random.Random().random()\n\n";
  const helper = (body: string): string => `import random\n\n${body}`;
  const script = (name: string): string => `import ${name}\nprint("loss=%.12f" % (${name}.one() + ${name}.two()))\n`;
  const found = await guiltyOf(
    "functions in another order",
    { files: { "helper.py": helper(one + two), "train.py": script("helper") }, seed: "fresh" },
    { files: { "helper.py": helper(two + one), "train.py": script("helper") }, seed: "fresh" },
  );
  expect(found.causes.map((cause) => cause.kind)).toEqual(["unseeded-rng", "unseeded-rng"]);
  const renamed = await guiltyOf(
    "a renamed file",
    { files: { "helper.py": helper(one + two), "train.py": script("helper") }, seed: "fresh" },
    { files: { "helper.py": null, "noise.py": helper(one + two), "train.py": script("noise") }, seed: "fresh" },
  );
  expect(renamed.causes.map((cause) => cause.kind)).toEqual(["unseeded-rng", "unseeded-rng"]);
});

test("a clock that is read on an edited line is the clock, not the edit", async () => {
  const script = (line: string): string => `import time\n${line}\nprint("loss=%.6f" % (t % 1000))\n`;
  const found = await guiltyOf(
    "a clock on an edited line",
    { files: { "train.py": script("t = time.time()") } },
    { files: { "train.py": script("\nt = time.time()  # now") } },
  );
  expect(found.causes).toMatchObject([{ kind: "wall-clock", file: "train.py", line: 3, certainty: "proved" }]);
});
