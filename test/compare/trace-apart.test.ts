import { expect, test } from "vitest";
import { firstLineApart, firstOperatorApart, type LineApart, linesApart } from "#compare";
import type { TraceRecord } from "#record";
import { main, traced } from "../exec/traced.ts";

interface Sides {
  readonly a: Iterable<TraceRecord>;
  readonly b: Iterable<TraceRecord>;
}

/** The same program twice; X is 1 in run A and 2 in run B. */
const twice = (program: string, more: Record<string, string> = {}): Sides => ({
  a: main(traced(`import os\nX = os.environ["X_"]\n${program}`, { X_: "same", ...more, WHICH: "1" })),
  b: main(traced(`import os\nX = os.environ["X_"]\n${program}`, { X_: "same", ...more, WHICH: "2" })),
});
const WHICH = 'int(os.environ["WHICH"])';
const apart = (program: string): LineApart | null => {
  const { a, b } = twice(program);
  return firstLineApart(a, b);
};

test("equal runs have no line apart", () => {
  const { a, b } = twice("import random\ndef f(n):\n    return [random.random() for _ in range(n)]\nx = f(3)\n");
  expect(linesApart(a, b)).toEqual({ root: null, healed: [], cut: null });
});

test("the line that brings a value in is named, not those that it goes through", () => {
  const found = apart(
    `def read():\n    value = ${WHICH}\n    return value\ndef train(v):\n    w = v * 2\n    return w\ny = train(read())\nz = y + 1\n`,
  );
  expect(found).toMatchObject({ kind: "value", file: "main.py", function: "read", line: 4, variable: "value" });
  expect([found?.a, found?.b, found?.healed]).toEqual(["i:1", "i:2", false]);
});

test("a value that is never bound is found where it is returned or passed", () => {
  expect(apart(`def read():\n    return ${WHICH}\nx = 5 + read()\n`)).toMatchObject({
    line: 4,
    variable: "return",
    function: "read",
  });
  expect(apart(`def take(v):\n    return v\nx = take(${WHICH})\n`)).toMatchObject({
    line: 5,
    function: "<module>",
    variable: "v",
  });
});

test("an unseeded generator is found at its first draw", () => {
  const program =
    "import random\nrows = [1, 2, 3]\ndef noise():\n    a = 3\n    return random.random() * a\nx = 1\nx = x + noise()\n";
  const run = (root: string): Iterable<TraceRecord> => main(traced(program, {}, root));
  expect(firstLineApart(run("one"), run("two"))).toMatchObject({
    kind: "rng",
    line: 5,
    function: "noise",
    variable: "return",
    variables: ["return", "rng.random"],
  });
});

test("what differs, is overwritten and leaves nothing behind is no root", () => {
  const program = (last: string): string =>
    `import random\ndef name():\n    stamp = ${WHICH}\n    return stamp\nt = name()\nrandom.seed(${WHICH})\nu = random.random()\nrandom.seed(0)\nt = u = 0\n${last}`;
  const { a, b } = twice(program("x = 1\n"));
  const healed = linesApart(a, b);
  expect([healed.root, healed.healed.map(({ line }) => line)]).toEqual([null, [5]]);
  expect(firstLineApart(a, b)).toMatchObject({ line: 5, healed: true });
  const later = apart(program(`x = 1\nw = ${WHICH}\nx = w\n`));
  expect(later).toMatchObject({ line: 13, variable: "w", healed: false });
});

test("another branch is control flow at the line that chose, unless a value differed before", () => {
  const branch = apart(
    `def f():\n    if ${WHICH} > 1:\n        x = 1\n    else:\n        x = 2\n    return x\ny = f()\n`,
  );
  expect(branch).toMatchObject({ kind: "control-flow", function: "f", line: 4, a: "main.py:7", b: "main.py:5" });
  const value = apart(`n = ${WHICH}\nif n > 1:\n    x = 1\nelse:\n    x = 2\n`);
  expect(value).toMatchObject({ kind: "value", line: 3, variable: "n" });
});

test("more turns of a loop part the runs at the loop", () => {
  const loop = (values: string): string => `total = 0\nfor n in ${values}:\n    total += 1\nlast = total\n`;
  expect(apart(loop(`range(3 * ${WHICH})`))).toMatchObject({ kind: "value", line: 4, variable: "n" });
  expect(apart(loop(`[7] * (3 * ${WHICH})`))).toMatchObject({
    kind: "control-flow",
    line: 4,
    a: "main.py:6 ↩",
    b: "main.py:5",
  });
});

test("runs that part and come together again equal are healed", () => {
  const program = `def prepare():\n    if ${WHICH} > 1:\n        made = []\n        for n in range(50):\n            made.append(n)\n    return 7\nx = prepare()\ny = x + 1\nfor n in range(10):\n    y += n\n`;
  const { a, b } = twice(program);
  expect(linesApart(a, b)).toMatchObject({ root: null, healed: [{ kind: "control-flow", line: 4 }] });
  expect(apart(`${program}z = ${WHICH}\n`)).toMatchObject({ kind: "value", line: 13, variable: "z" });
});

test("an exception in one run only is control flow at its line", () => {
  const found = apart(
    `def risky():\n    x = 1\n    if [10][${WHICH} - 1]:\n        return x\ntry:\n    risky()\nexcept IndexError:\n    pass\n`,
  );
  expect(found).toMatchObject({ line: 5, function: "risky" });
});

test("attributes, elements and closures are followed to the line that changed them", () => {
  expect(
    apart(
      `class Trainer:\n    def __init__(self):\n        self.lr = 1\n        self.log = []\n    def tune(self):\n        self.lr = ${WHICH}\n    def step(self):\n        self.tune()\n        self.log.append(self.lr)\nt = Trainer()\nt.step()\n`,
    ),
  ).toMatchObject({ line: 8, variable: "self.lr", healed: false });
  expect(
    apart(`rows = [[1, 2], [3, 4]]\ndef fill(r):\n    r[1][0] = ${WHICH}\nfill(rows)\nn = len(rows)\n`),
  ).toMatchObject({
    line: 5,
    variable: "r",
  });
  expect(
    apart(
      `def counter():\n    c = 0\n    def inc():\n        nonlocal c\n        c += ${WHICH}\n    inc()\n    return c\nk = counter()\n`,
    ),
  ).toMatchObject({ line: 7, variable: "c" });
});

test("the order of a set is found where the set is made", () => {
  const program = "names = ['a', 'b', 'c', 'd', 'e', 'f']\nseen = set(names)\nfirst = next(iter(seen))\n";
  const run = (seed: string): Iterable<TraceRecord> => main(traced(program, { PYTHONHASHSEED: seed }));
  expect(firstLineApart(run("1"), run("3"))).toMatchObject({ kind: "value", line: 2, variable: "seen" });
});

test("a difference in another thread is found there", () => {
  const found = apart(
    `import threading\nout = []\ndef work():\n    v = ${WHICH}\n    out.append(v)\none = threading.Thread(target=work, name="worker")\none.start()\none.join()\n`,
  );
  expect(found).toMatchObject({ thread: "worker", line: 6, variable: "v" });
});

test("a trace that was cut off shows no end of a program", () => {
  const program = "x = 0\nwhile x < 500:\n    x += 1\n";
  const [a, b] = [main(traced(program)), main(traced(program, { REPRISE_TRACE_MOST: "100" }))];
  const { root, healed, cut } = linesApart(a, b);
  expect([root, healed, cut]).toEqual([null, [], "100 records"]);
});

test("a line that is known to be harmless can be passed over", () => {
  const { a, b } = twice(`t = ${WHICH}\nx = 1\ny = ${WHICH}\nz = y\n`);
  expect(firstLineApart(a, b)).toMatchObject({ line: 3, variable: "t" });
  expect(linesApart(a, b, ({ line }) => line === 3).root).toMatchObject({ line: 5, variable: "y" });
});

const operator = (name: string, inputs: string[], outputs: string[], fresh = false): TraceRecord => ({
  kind: "operator",
  thread: "",
  name,
  file: "main.py",
  line: 3,
  inputs,
  outputs,
  fresh,
});

test("the operator apart is the first with equal inputs and unequal outputs", () => {
  const a = [operator("aten.t", ["1"], ["2"]), operator("aten.mm", ["2"], ["3"]), operator("aten.sum", ["3"], ["4"])];
  const b = [operator("aten.t", ["1"], ["2"]), operator("aten.mm", ["2"], ["x"]), operator("aten.sum", ["x"], ["y"])];
  expect(firstOperatorApart(a, a)).toBeNull();
  expect(firstOperatorApart(a, b)).toMatchObject({ operator: "aten.mm", line: 3, a: ["3"], b: ["x"], at: 1 });
  expect(firstOperatorApart([operator("aten.mm", ["1"], ["2"])], [operator("aten.mm", ["7"], ["3"])])).toBeNull();
});

test("an operator that drew from a generator in another state is named as one that drew", () => {
  const run = (state: string, out: string, more = "w"): TraceRecord[] => [
    operator("aten.relu.default", ["x"], ["w"]),
    operator("aten.native_dropout.default", [more, "p", `rng:${state}`], [out]),
  ];
  expect(firstOperatorApart(run("s", "y"), run("t", "z"))).toMatchObject({
    operator: "aten.native_dropout.default",
    drew: true,
  });
  expect(firstOperatorApart(run("s", "y"), run("s", "z"))).toMatchObject({ drew: false });
  expect(firstOperatorApart(run("s", "y", "w"), run("t", "z", "v"))).toBeNull();
  // What it fills was another memory, and is no input.
  const fills = (memory: string, state: string, out: string): TraceRecord[] => [
    operator("aten.uniform_.default", [memory, `rng:${state}`], [out]),
  ];
  expect(firstOperatorApart(fills("m", "s", "y"), fills("n", "t", "z"))).toMatchObject({ drew: true });
});

test("fresh memory is a finding only where something reads it", () => {
  const run = (text: string, out: string, reader: string): TraceRecord[] => [
    operator("aten.empty", ["n"], [text], true),
    operator(reader, [text], [out]),
  ];
  expect(firstOperatorApart(run("g1", "z", "aten.fill_.Scalar"), run("g2", "y", "aten.fill_.Scalar"))).toBeNull();
  expect(
    firstOperatorApart(run("g1", "p", "aten.uniform_.default"), run("g2", "q", "aten.uniform_.default")),
  ).toBeNull();
  expect(firstOperatorApart(run("g1", "p", "aten.sum"), run("g2", "q", "aten.sum"))).toMatchObject({
    operator: "aten.empty",
    uninitialised: true,
  });
});
