import { expect, test } from "vitest";
import { guiltyOf } from "./recorded-pair.ts";

/** A file of functions of which only some are about the result. */
function script(change: Readonly<Record<number, string>>): string {
  const parts = Array.from({ length: 13 }, (_, i) => {
    const body = change[i] ?? "x + 0";
    return `def step_${i}(x):\n    # step ${i} of the pipeline\n    return ${body}\n`;
  });
  const calls = parts.map((_, i) => `value = step_${i}(value)`).join("\n");
  return `${parts.join("\n\n")}\n\nvalue = 1.0\n${calls}\nprint("loss=%.6f" % value)\nopen("out.txt", "w").write(str(value))\n`;
}

const innocent = (skip: readonly number[]): Record<number, string> =>
  Object.fromEntries(
    Array.from({ length: 13 }, (_, i) => i).flatMap((i) => (skip.includes(i) ? [] : [[i, "(x) + 0"]])),
  );

test("one guilty hunk among twelve innocent ones is found and proved both ways", async () => {
  const found = await guiltyOf(
    "guilty hunk",
    { files: { "train.py": script({}) } },
    { files: { "train.py": script({ ...innocent([8]), 8: "x * 1.5" }) } },
  );
  expect(found.state).toBe("found");
  expect(found.causes).toHaveLength(1);
  expect(found.causes[0]).toMatchObject({ kind: "code", file: "train.py", certainty: "proved", alone: "independent" });
  expect(found.causes[0]?.a).toContain("x + 0");
  expect(found.causes[0]?.b).toContain("x * 1.5");
  expect(found.causes[0]?.line).toBe(8 * 5 + 3);
  expect(found.causes[0]?.proof.map((item) => [item.action, item.runs.length])).toEqual([
    ["mix", 5],
    ["transplant", 5],
  ]);
  expect(found.unresolved).toEqual([]);
  expect(found.searched).toBeLessThanOrEqual(3 * Math.log2(found.ingredients));
});

test("two hunks that only part the results together are an interaction", async () => {
  const both = (a: string, b: string): string =>
    `import math\n\nscale = ${a}\n\n\ndef train(x):\n    return x * 2\n\n\nshift = ${b}\nvalue = train(3.0)\nif scale > 1 and shift > 1:\n    value += 1\nprint("loss=%.6f" % value)\nopen("out.txt", "w").write(str(value))\n`;
  const found = await guiltyOf(
    "two interacting hunks",
    { files: { "train.py": both("1", "1") } },
    { files: { "train.py": both("2", "2").replace("import math", "import math  # kept") } },
  );
  // Taking back either is enough, but it takes both to bring the difference about.
  expect(found.causes.map((cause) => [cause.line, cause.certainty, cause.alone])).toEqual([
    [3, "proved", "interaction"],
    [10, "proved", "interaction"],
  ]);
  const other = await guiltyOf(
    "two interacting hunks, the other way",
    { files: { "train.py": both("2", "2") } },
    { files: { "train.py": both("1", "1").replace("import math", "import math  # kept") } },
  );
  expect(other.causes.map((cause) => [cause.line, cause.certainty, cause.alone])).toEqual([
    [3, "proved", "independent"],
    [10, "proved", "independent"],
  ]);
});

test("two independent causes are both found", async () => {
  const found = await guiltyOf(
    "two independent hunks",
    { files: { "train.py": script({}) } },
    { files: { "train.py": script({ ...innocent([3, 9]), 3: "x + 2", 9: "x * 3" }) } },
  );
  expect(found.causes.map((cause) => [cause.line, cause.alone, cause.certainty])).toEqual([
    [18, "independent", "proved"],
    [48, "independent", "proved"],
  ]);
});

test("hunks that break the program alone are not taken for guilty", async () => {
  const a = `def load():\n    return [1.0, 2.0]\n\n\ndata = load()\nfactor = 1.0\n# the sum\nprint("loss=%.6f" % (sum(data) * factor))\nopen("out.txt", "w").write(str(sum(data) * factor))\n`;
  const b = a
    .replace("def load", "def read_all")
    .replace("data = load()", "data = read_all()")
    .replace("factor = 1.0", "factor = 3.0");
  const found = await guiltyOf("a renamed function", { files: { "train.py": a } }, { files: { "train.py": b } });
  expect(found.causes.map((cause) => [cause.line, cause.certainty])).toEqual([[6, "proved"]]);
  expect(found.unresolved).toEqual([]);
});

test("a guilty hunk that needs another one is found, and the other stays unresolved", async () => {
  const a = `def scale():\n    return 1.0\n\n\nprint("start")\nvalue = scale() + 2\nprint("loss=%.6f" % value)\nopen("out.txt", "w").write(str(value))\n`;
  const b = a.replace("def scale", "def factor").replace("scale() + 2", "factor() + 5");
  const found = await guiltyOf(
    "a renamed function with a change",
    { files: { "train.py": a } },
    { files: { "train.py": b } },
  );
  expect(found.state).toBe("found");
  // Neither runs without the other: nothing is proved of one alone, but the first does no more than rename.
  expect(found.causes.map((cause) => [cause.line, cause.certainty])).toEqual([[6, "consistent"]]);
  expect(found.unresolved.map((item) => item.ingredient.line)).toEqual([1]);
});

test("an added module, a removed one and a binary file are taken whole", async () => {
  const found = await guiltyOf(
    "whole files",
    {
      files: {
        "train.py": "import part\nprint('loss=%.3f' % part.x)\n",
        "part.py": "from old import x\n",
        "old.py": "x = 1.0\n",
        "logo.py": "# a\n",
      },
    },
    { files: { "part.py": "from new import x\n", "new.py": "x = 2.0\n", "old.py": null, "logo.py": "# b\n" } },
  );
  expect(found.state).toBe("found");
  expect(found.causes).toMatchObject([{ kind: "code", name: "part.py", certainty: "proved" }]);
  // The modules that it imports must come with it; nobody knows whether they matter otherwise.
  expect(found.unresolved.map((item) => item.ingredient.name).sort()).toEqual(["new.py", "old.py"]);
});
