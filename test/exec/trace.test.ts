import { appendFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readTrace } from "#exec";
import { folder } from "./driver.ts";
import { main, traced } from "./traced.ts";

test("a program's lines are read with file, function and what changed", () => {
  const run = traced("def double(n):\n    return n * 2\n\nx = double(4)\ny = {'a': [x]}\n");
  const records = [...main(run)];
  const call = records.find((record) => record.kind === "call" && record.function.name === "double");
  expect(call).toMatchObject({
    function: { file: "main.py", name: "double", line: 1 },
    callerLine: 4,
    changes: [{ name: "n", value: "i:4", late: false }],
  });
  expect(records).toContainEqual(
    expect.objectContaining({ kind: "return", line: 2, changes: [{ name: "return", value: "i:8", late: false }] }),
  );
  expect(records.flatMap((record) => (record.kind === "line" && record.line === 4 ? record.changes : []))).toEqual([
    { name: ":x", value: "i:8", late: false },
  ]);
  expect(records.at(-1)).toEqual({ kind: "end" });
});

test("each process has a trace of its own, and threads have names", () => {
  const run = traced(
    "import os, threading\ndef work():\n    v = 1\none = threading.Thread(target=work, name='loader')\none.start()\none.join()\nif os.fork() == 0:\n    w = 2\n    os._exit(0)\nos.wait()\n",
  );
  expect([...run.traces.keys()].sort()).toEqual(["0", "0/fork0"]);
  const inThread = [...main(run)].filter((record) => "thread" in record && record.thread === "loader");
  expect(inThread.map(({ kind }) => kind)).toEqual(["call", "return"]);
});

test("a trace can be read again, and is not read further than asked", () => {
  const trace = main(traced("for n in range(2000):\n    x = n\n"));
  const first = [...trace].length;
  expect(first).toBeGreaterThan(4000);
  for (const _ of trace) break;
  expect([...trace].length).toBe(first);
});

test("a torn last line, strange lines and strange files are left out", () => {
  const run = traced("x = 1\n");
  const [name] = readdirSync(run.folder);
  const whole = [...main(run)];
  appendFileSync(join(run.folder, name ?? ""), 'Z\tfuture\n\nL\t1\t5\tx=i:1\nL\t1\t6\tx="to');
  writeFileSync(join(run.folder, "1-a.trace"), "no json\n");
  writeFileSync(join(run.folder, "1-b.trace"), '{"v":2,"proc":"1"}\n');
  writeFileSync(join(run.folder, "1-c.trace"), "");
  const again = readTrace(run.folder);
  expect([...again.keys()]).toEqual(["0"]);
  expect([...(again.get("0") ?? [])].slice(whole.length)).toEqual([
    { kind: "line", thread: "", activation: 1, line: 5, changes: [{ name: "x", value: "i:1", late: false }] },
  ]);
});

test("values with separators, late changes, operators and cuts are told apart", () => {
  const dir = folder();
  mkdirSync(join(dir, "trace"));
  const lines = [
    '{"v":1,"proc":"0"}',
    'F\t0\t"a\\tb.py"',
    'U\t0\t0\t7\t"f"',
    "C\t1\t0\t0\t0",
    'L\t1\t8\tx=s:"a=b~c"\tw~t:float32[2]:~12',
    "O\taten.mm.default\t0\t8\ta,b\tc",
    "O\taten.empty.default\t\t\t\tc\tfresh",
    'S\t"0:SGD"\t4',
    'X\t"enough"',
    "",
  ];
  writeFileSync(join(dir, "trace", "5-1.trace"), lines.join("\n"));
  expect([...(readTrace(join(dir, "trace")).get("0") ?? [])].slice(1)).toEqual([
    {
      kind: "line",
      thread: "",
      activation: 1,
      line: 8,
      changes: [
        { name: "x", value: 's:"a=b~c"', late: false },
        { name: "w", value: "t:float32[2]:~12", late: true },
      ],
    },
    {
      kind: "operator",
      thread: "",
      name: "aten.mm.default",
      file: "a\tb.py",
      line: 8,
      inputs: ["a", "b"],
      outputs: ["c"],
      fresh: false,
    },
    {
      kind: "operator",
      thread: "",
      name: "aten.empty.default",
      file: null,
      line: null,
      inputs: [],
      outputs: ["c"],
      fresh: true,
    },
    { kind: "step", of: "0:SGD", n: 4 },
    { kind: "cut", why: "enough" },
  ]);
});

test("without a folder there is no trace", () => {
  expect(readTrace(join(folder(), "none")).size).toBe(0);
});
